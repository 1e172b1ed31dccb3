/**
 * Lists: ends, places, parts; with the rows of the whole family. Moving between lists and waiting for one have files of
 * their own. Source: t_list.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { ErrorReply, NO_SUCH_KEY, NULL_ARRAY, OK, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import {
  arityError, finishChange, isWord, readKind, readLong, readPositive, readSignedCount, writeKind,
} from './arguments.ts';
import { type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { listBlockingCommands } from './listBlocking.ts';
import { type Side, popSome, pushTo } from './listEnds.ts';
import { listMoveCommands } from './listMove.ts';
import { lpos } from './lpos.ts';

const INDEX_OUT_OF_RANGE = error('ERR index out of range');

const pushAs = (side: Side, onlyIfThere: boolean): Handler => (call, argv) => {
  const key = argv[1] as Bytes;
  const target = writeKind(call, key, ListValue);
  if (target instanceof ErrorReply) return target;
  if (target === undefined && onlyIfThere) return 0;
  const list = target === undefined ? new ListValue() : target.value;
  for (let index = 2; index < argv.length; index++) pushTo(list, side, argv[index] as Bytes);
  if (target === undefined) call.db.put(key, list);
  else call.db.changed(target.entry);
  call.db.notify('l', side === 'left' ? 'lpush' : 'rpush', key);
  call.changed(argv.length - 2);
  return list.size;
};

const popAs = (side: Side): Handler => (call, argv): Reply => {
  if (argv.length > 3) return arityError(side === 'left' ? 'lpop' : 'rpop');
  const hasCount = argv.length === 3;
  const count = hasCount ? readPositive(argv[2] as Bytes) : 1;
  if (count instanceof ErrorReply) return count;
  const target = writeKind(call, argv[1] as Bytes, ListValue);
  if (target === undefined) return hasCount ? NULL_ARRAY : null;
  if (target instanceof ErrorReply) return target;
  if (count === 0) return [];
  const elements = popSome(call, target, side, count);
  return hasCount ? elements : elements[0] as Bytes;
};

const llen: Handler = (call, argv) => {
  const list = readKind(call, argv[1] as Bytes, ListValue);
  if (list === undefined) return 0;
  return list instanceof ErrorReply ? list : list.size;
};

const lindex: Handler = (call, argv) => {
  const list = readKind(call, argv[1] as Bytes, ListValue);
  if (list === undefined) return null;
  if (list instanceof ErrorReply) return list;
  const given = readLong(argv[2] as Bytes);
  if (given instanceof ErrorReply) return given;
  const index = given < 0 ? list.size + given : given;
  return index >= 0 && index < list.size ? list.at(index) : null;
};

const lset: Handler = (call, argv) => {
  const target = writeKind(call, argv[1] as Bytes, ListValue);
  if (target === undefined) return NO_SUCH_KEY;
  if (target instanceof ErrorReply) return target;
  const given = readLong(argv[2] as Bytes);
  if (given instanceof ErrorReply) return given;
  const list = target.value;
  const index = given < 0 ? list.size + given : given;
  if (index < 0 || index >= list.size) return INDEX_OUT_OF_RANGE;
  list.replace(index, argv[3] as Bytes);
  call.db.changed(target.entry);
  call.db.notify('l', 'lset', target.entry.key);
  call.changed(1);
  return OK;
};

const linsert: Handler = (call, argv) => {
  const isAfter = isWord(argv[2], 'after');
  if (!isAfter && !isWord(argv[2], 'before')) return SYNTAX_ERROR;
  const target = writeKind(call, argv[1] as Bytes, ListValue);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  const list = target.value;
  let start = 0;
  for (const part of list.parts()) {
    const place = part.indexOf(argv[3] as Bytes);
    if (place < 0) {
      start += part.length;
      continue;
    }
    list.insert(start + place + (isAfter ? 1 : 0), argv[4] as Bytes);
    call.db.changed(target.entry);
    call.db.notify('l', 'linsert', target.entry.key);
    call.cost(start + place);
    call.changed(1);
    return list.size;
  }
  return -1;
};

/** First and last place that LRANGE and LTRIM mean, cut to the list; empty when first > last. */
const rangeOf = (list: Readonly<ListValue>, start: number, end: number): { readonly from: number; readonly to: number } => ({
  from: Math.max(0, start < 0 ? list.size + start : start),
  to: Math.min(list.size - 1, end < 0 ? list.size + end : end),
});

