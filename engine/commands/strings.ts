/**
 * Strings: reading, changing in parts, several at once; with the rows of the whole family.
 * Source: t_string.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes, detach } from '../core/bytes.ts';
import { ErrorReply, OK, type Reply, WRONG_TYPE, error } from '../protocol/reply.ts';
import { FRAME_LENGTH_MAX } from '../protocol/requestDecoder.ts';
import { arityError, readLong, readString } from './arguments.ts';
import { ALL_KEYS, type Call, type CommandRow, type KeyRange, ONE_KEY } from './command.ts';
import { counterCommands } from './counters.ts';
import { lcs } from './lcs.ts';
import { stringSetCommands } from './stringSet.ts';

const TOO_LONG = error('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
const OFFSET_OUT_OF_RANGE = error('ERR offset is out of range');

const get = (call: Call, argv: readonly Bytes[]): Reply => {
  const value = readString(call, argv[1] as Bytes);
  return value === undefined ? null : value;
};

const mget = (call: Call, argv: readonly Bytes[]): Reply => {
  const out: Reply[] = [];
  for (let index = 1; index < argv.length; index++) {
    const value = readString(call, argv[index] as Bytes);
    out.push(typeof value === 'string' ? value : null);
  }
  return out;
};

const setPairs = (call: Call, argv: readonly Bytes[]): void => {
  for (let index = 1; index < argv.length; index += 2) {
    const key = argv[index] as Bytes;
    // For its deletion, should its time have come.
    call.db.lookupWrite(key);
    call.db.put(key, detach(argv[index + 1] as Bytes));
    call.db.notify('$', 'set', key);
  }
  call.changed((argv.length - 1) / 2);
};

const mset = (call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length % 2 === 0) return arityError('mset');
  setPairs(call, argv);
  return OK;
};

const msetnx = (call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length % 2 === 0) return arityError('msetnx');
  for (let index = 1; index < argv.length; index += 2) {
    if (call.db.lookupWrite(argv[index] as Bytes) !== undefined) return 0;
  }
  setPairs(call, argv);
  return 1;
};

const strlen = (call: Call, argv: readonly Bytes[]): Reply => {
  const value = readString(call, argv[1] as Bytes);
  if (value === undefined) return 0;
  return value instanceof ErrorReply ? value : value.length;
};

const append = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const tail = argv[2] as Bytes;
  const old = call.db.lookupWrite(key)?.value;
  if (old === undefined) {
    call.db.put(key, detach(tail));
    call.db.notify('$', 'append', key);
    call.changed(1);
    return tail.length;
  }
  if (typeof old !== 'string') return WRONG_TYPE;
  if (old.length + tail.length > FRAME_LENGTH_MAX) return TOO_LONG;
  const value = bytes(old + detach(tail));
  call.db.put(key, value, true).form = 'raw';
  call.db.notify('$', 'append', key);
  call.changed(1);
  return value.length;
};

const setrange = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const patch = argv[3] as Bytes;
  const offset = readLong(argv[2] as Bytes);
  if (offset instanceof ErrorReply) return offset;
  if (offset < 0) return OFFSET_OUT_OF_RANGE;
  const old = call.db.lookupWrite(key)?.value ?? EMPTY;
  if (typeof old !== 'string') return WRONG_TYPE;
  if (patch.length === 0) return old.length;
  if (offset + patch.length > FRAME_LENGTH_MAX) return TOO_LONG;
  const head = old.length >= offset ? old.slice(0, offset) : old.padEnd(offset, '\0');
  const value = detach(bytes(head + patch + old.slice(offset + patch.length)));
  call.db.put(key, value, true).form = 'raw';
  call.db.notify('$', 'setrange', key);
  call.changed(1);
  return value.length;
};

const getrange = (call: Call, argv: readonly Bytes[]): Reply => {
  const start = readLong(argv[2] as Bytes);
  if (start instanceof ErrorReply) return start;
  const end = readLong(argv[3] as Bytes);
  if (end instanceof ErrorReply) return end;
  const value = readString(call, argv[1] as Bytes);
  if (value === undefined) return EMPTY;
  if (value instanceof ErrorReply) return value;
  if (start < 0 && end < 0 && start > end) return EMPTY;
  const from = start < 0 ? Math.max(0, value.length + start) : start;
  const to = end < 0 ? Math.max(0, value.length + end) : Math.min(end, value.length - 1);
  return from > to ? EMPTY : bytes(value.slice(from, to + 1));
};

const PAIRS: KeyRange = { first: 1, last: -1, step: 2 };
const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;
const WRITE = ['write', 'denyoom'] as const;

export const stringCommands: readonly CommandRow[] = [
  ...stringSetCommands,
  ...counterCommands,
  { name: 'get', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '1.0.0', handler: get },
  { name: 'mget', arity: -2, flags: READ_FAST, keys: ALL_KEYS, since: '1.0.0', handler: mget },
  { name: 'mset', arity: -3, flags: WRITE, keys: PAIRS, since: '1.0.1', handler: mset },
  { name: 'msetnx', arity: -3, flags: WRITE, keys: PAIRS, since: '1.0.1', handler: msetnx },
  { name: 'strlen', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '2.2.0', handler: strlen },
  {
    name: 'append', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, since: '2.0.0', handler: append,
  },
  { name: 'setrange', arity: 4, flags: WRITE, keys: ONE_KEY, since: '2.2.0', handler: setrange },
  { name: 'getrange', arity: 4, flags: READ, keys: ONE_KEY, since: '2.4.0', handler: getrange },
  { name: 'substr', arity: 4, flags: READ, keys: ONE_KEY, since: '1.0.0', handler: getrange },
  { name: 'lcs', arity: -3, flags: READ, keys: TWO_KEYS, since: '7.0.0', handler: lcs },
];
