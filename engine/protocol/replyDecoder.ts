/**
 * The client's side of the wire: RESP2 and RESP3 replies out of a byte stream, as `Reply` values. Clients of the virtual
 * world, sentinels and a replica's handshake read through it.
 *
 * What always holds: no byte is parsed twice, however the stream is cut; nesting and counts are bounded. What RESP2 and
 * RESP3 write differently for the same thing comes out alike where it can: `$-1` and `_` are null, blob errors are
 * `ErrorReply`, big numbers bigint. Attributes are read and dropped.
 * Source: the RESP3 specification.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ProtocolError } from '../core/errors.ts';
import { narrow, parseInt64, parseSafeInteger } from '../core/integers.ts';
import { InputBuffer, LINE_LENGTH_MAX } from './inputBuffer.ts';
import {
  BooleanReply, DoubleReply, ErrorReply, MapReply, NULL_ARRAY, OK, PushReply, type Reply, SetReply, Status,
  VerbatimReply,
} from './reply.ts';
import { FRAME_LENGTH_MAX } from './requestDecoder.ts';

const DEPTH_MAX = 64;
const ITEMS_MAX = 0x7fffffff;

/** An aggregate that is being filled. */
interface Open {
  readonly type: string;
  remaining: number;
  readonly items: Reply[];
}

const AGGREGATES = '*~>%|';
const BULKS = '$=!';

export class ReplyDecoder {
  /** A primary sends bare newlines while its replica waits for an answer; they mean "still here" and nothing else. */
  skipsNewlines = false;
  private readonly input = new InputBuffer();
  private open: Open[] = [];
  /** Type and length of the bulk whose content is awaited; length -1: none is. */
  private bulkType = '';
  private bulkLength = -1;
  private needed = 1;

  push(chunk: Bytes): void {
    this.input.push(chunk);
  }

  /** Bytes not parsed yet. */
  get buffered(): number {
    return this.input.length;
  }

  /** What was not parsed, for whoever reads the stream next (a snapshot after `+FULLRESYNC`). */
  takeRest(): Bytes {
    this.needed = 1;
    return this.input.takeRest();
  }

  /** The next whole reply; undefined when more input is needed. Throws `ProtocolError`. */
  next(): Reply | undefined {
    if (!this.input.ready(this.needed)) return undefined;
    for (;;) {
      let value = this.bulkLength >= 0 ? this.readBulk() : this.readHead();
      if (value === undefined) {
        this.input.release();
        return undefined;
      }
      // An aggregate was opened, or a bulk announced: its content comes next.
      if (value === CONTINUES) continue;
      for (;;) {
        const innermost = this.open[this.open.length - 1];
        if (innermost === undefined) {
          this.needed = 1;
          return value;
        }
        innermost.items.push(value);
        if (--innermost.remaining > 0) break;
        this.open.pop();
        const closed = closeAggregate(innermost);
        if (closed === CONTINUES) break;
        value = closed;
      }
    }
  }

  /** A line and what it means: a value, `CONTINUES`, or undefined when the line is not complete. */
  private readHead(): Reply | typeof CONTINUES | undefined {
    const input = this.input;
    if (this.skipsNewlines && this.open.length === 0) {
      while (input.text.charCodeAt(input.at) === 10) input.at++;
    }
    const end = input.text.indexOf('\r\n', input.at);
    if (end < 0) {
      // Status lines and errors may be long; counts and numbers may not.
      if (input.text.length - input.at > LINE_LENGTH_MAX * 16) throw new ProtocolError('Protocol error: too long line');
      this.needed = 0;
      return undefined;
    }
    const type = input.text.charAt(input.at);
    const line = input.text.slice(input.at + 1, end) as Bytes;
    input.at = end + 2;
    if (BULKS.includes(type)) return this.startBulk(type, line);
    if (AGGREGATES.includes(type)) return this.startAggregate(type, line);
    return scalar(type, line);
  }