const lrange: Handler = (call, argv) => {
  const start = readLong(argv[2] as Bytes);
  if (start instanceof ErrorReply) return start;
  const end = readLong(argv[3] as Bytes);
  if (end instanceof ErrorReply) return end;
  const list = readKind(call, argv[1] as Bytes, ListValue);
  if (list === undefined) return [];
  if (list instanceof ErrorReply) return list;
  const { from, to } = rangeOf(list, start, end);
  if (from > to) return [];
  call.cost(to - from + 1);
  return list.slice(from, to + 1);
};

const ltrim: Handler = (call, argv) => {
  const start = readLong(argv[2] as Bytes);
  if (start instanceof ErrorReply) return start;
  const end = readLong(argv[3] as Bytes);
  if (end instanceof ErrorReply) return end;
  const target = writeKind(call, argv[1] as Bytes, ListValue);
  if (target === undefined) return OK;
  if (target instanceof ErrorReply) return target;
  const list = target.value;
  const { from, to } = rangeOf(list, start, end);
  const fromRight = from > to ? list.size : list.size - 1 - to;
  const fromLeft = from > to ? 0 : from;
  for (let count = 0; count < fromRight; count++) list.popRight();
  for (let count = 0; count < fromLeft; count++) list.popLeft();
  if (fromLeft + fromRight > 0) finishChange(call, target, 'l', 'ltrim');
  else call.db.notify('l', 'ltrim', target.entry.key);
  call.cost(fromLeft + fromRight);
  call.changed(fromLeft + fromRight);
  return OK;
};

const lrem: Handler = (call, argv) => {
  const count = readSignedCount(argv[2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const target = writeKind(call, argv[1] as Bytes, ListValue);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  call.cost(target.value.size);
  const removed = target.value.remove(argv[3] as Bytes, count === 0 ? Infinity : Math.abs(count), count < 0);
  if (removed === 0) return 0;
  finishChange(call, target, 'l', 'lrem');
  call.changed(removed);
  return removed;
};

const WRITE = ['write'] as const;
const WRITE_FAST = ['write', 'fast'] as const;
const GROW = ['write', 'denyoom'] as const;
const GROW_FAST = ['write', 'denyoom', 'fast'] as const;
const READ = ['readonly'] as const;

export const listCommands: readonly CommandRow[] = [
  { name: 'lpush', arity: -3, flags: GROW_FAST, keys: ONE_KEY, since: '1.0.0', handler: pushAs('left', false) },
  { name: 'rpush', arity: -3, flags: GROW_FAST, keys: ONE_KEY, since: '1.0.0', handler: pushAs('right', false) },
  { name: 'lpushx', arity: -3, flags: GROW_FAST, keys: ONE_KEY, since: '2.2.0', handler: pushAs('left', true) },
  { name: 'rpushx', arity: -3, flags: GROW_FAST, keys: ONE_KEY, since: '2.2.0', handler: pushAs('right', true) },
  { name: 'lpop', arity: -2, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: popAs('left') },
  { name: 'rpop', arity: -2, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: popAs('right') },
  { name: 'llen', arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, since: '1.0.0', handler: llen },
  { name: 'lindex', arity: 3, flags: READ, keys: ONE_KEY, since: '1.0.0', handler: lindex },
  { name: 'lset', arity: 4, flags: GROW, keys: ONE_KEY, since: '1.0.0', handler: lset },
  { name: 'linsert', arity: 5, flags: GROW, keys: ONE_KEY, since: '2.2.0', handler: linsert },
  { name: 'lrange', arity: 4, flags: READ, keys: ONE_KEY, since: '1.0.0', handler: lrange },
  { name: 'ltrim', arity: 4, flags: WRITE, keys: ONE_KEY, since: '1.0.0', handler: ltrim },
  { name: 'lrem', arity: 4, flags: WRITE, keys: ONE_KEY, since: '1.0.0', handler: lrem },
  { name: 'lpos', arity: -3, flags: READ, keys: ONE_KEY, since: '6.0.6', handler: lpos },
  ...listMoveCommands,
  ...listBlockingCommands,
];
