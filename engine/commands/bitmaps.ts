/**
 * Strings as bits: SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP. Source: bitops.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, WRONG_TYPE, error } from '../protocol/reply.ts';
import { isWord, readLong } from './arguments.ts';
import { bitsSet, packed, readBitOffset, readBits, unpacked } from './bitArguments.ts';
import { bitfieldCommands } from './bitfield.ts';
import { type Call, type CommandRow, type KeyRange, ONE_KEY } from './command.ts';

const BAD_BIT = error('ERR bit is not an integer or out of range');
const NOT_BIT = error('ERR The bit argument must be 1 or 0.');
const NOT_TAKES_ONE = error('ERR BITOP NOT must be called with a single source key.');

/** Behind the end of every string there are zeros, as far as redis-server's strings can reach. */
const STRING_BYTES_MAX = 536_870_912;

const bitAt = (text: Bytes, offset: number): 0 | 1 => {
  const at = Math.floor(offset / 8);
  return at < text.length && ((text.charCodeAt(at) >> (7 - (offset % 8))) & 1) === 1 ? 1 : 0;
};

const setbit = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const offset = readBitOffset(argv[2] as Bytes);
  if (offset instanceof ErrorReply) return offset;
  const bit = argv[3] as Bytes;
  if (bit !== '0' && bit !== '1') return BAD_BIT;
  const entry = call.db.lookupWrite(key);
  const old = entry?.value ?? EMPTY;
  if (typeof old !== 'string') return WRONG_TYPE;
  const before = bitAt(old, offset);
  const at = Math.floor(offset / 8);
  if (entry !== undefined && at < old.length && String(before) === bit) {
    // Nothing changes but how it is kept.
    entry.form = 'raw';
    return before;
  }
  const mask = 1 << (7 - (offset % 8));
  const padded = old.padEnd(at + 1, '\0');
  const byte = padded.charCodeAt(at);
  const changed = String.fromCharCode(bit === '1' ? byte | mask : byte & ~mask);
  call.db.put(key, bytes([padded.slice(0, at), changed, padded.slice(at + 1)].join('')), true).form = 'raw';
  call.db.notify('$', 'setbit', key);
  call.changed(1);
  return before;
};

const getbit = (call: Call, argv: readonly Bytes[]): Reply => {
  const offset = readBitOffset(argv[2] as Bytes, null, STRING_BYTES_MAX);
  if (offset instanceof ErrorReply) return offset;
  const text = readBits(call, argv[1] as Bytes);
  return text instanceof ErrorReply ? text : bitAt(text, offset);
};

/** A range of bits, the last one included; null for an empty one. */
interface BitRange {
  readonly first: number;
  readonly last: number;
}

/**
 * `start [end [BYTE|BIT]]` from `from` on, over `length` bytes. An end that is not given is that of the string. `isStrict`: two
 * negative ends in the wrong order are an empty range, even where both lie before the string; and the unit is read last.
 */
const readRange = (argv: readonly Bytes[], from: number, length: number, isStrict: boolean): BitRange | null | ErrorReply => {
  const start = readLong(argv[from] as Bytes);
  if (start instanceof ErrorReply) return start;
  const unit = argv[from + 2];
  const inBits = unit !== undefined && isWord(unit, 'bit');
  const isBadUnit = unit !== undefined && !inBits && !isWord(unit, 'byte');
  if (isBadUnit && !isStrict) return SYNTAX_ERROR;
  const end = argv[from + 1] === undefined ? -1 : readLong(argv[from + 1] as Bytes);
  if (end instanceof ErrorReply) return end;
  if (isStrict && start < 0 && end < 0 && start > end) return null;
  if (isBadUnit) return SYNTAX_ERROR;
  const size = inBits ? length * 8 : length;
  const first = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(Math.max(0, end < 0 ? size + end : end), size - 1);
  if (first > last) return null;
  return inBits ? { first, last } : { first: first * 8, last: last * 8 + 7 };
};

const bitcount = (call: Call, argv: readonly Bytes[]): Reply => {
  const text = call.db.lookupRead(argv[1] as Bytes)?.value;
  // Where there is nothing to count it does not matter what the range says.
  if (text === undefined) return 0;
  if (typeof text !== 'string') return WRONG_TYPE;
  if (argv.length === 3 || argv.length > 5) return SYNTAX_ERROR;
  const range = argv.length === 2 ? { first: 0, last: text.length * 8 - 1 } : readRange(argv, 2, text.length, true);
  if (range instanceof ErrorReply) return range;
  return range === null ? 0 : countBits(text, range);
};

