/**
 * The server's side of the wire: requests out of a byte stream, multibulk or inline, whatever way it is cut into chunks.
 *
 * What always holds: a byte belongs to exactly one of a returned command, `skippedTotal` and `buffered`, so a replica can
 * count and pass on precisely what it applied. Nothing is searched or copied twice: a frame that is not complete keeps its
 * parsed part aside and waits until what it needs is there.
 * Source: processInputBuffer, processInlineBuffer and processMultibulkBuffer in networking.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ProtocolError } from '../core/errors.ts';
import { parseInt64 } from '../core/integers.ts';
import { InputBuffer, LINE_LENGTH_MAX } from './inputBuffer.ts';
import { splitArguments } from './splitArguments.ts';

/**
 * Longest bulk and longest frame: 511 MiB, a little below `proto-max-bulk-len` (512 MiB), because the shortest string
 * limit among JavaScript engines is 2^29 - 24 and the frame around a value has to fit too.
 */
export const FRAME_LENGTH_MAX: number = 511 * 1024 * 1024;

const ARGUMENTS_MAX = 0x7fffffff;
const UNAUTHENTICATED_ARGUMENTS_MAX = 10;
const UNAUTHENTICATED_BULK_LENGTH_MAX = 16384;
/** A frame that announces more arguments than this has its array grown as they come. */
const PREPARED_ARGUMENTS_MAX = 64;

/** The digits of a count are exact below this many. */
const COUNT_DIGITS_MAX = 9;

const CR = 13;
const STAR = 42;
const DOLLAR = 36;

/** What `readCount` returns when the line is not complete. */
const INCOMPLETE = -2;
/** What `readCount` returns for any negative count. */
const NEGATIVE = -1;
/** What `readCount` returns when the line is not an integer. */
const INVALID = -3;

export class RequestDecoder {
  /** While false, Redis's small limits for strangers apply. */
  isAuthenticated = true;
  /** The primary's stream: bulks may have any length, and inline commands mean that the stream is out of step. */
  isPrimaryStream = false;
  /** `proto-max-bulk-len`. */
  bulkLengthMax: number = FRAME_LENGTH_MAX;
  /** Bytes of empty lines and empty requests passed over since the decoder was made. */
  skippedTotal = 0;

  private readonly input = new InputBuffer();
  /** The frame being decoded; `filled` of its arguments are there. Null between frames. */
  private argv: Bytes[] | null = null;
  private argumentCount = 0;
  private filled = 0;
  /** Length of the bulk that is awaited, or -1: its header is. */
  private bulkLength = -1;
  /** What the input must bring before parsing goes on: see `InputBuffer.ready`. */
  private needed = 1;
  /** The parts of the present frame (or the last returned one) that left the input, and where the rest of it lies. */
  private parts: Bytes[] = [];
  private partsLength = 0;
  private frameStart = 0;
  private frameEnd = 0;

  push(chunk: Bytes): void {
    // The last frame's text is about to be let go.
    if (this.argv === null && this.input.length === 0) this.forgetFrame();
    this.input.push(chunk);
  }

  /** Bytes that belong to no returned command: what is not parsed yet, and the parsed part of an incomplete frame. */
  get buffered(): number {
    return this.input.length + (this.argv === null ? 0 : this.partsLength);
  }

  /** Bytes that nobody has looked at yet. */
  get unparsed(): number {
    return this.input.length;
  }

  /** Length on the wire of the last returned command. */
  get frameLength(): number {
    return this.partsLength + this.frameEnd - this.frameStart;
  }

  /** The last returned command as it stood on the wire. Valid until the next `push` or `next`. */
  takeFrame(): Bytes {
    const last = this.input.text.slice(this.frameStart, this.frameEnd);
    return bytes(this.parts.length === 0 ? last : this.parts.join('') + last);
  }

  /**
   * The next command, never empty; null when more input is needed. Throws `ProtocolError`, after which the connection
   * is to be closed.
   */
  next(): readonly Bytes[] | null {
    const input = this.input;
    if (this.argv === null) this.forgetFrame();
    if (!input.ready(this.needed)) return null;
    this.frameStart = input.at;
    for (;;) {
      if (this.argv === null) {
        if (input.at >= input.text.length) {
          this.needed = 1;
          input.release();
          return null;
        }
        if (input.text.charCodeAt(input.at) !== STAR) {
          const command = this.readInline();
          if (command === null) return null;
          if (command.length > 0) return command;
          continue;
        }
        if (!this.startFrame()) return null;
        if (this.argv === null) continue;
      }
      return this.readArguments(this.argv as Bytes[]) ? this.finishFrame() : null;
    }
  }

  private forgetFrame(): void {
    if (this.partsLength > 0) this.parts = [];
    this.partsLength = 0;
    this.frameStart = this.input.at;
    this.frameEnd = this.input.at;
  }

  /** Reads `*<count>`. False: more is needed. An empty request is skipped and leaves `argv` null. */
  private startFrame(): boolean {
    const input = this.input;
    const start = input.at;
    const count = this.readCount('mbulk', ARGUMENTS_MAX);
    if (count === INCOMPLETE) return false;
    if (count === INVALID) throw new ProtocolError('Protocol error: invalid multibulk length');
    if (count > UNAUTHENTICATED_ARGUMENTS_MAX && !this.isAuthenticated) {
      throw new ProtocolError('Protocol error: unauthenticated multibulk length');
    }
    if (count <= 0) {
      this.skippedTotal += input.at - start;
      return true;
    }
    this.frameStart = start;
    this.argv = count <= PREPARED_ARGUMENTS_MAX ? new Array<Bytes>(count) : [];
    this.argumentCount = count;
    this.filled = 0;
    this.bulkLength = -1;
    return true;
  }