  private startBulk(type: string, line: Bytes): Reply | typeof CONTINUES {
    const length = count(line, FRAME_LENGTH_MAX);
    if (length < 0) {
      if (type === '$') return null;
      throw new ProtocolError('Protocol error: invalid bulk length');
    }
    this.bulkType = type;
    this.bulkLength = length;
    return CONTINUES;
  }

  private readBulk(): Reply | undefined {
    const input = this.input;
    const end = input.at + this.bulkLength;
    if (end + 2 > input.text.length) {
      this.needed = this.bulkLength + 2;
      return undefined;
    }
    if (input.text.charCodeAt(end) !== 13 || input.text.charCodeAt(end + 1) !== 10) {
      throw new ProtocolError('Protocol error: bulk without its end');
    }
    const text = bytes(input.text.slice(input.at, end));
    input.at = end + 2;
    this.bulkLength = -1;
    if (this.bulkType === '$') return text;
    if (this.bulkType === '!') return new ErrorReply(text);
    if (text.length < 4 || text.charAt(3) !== ':') throw new ProtocolError('Protocol error: invalid verbatim string');
    return new VerbatimReply(text.slice(0, 3), bytes(text.slice(4)));
  }

  private startAggregate(type: string, line: Bytes): Reply | typeof CONTINUES {
    const length = count(line, ITEMS_MAX);
    if (length < 0) {
      if (type === '*') return NULL_ARRAY;
      throw new ProtocolError('Protocol error: invalid aggregate length');
    }
    const remaining = type === '%' || type === '|' ? length * 2 : length;
    const opened: Open = { type, remaining, items: [] };
    if (remaining === 0) return closeAggregate(opened);
    if (this.open.length >= DEPTH_MAX) throw new ProtocolError('Protocol error: replies nested too deep');
    this.open.push(opened);
    return CONTINUES;
  }
}

/** Not a value yet: more of the same reply follows. */
const CONTINUES: unique symbol = Symbol('continues');

/** A length line: -1 for the null forms. */
const count = (line: Bytes, max: number): number => {
  const value = parseSafeInteger(line);
  if (value === null || value < -1 || value > max) throw new ProtocolError('Protocol error: invalid length');
  return value;
};

const closeAggregate = (open: Open): Reply | typeof CONTINUES => {
  switch (open.type) {
    case '*': return open.items;
    case '~': return new SetReply(open.items);
    case '>': return new PushReply(open.items);
    // An attribute says something about the value behind it, and is not one itself.
    case '|': return CONTINUES;
    default: {
      const entries: [Reply, Reply][] = [];
      for (let index = 0; index < open.items.length; index += 2) {
        entries.push([open.items[index] as Reply, open.items[index + 1] as Reply]);
      }
      return new MapReply(entries);
    }
  }
};

const scalar = (type: string, line: Bytes): Reply => {
  switch (type) {
    case '+': return line === 'OK' ? OK : new Status(line);
    case '-': return new ErrorReply(line);
    case ':': return integer(line);
    case '_': return null;
    case ',': return new DoubleReply(double(line));
    case '(': return bigNumber(line);
    case '#':
      if (line === 't' || line === 'f') return new BooleanReply(line === 't');
      throw new ProtocolError('Protocol error: invalid boolean');
    default: throw new ProtocolError('Protocol error: unknown reply type');
  }
};

const integer = (line: Bytes): number | bigint => {
  const small = parseSafeInteger(line);
  if (small !== null) return small;
  const wide = parseInt64(line);
  if (wide === null) throw new ProtocolError('Protocol error: invalid integer');
  return narrow(wide);
};

const bigNumber = (line: Bytes): bigint => {
  if (!/^-?[0-9]+$/.test(line)) throw new ProtocolError('Protocol error: invalid big number');
  return BigInt(line);
};

const double = (line: Bytes): number => {
  if (line === 'inf') return Infinity;
  if (line === '-inf') return -Infinity;
  if (line === 'nan' || line === '-nan') return NaN;
  if (!/^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(line)) throw new ProtocolError('Protocol error: invalid double');
  return Number(line);
};