const countBits = (text: Bytes, { first, last }: BitRange): number => {
  let count = 0;
  for (let at = Math.floor(first / 8); at * 8 <= last; at++) {
    let byte = text.charCodeAt(at);
    if (at * 8 < first) byte &= 0xff >> (first - at * 8);
    if (at * 8 + 7 > last) byte &= 0xff << (at * 8 + 7 - last);
    count += bitsSet(byte & 0xff);
  }
  return count;
};

const bitpos = (call: Call, argv: readonly Bytes[]): Reply => {
  const bit = readLong(argv[2] as Bytes);
  if (bit instanceof ErrorReply) return bit;
  if (bit !== 0 && bit !== 1) return NOT_BIT;
  if (argv.length > 6) return SYNTAX_ERROR;
  const entry = call.db.lookupRead(argv[1] as Bytes);
  if (entry === undefined) return bit === 1 ? -1 : 0;
  if (typeof entry.value !== 'string') return WRONG_TYPE;
  const text = entry.value;
  const range = argv.length === 3 ? { first: 0, last: text.length * 8 - 1 } : readRange(argv, 3, text.length, false);
  if (range instanceof ErrorReply) return range;
  if (range === null || range.first > range.last) return -1;
  const found = firstBit(text, range, bit === 1);
  if (found >= 0) return found;
  // Behind the end of a string there are zeros, unless an end was given.
  return bit === 0 && argv.length < 5 ? text.length * 8 : -1;
};

const firstBit = (text: Bytes, { first, last }: BitRange, isSet: boolean): number => {
  const skipped = isSet ? 0 : 0xff;
  for (let offset = first; offset <= last;) {
    if (offset % 8 === 0 && text.charCodeAt(offset / 8) === skipped) offset += 8;
    else if ((bitAt(text, offset) === 1) === isSet) return offset;
    else offset++;
  }
  return -1;
};

type BitOperation = (left: number, right: number) => number;

const OPERATIONS: Readonly<Record<string, BitOperation>> = {
  and: (left, right) => left & right, or: (left, right) => left | right, xor: (left, right) => left ^ right,
  not: (left) => ~left & 0xff,
};

const bitop = (call: Call, argv: readonly Bytes[]): Reply => {
  const name = lower(argv[1] as Bytes) as string;
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] as BitOperation : null;
  if (operation === null) return SYNTAX_ERROR;
  if (name === 'not' && argv.length !== 4) return NOT_TAKES_ONE;
  const target = argv[2] as Bytes;
  const sources: Bytes[] = [];
  for (const key of argv.slice(3)) {
    const text = readBits(call, key);
    if (text instanceof ErrorReply) return text;
    sources.push(text);
  }
  const length = Math.max(...sources.map((text) => text.length));
  call.cost(Math.ceil(length / 1024));
  if (length === 0) {
    if (call.db.lookupWrite(target) !== undefined) {
      call.db.remove(target);
      call.db.notify('g', 'del', target);
      call.changed(1);
    }
    return 0;
  }
  const out = unpacked(sources[0] as Bytes, length);
  if (name === 'not') for (let at = 0; at < length; at++) out[at] = operation(out[at] as number, 0);
  for (const text of sources.slice(1)) {
    for (let at = 0; at < length; at++) {
      out[at] = operation(out[at] as number, at < text.length ? text.charCodeAt(at) : 0);
    }
  }
  call.db.put(target, packed(out)).form = 'raw';
  call.db.notify('$', 'set', target);
  call.changed(1);
  return length;
};

const SOURCES: KeyRange = { first: 2, last: -1, step: 1 };
const WRITE = ['write', 'denyoom'] as const;

export const bitmapCommands: readonly CommandRow[] = [
  { name: 'setbit', arity: 4, flags: WRITE, keys: ONE_KEY, since: '2.2.0', handler: setbit },
  { name: 'getbit', arity: 3, flags: ['readonly', 'fast'], keys: ONE_KEY, since: '2.2.0', handler: getbit },
  { name: 'bitcount', arity: -2, flags: ['readonly'], keys: ONE_KEY, since: '2.6.0', handler: bitcount },
  { name: 'bitpos', arity: -3, flags: ['readonly'], keys: ONE_KEY, since: '2.8.7', handler: bitpos },
  { name: 'bitop', arity: -4, flags: WRITE, keys: SOURCES, since: '2.6.0', handler: bitop },
  ...bitfieldCommands,
];
