/**
 * Ranges of sorted sets: by rank, score and bytes; read, counted, stored and removed.
 * Source: zrangeGenericCommand and zremrangeGenericCommand in t_zset.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import type { Scored } from '../keyspace/scoreTree.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { DoubleReply, ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { finishChange, isWord, readKind, readLong, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, ONE_KEY } from './command.ts';
import { type Bounds, readLexRange, readScoreRange } from './doubleArgument.ts';
import { pairsReply } from './pairsReply.ts';
import { storeSortedSet } from './sortedSetStore.ts';

const LIMIT_NEEDS_BOUNDS = error(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
const LEX_HAS_NO_SCORES = error('ERR syntax error, WITHSCORES not supported in combination with BYLEX');

type RangeBy = 'rank' | 'score' | 'lex';

/** First rank and the one behind the last. */
interface Ranks {
  readonly from: number;
  readonly to: number;
}

type FindRanks = (set: Readonly<SortedSetValue>) => Ranks;

const NO_RANKS: Ranks = { from: 0, to: 0 };

const ranksByBounds = (bounds: Bounds): FindRanks => (set) => {
  if (bounds.isEmpty) return NO_RANKS;
  const from = set.countBefore((item) => bounds.isBelow(item));
  return { from, to: Math.max(from, set.countBefore((item) => bounds.isWithinMax(item))) };
};

/** Negative places count from the end. */
const ranksByPlace = (start: number, end: number): FindRanks => ({ size }) => {
  const from = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(size - 1, end < 0 ? size + end : end);
  return from > last ? NO_RANKS : { from, to: last + 1 };
};

const readRanks = (by: RangeBy, min: Bytes, max: Bytes): FindRanks | ErrorReply => {
  if (by !== 'rank') {
    const bounds = by === 'score' ? readScoreRange(min, max) : readLexRange(min, max);
    return bounds instanceof ErrorReply ? bounds : ranksByBounds(bounds);
  }
  const start = readLong(min);
  if (start instanceof ErrorReply) return start;
  const end = readLong(max);
  return end instanceof ErrorReply ? end : ranksByPlace(start, end);
};

interface RangeRequest {
  by: RangeBy | null;
  reversed: boolean | null;
  withScores: boolean;
  offset: number;
  /** Negative: no limit. */
  limit: number;
}

const readOptions = (
  argv: readonly Bytes[], from: number, request: RangeRequest, stores: boolean,
): ErrorReply | null => {
  for (let index = from; index < argv.length; index++) {
    const argument = argv[index];
    if (!stores && isWord(argument, 'withscores')) request.withScores = true;
    else if (isWord(argument, 'limit') && index + 2 < argv.length) {
      const offset = readLong(argv[++index] as Bytes);
      if (offset instanceof ErrorReply) return offset;
      const limit = readLong(argv[++index] as Bytes);
      if (limit instanceof ErrorReply) return limit;
      request.offset = offset;
      request.limit = limit;
    } else if (request.reversed === null && isWord(argument, 'rev')) request.reversed = true;
    else if (request.by === null && isWord(argument, 'bylex')) request.by = 'lex';
    else if (request.by === null && isWord(argument, 'byscore')) request.by = 'score';
    else return SYNTAX_ERROR;
  }
  if (request.limit !== -1 && (request.by ?? 'rank') === 'rank') return LIMIT_NEEDS_BOUNDS;
  return request.withScores && request.by === 'lex' ? LEX_HAS_NO_SCORES : null;
};

/** What a command fixes beforehand; null where an option may say it. */
interface RangeForm {
  readonly by: RangeBy | null;
  readonly reversed: boolean | null;
}

/** `at` is the place of the source key. The request, how to find the ranks; or what is wrong. */
const readRange = (argv: readonly Bytes[], at: number, form: RangeForm, stores: boolean):
  { readonly request: RangeRequest; readonly find: FindRanks } | ErrorReply => {
  const request: RangeRequest = { ...form, withScores: false, offset: 0, limit: -1 };
  const problem = readOptions(argv, at + 3, request, stores);
  if (problem !== null) return problem;
  const by = request.by ?? 'rank';
  const swapped = request.reversed === true && by !== 'rank';
  const min = argv[swapped ? at + 2 : at + 1] as Bytes;
  const max = argv[swapped ? at + 1 : at + 2] as Bytes;
  const find = readRanks(by, min, max);
  return find instanceof ErrorReply ? find : { request, find };
};

