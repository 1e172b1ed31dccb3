/**
 * HINCRBY and HINCRBYFLOAT. The latter goes into the stream as the HSET of its result, because a replica might round
 * differently. Source: t_hash.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { narrow, parseInt64 } from '../core/integers.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ErrorReply, NOT_A_FLOAT, error } from '../protocol/reply.ts';
import { type Writable, fitsInt64, readInt64, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { LONG_DOUBLE_ZERO, addLongDouble, longDoubleText, parseLongDouble } from './longDouble.ts';

const OVERFLOW = error('ERR increment or decrement would overflow');
const NOT_AN_INTEGER_VALUE = error('ERR hash value is not an integer');
const NOT_A_FLOAT_VALUE = error('ERR hash value is not a float');
const NOT_FINITE = error('ERR increment would produce NaN or Infinity');
const INFINITE_INCREMENT = error('ERR value is NaN or Infinity');

const HSET = bytes('HSET');

const store = (
  call: Call, key: Bytes, target: Writable<HashValue> | undefined, field: Bytes, value: Bytes, event: string,
): void => {
  const hash = target === undefined ? new HashValue() : target.value;
  hash.set(field, value, call.keyspace.limits);
  if (target === undefined) call.db.put(key, hash);
  else call.db.changed(target.entry);
  call.db.notify('h', event, key);
  call.changed(1);
};

const hincrby: Handler = (call, argv) => {
  const by = readInt64(argv[3] as Bytes);
  if (by instanceof ErrorReply) return by;
  const target = writeKind(call, argv[1] as Bytes, HashValue);
  if (target instanceof ErrorReply) return target;
  const text = target?.value.get(argv[2] as Bytes);
  const old = text === undefined ? 0n : parseInt64(text);
  if (old === null) return NOT_AN_INTEGER_VALUE;
  const sum = old + by;
  if (!fitsInt64(sum)) return OVERFLOW;
  store(call, argv[1] as Bytes, target, argv[2] as Bytes, bytes(sum.toString()), 'hincrby');
  return narrow(sum);
};

const hincrbyfloat: Handler = (call, argv) => {
  const by = parseLongDouble(argv[3] as Bytes);
  if (by === null) return NOT_A_FLOAT;
  if (by === 'infinite') return INFINITE_INCREMENT;
  const target = writeKind(call, argv[1] as Bytes, HashValue);
  if (target instanceof ErrorReply) return target;
  const text = target?.value.get(argv[2] as Bytes);
  const old = text === undefined ? LONG_DOUBLE_ZERO : parseLongDouble(text);
  if (old === null) return NOT_A_FLOAT_VALUE;
  const sum = old === 'infinite' ? null : addLongDouble(old, by);
  if (sum === null) return NOT_FINITE;
  const value = longDoubleText(sum);
  store(call, argv[1] as Bytes, target, argv[2] as Bytes, value, 'hincrbyfloat');
  call.propagate([HSET, argv[1] as Bytes, argv[2] as Bytes, value]);
  return value;
};

const FAST = ['write', 'denyoom', 'fast'] as const;

export const hashCounterCommands: readonly CommandRow[] = [
  { name: 'hincrby', arity: 4, flags: FAST, keys: ONE_KEY, since: '2.0.0', handler: hincrby },
  { name: 'hincrbyfloat', arity: 4, flags: FAST, keys: ONE_KEY, since: '2.6.0', handler: hincrbyfloat },
];
