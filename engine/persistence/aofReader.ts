/**
 * Reads the commands of an append-only file, one after another, from a given offset.
 *
 * What always holds: `end` of an item is the offset behind its last byte, so a file cut there holds whole items only.
 * Numbers and line ends are taken as leniently as Redis takes them. Annotations are lines that begin with `#`.
 * Source: aof.c of Redis 7.0 (loadSingleAppendOnlyFile), for what it accepts.
 */
import { type Bytes, EMPTY, bytes, detach } from '../core/bytes.ts';
import type { RdbSource } from './rdbInput.ts';

export type AofItem =
  | { readonly kind: 'command'; readonly argv: readonly Bytes[]; readonly end: number }
  | { readonly kind: 'annotation'; readonly text: Bytes; readonly end: number }
  /** The end of the file, behind a whole item. */
  | { readonly kind: 'end' }
  /** The file ends inside an item. */
  | { readonly kind: 'short' }
  /** What stands at `offset` is no command. */
  | { readonly kind: 'bad'; readonly offset: number };

const BLOCK_BYTES = 65536;
/** A header line is not longer. */
const LINE_LENGTH_MAX = 1024;
const ARGUMENTS_MAX = 0x7fffffff;

const HASH = 35;
const STAR = 42;

/** Why a piece could not be had. */
type Missing = 'short' | 'bad';

export class AofReader {
  private readonly source: RdbSource;
  /** Bytes of the file from `base` on; what lies before `at` has been read. */
  private text: Bytes = EMPTY;
  private base: number;
  private at = 0;

  constructor(source: RdbSource, from: number) {
    this.source = source;
    this.base = from;
  }

  /** Offset of what comes next. */
  get offset(): number {
    return this.base + this.at;
  }

  next(): AofItem {
    const start = this.offset;
    if (!this.fill(1)) return { kind: 'end' };
    const first = this.text.charCodeAt(this.at);
    const line = this.line();
    if (isMissing(line)) {
      const mayGoOn = line === 'short' && (first === HASH || first === STAR);
      return mayGoOn ? { kind: 'short' } : { kind: 'bad', offset: start };
    }
    if (first === HASH) return { kind: 'annotation', text: detach(line), end: this.offset };
    const count = first === STAR ? leadingInteger(line) : null;
    if (count === null || count < 1 || count > ARGUMENTS_MAX) return { kind: 'bad', offset: start };
    const argv: Bytes[] = [];
    while (argv.length < count) {
      const argument = this.argument();
      if (argument === 'short') return { kind: 'short' };
      if (argument === 'bad') return { kind: 'bad', offset: start };
      argv.push(argument.value);
    }
    return { kind: 'command', argv, end: this.offset };
  }

  private argument(): { readonly value: Bytes } | Missing {
    if (!this.fill(1)) return 'short';
    if (this.text.charAt(this.at) !== '$') return 'bad';
    const line = this.line();
    if (isMissing(line)) return line;
    const length = leadingInteger(line);
    if (length === null || length < 0) return 'bad';
    // The two bytes behind it are passed over, whatever they are.
    if (this.offset + length + 2 > this.source.size) return 'short';
    this.fill(length + 2);
    const value = bytes(this.text.slice(this.at, this.at + length));
    this.at += length + 2;
    return { value };
  }

  /** The rest of the line, without its line feed. */
  private line(): Bytes | Missing {
    let end = this.text.indexOf('\n', this.at);
    if (end < 0) {
      const isWhole = !this.fill(LINE_LENGTH_MAX);
      end = this.text.indexOf('\n', this.at);
      if (end < 0) return isWhole ? 'short' : 'bad';
    }
    const line = bytes(this.text.slice(this.at, end));
    this.at = end + 1;
    return line;
  }

  /** Makes `count` bytes available; false when the file has fewer. */
  private fill(count: number): boolean {
    const missing = count - (this.text.length - this.at);
    if (missing <= 0) return true;
    const more = this.source.read(this.base + this.text.length, Math.max(missing, BLOCK_BYTES));
    this.text = bytes(this.text.slice(this.at) + more);
    this.base += this.at;
    this.at = 0;
    return this.text.length >= count;
  }
}

const isMissing = (line: Bytes | Missing): line is Missing => line === 'short' || line === 'bad';

/** What atoi makes of the text behind the type character; null where there is no digit. */
const leadingInteger = (line: Bytes): number | null => {
  const digits = /^\s*([+-]?[0-9]{1,15})/.exec(line.slice(1))?.[1];
  return digits === undefined ? null : Number(digits);
};
