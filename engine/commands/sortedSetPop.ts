/**
 * Taking the lowest or highest members: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait. What a waiting client got goes into
 * the stream as the plain command. Source: genericZpopCommand in t_zset.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Scored } from '../keyspace/scoreTree.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { DoubleReply, ErrorReply, NULL_ARRAY, type Reply, SYNTAX_ERROR } from '../protocol/reply.ts';
import { type Writable, finishChange, isWord, readPositive, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, NO_KEYS, ONE_KEY } from './command.ts';
import { countedKeysAt, readMultiPop, readTimeout } from './multiPop.ts';
import { scoredReply } from './sortedSetRange.ts';

type End = 'min' | 'max';

const popName = (end: End): Bytes => bytes(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX');

/** Takes at most `count` members off one end; the key goes with the last one. */
const popSome = (call: Call, target: Writable<SortedSetValue>, end: End, count: number): Scored[] => {
  const { value } = target;
  const items = end === 'min' ? value.slice(0, Math.min(count, value.size))
    : value.slice(Math.max(0, value.size - count)).reverse();
  for (const { member } of items) value.delete(member);
  finishChange(call, target, 'z', end === 'min' ? 'zpopmin' : 'zpopmax');
  call.cost(items.length);
  call.changed(items.length);
  return items;
};

const popAs = (end: End): Handler => (call, argv): Reply => {
  if (argv.length > 3) return SYNTAX_ERROR;
  const hasCount = argv.length === 3;
  const count = hasCount ? readPositive(argv[2] as Bytes) : 1;
  if (count instanceof ErrorReply) return count;
  const target = writeKind(call, argv[1] as Bytes, SortedSetValue);
  if (target === undefined) return [];
  if (target instanceof ErrorReply) return target;
  if (count === 0) return [];
  const items = popSome(call, target, end, count);
  if (hasCount) return scoredReply(call, items, true);
  return items.flatMap(({ member, score }) => [member, new DoubleReply(score)]);
};

/** What the first of the sorted sets that is there gives, as `take` shows it; null when none is there. */
const popFirst = (
  call: Call, keys: readonly Bytes[], skipsWrongType: boolean, take: (target: Writable<SortedSetValue>) => Reply,
): Reply | null => {
  for (const key of keys) {
    const target = writeKind(call, key, SortedSetValue);
    if (target === undefined || (skipsWrongType && target instanceof ErrorReply)) continue;
    return target instanceof ErrorReply ? target : take(target);
  }
  return null;
};

/** Key, member and score of one. */
const takeOne = (call: Call, end: End) => (target: Writable<SortedSetValue>): Reply => {
  const { key } = target.entry;
  const [item] = popSome(call, target, end, 1);
  call.propagate([popName(end), key]);
  return [key, (item as Scored).member, new DoubleReply((item as Scored).score)];
};

/** Key and pairs of up to `count`. */
const takeSome = (call: Call, end: End, count: number) => (target: Writable<SortedSetValue>): Reply => {
  const { key } = target.entry;
  const items = popSome(call, target, end, count);
  call.propagate([popName(end), key, bytes(String(items.length))]);
  return [key, items.map(({ member, score }) => [member, new DoubleReply(score)])];
};

const popOneOrWait = (end: End): Handler => (call, argv): Reply => {
  const timeoutMs = readTimeout(call, argv[argv.length - 1] as Bytes);
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const keys = argv.slice(1, -1);
  return popFirst(call, keys, false, takeOne(call, end)) ?? call.block({
    keys, timeoutMs, timeoutReply: NULL_ARRAY, retry: (later, key) => popFirst(later, [key], true, takeOne(later, end)),
  });
};

const readEnd = (argument: Bytes | undefined): End | ErrorReply => {
  if (isWord(argument, 'min')) return 'min';
  return isWord(argument, 'max') ? 'max' : SYNTAX_ERROR;
};

const zmpop: Handler = (call, argv) => {
  const request = readMultiPop(argv, 1, readEnd);
  if (request instanceof ErrorReply) return request;
  return popFirst(call, request.keys, false, takeSome(call, request.end, request.count)) ?? NULL_ARRAY;
};

const bzmpop: Handler = (call, argv) => {
  const request = readMultiPop(argv, 2, readEnd);
  if (request instanceof ErrorReply) return request;
  const timeoutMs = readTimeout(call, argv[1] as Bytes);
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const { keys, end, count } = request;
  return popFirst(call, keys, false, takeSome(call, end, count)) ?? call.block({
    keys, timeoutMs, timeoutReply: NULL_ARRAY, retry: (later, key) => popFirst(later, [key], true, takeSome(later, end, count)),
  });
};

const KEYS_BEFORE_TIMEOUT: KeyRange = { first: 1, last: -2, step: 1 };
const FAST = ['write', 'fast'] as const;
const BLOCKING = ['write', 'noscript', 'blocking', 'fast'] as const;

export const sortedSetPopCommands: readonly CommandRow[] = [
  { name: 'zpopmin', arity: -2, flags: FAST, keys: ONE_KEY, since: '5.0.0', handler: popAs('min') },
  { name: 'zpopmax', arity: -2, flags: FAST, keys: ONE_KEY, since: '5.0.0', handler: popAs('max') },
  { name: 'bzpopmin', arity: -3, flags: BLOCKING, keys: KEYS_BEFORE_TIMEOUT, since: '5.0.0', handler: popOneOrWait('min') },
  { name: 'bzpopmax', arity: -3, flags: BLOCKING, keys: KEYS_BEFORE_TIMEOUT, since: '5.0.0', handler: popOneOrWait('max') },
  {
    name: 'zmpop', arity: -4, flags: ['write', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(1), since: '7.0.0',
    handler: zmpop,
  },
  {
    name: 'bzmpop', arity: -5, flags: ['write', 'blocking', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(2),
    since: '7.0.0', handler: bzmpop,
  },
];