/** The members of the range, in the order asked for. */
const pick = (set: Readonly<SortedSetValue>, request: RangeRequest, find: FindRanks): Scored[] => {
  const { size } = set;
  const reversed = request.reversed === true;
  // By rank, a reversed range counts from the highest: the same range of the set turned round.
  const found = find(set);
  const { from, to } = reversed && (request.by ?? 'rank') === 'rank' ? { from: size - found.to, to: size - found.from } : found;
  const offset = request.offset < 0 ? Infinity : request.offset;
  const count = Math.min(Math.max(0, to - from - offset), request.limit < 0 ? Infinity : request.limit);
  if (count === 0) return [];
  return reversed ? set.slice(to - offset - count, to - offset).reverse() : set.slice(from + offset, from + offset + count);
};

const rangeAs = (form: RangeForm): Handler => (call, argv): Reply => {
  const range = readRange(argv, 1, form, false);
  if (range instanceof ErrorReply) return range;
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set === undefined) return [];
  if (set instanceof ErrorReply) return set;
  const items = pick(set, range.request, range.find);
  call.cost(items.length);
  return scoredReply(call, items, range.request.withScores);
};

/** Members, with their scores where they are asked for. */
export const scoredReply = (call: Call, items: readonly Scored[], withScores: boolean): Reply =>
  (withScores ? pairsReply(call, items.map(({ member, score }) => [member, new DoubleReply(score)]))
    : items.map(({ member }) => member));

const zrangestore: Handler = (call, argv) => {
  const range = readRange(argv, 2, { by: null, reversed: null }, true);
  if (range instanceof ErrorReply) return range;
  const set = readKind(call, argv[2] as Bytes, SortedSetValue);
  if (set instanceof ErrorReply) return set;
  const items = set === undefined ? [] : pick(set, range.request, range.find);
  call.cost(items.length);
  return storeSortedSet(call, argv[1] as Bytes, items, false, 'zrangestore');
};

const countAs = (by: RangeBy): Handler => (call, argv) => {
  const find = readRanks(by, argv[2] as Bytes, argv[3] as Bytes);
  if (find instanceof ErrorReply) return find;
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set === undefined) return 0;
  if (set instanceof ErrorReply) return set;
  const { from, to } = find(set);
  return to - from;
};

const removeAs = (by: RangeBy): Handler => (call, argv) => {
  const find = readRanks(by, argv[2] as Bytes, argv[3] as Bytes);
  if (find instanceof ErrorReply) return find;
  const target = writeKind(call, argv[1] as Bytes, SortedSetValue);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  const { from, to } = find(target.value);
  if (from === to) return 0;
  for (const { member } of target.value.slice(from, to)) target.value.delete(member);
  finishChange(call, target, 'z', lower(argv[0] as Bytes));
  call.cost(to - from);
  call.changed(to - from);
  return to - from;
};

const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;

const rangeRow = (name: string, since: string, by: RangeBy | null, reversed: boolean | null): CommandRow =>
  ({ name, arity: -4, flags: READ, keys: ONE_KEY, since, handler: rangeAs({ by, reversed }) });

const removeRow = (name: string, since: string, by: RangeBy): CommandRow =>
  ({ name, arity: 4, flags: ['write'], keys: ONE_KEY, since, handler: removeAs(by) });

export const sortedSetRangeCommands: readonly CommandRow[] = [
  rangeRow('zrange', '1.2.0', null, null),
  rangeRow('zrevrange', '1.2.0', 'rank', true),
  rangeRow('zrangebyscore', '1.0.5', 'score', false),
  rangeRow('zrevrangebyscore', '2.2.0', 'score', true),
  rangeRow('zrangebylex', '2.8.9', 'lex', false),
  rangeRow('zrevrangebylex', '2.8.9', 'lex', true),
  {
    name: 'zrangestore', arity: -5, flags: ['write', 'denyoom'], keys: TWO_KEYS, since: '6.2.0', handler: zrangestore,
  },
  { name: 'zcount', arity: 4, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0', handler: countAs('score') },
  { name: 'zlexcount', arity: 4, flags: READ_FAST, keys: ONE_KEY, since: '2.8.9', handler: countAs('lex') },
  removeRow('zremrangebyrank', '2.0.0', 'rank'),
  removeRow('zremrangebyscore', '1.2.0', 'score'),
  removeRow('zremrangebylex', '2.8.9', 'lex'),
];
