/**
 * INCR and its kin: strings as numbers. Integers are exact over the whole 64-bit range; floats are added as Redis's
 * `long double` and propagated as the SET of their result, because a replica might round differently.
 * Source: t_string.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { INT64_MIN, narrow, parseInt64, parseSafeInteger } from '../core/integers.ts';
import type { Entry } from '../keyspace/database.ts';
import { ErrorReply, NOT_AN_INTEGER, NOT_A_FLOAT, type Reply, WRONG_TYPE, error } from '../protocol/reply.ts';
import { fitsInt64, readInt64 } from './arguments.ts';
import { type Call, type CommandRow, ONE_KEY } from './command.ts';
import { LONG_DOUBLE_ZERO, type LongDouble, addLongDouble, longDoubleText, parseLongDouble } from './longDouble.ts';

const OVERFLOW = error('ERR increment or decrement would overflow');
const DECREMENT_OVERFLOW = error('ERR decrement would overflow');
const NOT_FINITE = error('ERR increment would produce NaN or Infinity');

const ZERO = bytes('0');
const SET = bytes('SET');
const KEEPTTL = bytes('KEEPTTL');

/** Adds `by` (a safe integer, or any) to the integer at a key. */
const increment = (call: Call, key: Bytes, by: number | bigint): Reply => {
  const entry = call.db.lookupWrite(key);
  if (entry !== undefined && typeof entry.value !== 'string') return WRONG_TYPE;
  const old = entry === undefined ? ZERO : (entry.value as Bytes);
  const small = parseSafeInteger(old);
  if (small !== null && typeof by === 'number') {
    const sum = small + by;
    if (Number.isSafeInteger(sum)) return store(call, key, sum);
  }
  const wide = parseInt64(old);
  if (wide === null) return NOT_AN_INTEGER;
  const sum = wide + BigInt(by);
  return fitsInt64(sum) ? store(call, key, narrow(sum)) : OVERFLOW;
};

const store = (call: Call, key: Bytes, value: number | bigint): Reply => {
  call.db.put(key, bytes(String(value)), true);
  call.db.notify('$', 'incrby', key);
  call.changed(1);
  return value;
};

const incr = (call: Call, argv: readonly Bytes[]): Reply => increment(call, argv[1] as Bytes, 1);

const decr = (call: Call, argv: readonly Bytes[]): Reply => increment(call, argv[1] as Bytes, -1);

const incrby = (call: Call, argv: readonly Bytes[]): Reply => {
  const by = readInt64(argv[2] as Bytes);
  return by instanceof ErrorReply ? by : increment(call, argv[1] as Bytes, narrow(by));
};

const decrby = (call: Call, argv: readonly Bytes[]): Reply => {
  const by = readInt64(argv[2] as Bytes);
  if (by instanceof ErrorReply) return by;
  return by === INT64_MIN ? DECREMENT_OVERFLOW : increment(call, argv[1] as Bytes, narrow(-by));
};

/** The number at a key: zero when there is none. */
const readLongDouble = (entry: Entry | undefined): LongDouble | 'infinite' | ErrorReply => {
  if (entry === undefined) return LONG_DOUBLE_ZERO;
  if (typeof entry.value !== 'string') return WRONG_TYPE;
  return parseLongDouble(entry.value) ?? NOT_A_FLOAT;
};

const incrbyfloat = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const old = readLongDouble(call.db.lookupWrite(key));
  if (old instanceof ErrorReply) return old;
  const by = parseLongDouble(argv[2] as Bytes);
  if (by === null) return NOT_A_FLOAT;
  const sum = old === 'infinite' || by === 'infinite' ? null : addLongDouble(old, by);
  if (sum === null) return NOT_FINITE;
  const text = longDoubleText(sum);
  call.db.put(key, text, true).form = 'printed';
  call.db.notify('$', 'incrbyfloat', key);
  call.changed(1);
  call.propagate([SET, key, text, KEEPTTL]);
  return text;
};

const FAST = ['write', 'denyoom', 'fast'] as const;

export const counterCommands: readonly CommandRow[] = [
  { name: 'incr', arity: 2, flags: FAST, keys: ONE_KEY, since: '1.0.0', handler: incr },
  { name: 'decr', arity: 2, flags: FAST, keys: ONE_KEY, since: '1.0.0', handler: decr },
  { name: 'incrby', arity: 3, flags: FAST, keys: ONE_KEY, since: '1.0.0', handler: incrby },
  { name: 'decrby', arity: 3, flags: FAST, keys: ONE_KEY, since: '1.0.0', handler: decrby },
  { name: 'incrbyfloat', arity: 3, flags: FAST, keys: ONE_KEY, since: '2.6.0', handler: incrbyfloat },
];