  /** Fills `argv` as far as the input goes. True when it is complete. */
  private readArguments(argv: Bytes[]): boolean {
    const input = this.input;
    const text = input.text;
    const textLength = text.length;
    const count = this.argumentCount;
    let filled = this.filled;
    while (filled < count) {
      let length = this.bulkLength;
      if (length < 0) {
        length = this.readBulkLength();
        if (length < 0) return this.suspend(filled, -1, this.needed);
      }
      const start = input.at;
      const end = start + length;
      if (end + 2 > textLength) return this.suspend(filled, length, length + 2);
      argv[filled++] = text.slice(start, end) as Bytes;
      input.at = end + 2;
      this.bulkLength = -1;
    }
    return true;
  }

  /** Sets the parsed part of the frame aside. Always false. */
  private suspend(filled: number, bulkLength: number, needed: number): boolean {
    const input = this.input;
    this.filled = filled;
    this.bulkLength = bulkLength;
    this.needed = needed;
    if (input.at > this.frameStart) {
      this.parts.push(input.text.slice(this.frameStart, input.at) as Bytes);
      this.partsLength += input.at - this.frameStart;
      this.frameStart = input.at;
    }
    input.release();
    return false;
  }

  private finishFrame(): readonly Bytes[] {
    const argv = this.argv as Bytes[];
    this.argv = null;
    this.needed = 1;
    this.frameEnd = this.input.at;
    return argv;
  }

  /** Reads `$<length>`; negative: more is needed, and `needed` says what. */
  private readBulkLength(): number {
    const input = this.input;
    const first = input.text.charCodeAt(input.at);
    const start = input.at;
    const length = this.readCount('bulk', Number.MAX_SAFE_INTEGER, first === DOLLAR);
    if (length === INCOMPLETE) return INCOMPLETE;
    const max = this.isPrimaryStream ? FRAME_LENGTH_MAX : Math.min(this.bulkLengthMax, FRAME_LENGTH_MAX);
    if (length < 0 || length > max || this.partsLength + start - this.frameStart + length > FRAME_LENGTH_MAX) {
      throw new ProtocolError('Protocol error: invalid bulk length');
    }
    if (length > UNAUTHENTICATED_BULK_LENGTH_MAX && !this.isAuthenticated) {
      throw new ProtocolError('Protocol error: unauthenticated bulk length');
    }
    return length;
  }

  /**
   * Reads a type character and an integer up to CR and one more byte, and consumes them. `INCOMPLETE` sets `needed`.
   * The type of a bulk is judged only once its line is complete, as Redis does.
   */
  private readCount(what: 'mbulk' | 'bulk', max: number, isTyped = true): number {
    const input = this.input;
    const text = input.text;
    const start = input.at + 1;
    let value = 0;
    let index = start;
    for (; index < start + COUNT_DIGITS_MAX; index++) {
      const digit = text.charCodeAt(index) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    // The plain case: some digits without a leading zero, then CR and a byte.
    if (isTyped && text.charCodeAt(index) === CR && index > start && index + 1 < text.length
      && (index === start + 1 || text.charCodeAt(start) !== 48)) {
      input.at = index + 2;
      return value <= max ? value : INVALID;
    }
    return this.readOddCount(what, max, isTyped);
  }

  private readOddCount(what: 'mbulk' | 'bulk', max: number, isTyped: boolean): number {
    const input = this.input;
    const end = input.text.indexOf('\r', input.at);
    if (end < 0 || end + 1 >= input.text.length) {
      if (end < 0 && input.text.length - input.at > LINE_LENGTH_MAX) {
        throw new ProtocolError(`Protocol error: too big ${what} count string`);
      }
      this.needed = 0;
      return INCOMPLETE;
    }
    if (!isTyped) throw new ProtocolError(`Protocol error: expected '$', got '${input.text.charAt(input.at)}'`);
    const value = parseInt64(input.text.slice(input.at + 1, end) as Bytes);
    input.at = end + 2;
    if (value === null || value > BigInt(max)) return INVALID;
    return value < 0n ? NEGATIVE : Number(value);
  }

  /** An inline request: its arguments, none for an empty line (which is skipped), null when its end is missing. */
  private readInline(): readonly Bytes[] | null {
    const input = this.input;
    const start = input.at;
    const end = input.text.indexOf('\n', start);
    if (end < 0) {
      if (input.text.length - start > LINE_LENGTH_MAX) throw new ProtocolError('Protocol error: too big inline request');
      this.needed = 0;
      return null;
    }
    const lineEnd = end > start && input.text.charCodeAt(end - 1) === CR ? end - 1 : end;
    const argv = splitArguments(input.text.slice(start, lineEnd) as Bytes);
    if (argv === null) throw new ProtocolError('Protocol error: unbalanced quotes in request');
    if (lineEnd > start && this.isPrimaryStream) throw new ProtocolError('Master using the inline protocol. Desync?');
    input.at = end + 1;
    if (argv.length === 0) {
      this.skippedTotal += input.at - start;
      return argv;
    }
    this.needed = 1;
    this.frameStart = start;
    this.frameEnd = input.at;
    return argv;
  }
}
