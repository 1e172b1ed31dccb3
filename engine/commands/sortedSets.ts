/**
 * Sorted sets: members, scores and ranks; with the rows of the whole family. Adding, ranges, algebra and popping have files
 * of their own. Source: t_zset.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Scored } from '../keyspace/scoreTree.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { storedScoreText } from '../keyspace/storedScore.ts';
import { doubleText } from '../protocol/decimalText.ts';
import { DoubleReply, ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readKind, readSignedCount } from './arguments.ts';
import { type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { PAIRS_COUNT_END, REPEATED_MEMBERS_MAX, randomPlaces } from './randomPlaces.ts';
import { readCursor, readScanOptions, scanMatches } from './scan.ts';
import { sortedSetAddCommands } from './sortedSetAdd.ts';
import { sortedSetAlgebraCommands } from './sortedSetAlgebra.ts';
import { sortedSetPopCommands } from './sortedSetPop.ts';
import { removeMembers } from './removeMembers.ts';
import { scoredReply, sortedSetRangeCommands } from './sortedSetRange.ts';

const OUT_OF_RANGE = error('ERR value is out of range');

/** The sorted set at argv[1] and what `show` makes of it; `none` when there is none. */
const about = (none: Reply, show: (set: Readonly<SortedSetValue>, argv: readonly Bytes[]) => Reply): Handler =>
  (call, argv) => {
    const set = readKind(call, argv[1] as Bytes, SortedSetValue);
    if (set === undefined) return none;
    return set instanceof ErrorReply ? set : show(set, argv);
  };

const scoreReply = (set: Readonly<SortedSetValue> | undefined, member: Bytes): Reply => {
  const score = set?.score(member);
  return score === undefined ? null : new DoubleReply(score);
};

const zmscore: Handler = (call, argv) => {
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set instanceof ErrorReply) return set;
  return argv.slice(2).map((member) => scoreReply(set, member));
};

const zrandmember: Handler = (call, argv) => {
  if (argv.length === 2) {
    const set = readKind(call, argv[1] as Bytes, SortedSetValue);
    if (set === undefined) return null;
    return set instanceof ErrorReply ? set : set.at(call.random.below(set.size)).member;
  }
  const count = readSignedCount(argv[2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const withScores = argv.length === 4 && isWord(argv[3], 'withscores');
  if (argv.length > 4 || (argv.length === 4 && !withScores)) return SYNTAX_ERROR;
  if (withScores && Math.abs(count) >= PAIRS_COUNT_END) return OUT_OF_RANGE;
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set === undefined) return [];
  if (set instanceof ErrorReply) return set;
  call.cost(Math.min(Math.abs(count), REPEATED_MEMBERS_MAX));
  return scoredReply(call, randomPlaces(set.size, count, call.random).map((rank) => set.at(rank)), withScores);
};

const zscan: Handler = (call, argv) => {
  const cursor = readCursor(argv[2] as Bytes);
  if (cursor instanceof ErrorReply) return cursor;
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set === undefined) return [bytes('0'), []];
  if (set instanceof ErrorReply) return set;
  const options = readScanOptions(argv, 3, false);
  if (options instanceof ErrorReply) return options;
  const show = set.encoding === 'listpack' ? storedScoreText : doubleText;
  const out: Bytes[] = [];
  const next = set.scan(cursor, options.count, ({ member, score }: Scored) => {
    if (scanMatches(options, member)) out.push(member, bytes(show(score)));
  });
  call.cost(out.length);
  return [bytes(String(next)), out];
};

const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;

export const sortedSetCommands: readonly CommandRow[] = [
  ...sortedSetAddCommands,
  { name: 'zrem', arity: -3, flags: ['write', 'fast'], keys: ONE_KEY, since: '1.2.0', handler: removeMembers(SortedSetValue, 'z', 'zrem') },
  {
    name: 'zcard', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '1.2.0', handler: about(0, (set) => set.size),
  },
  {
    name: 'zscore', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '1.2.0',
    handler: about(null, (set, argv) => scoreReply(set, argv[2] as Bytes)),
  },
  { name: 'zmscore', arity: -3, flags: READ_FAST, keys: ONE_KEY, since: '6.2.0', handler: zmscore },
  {
    name: 'zrank', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0',
    handler: about(null, (set, argv) => set.rank(argv[2] as Bytes) ?? null),
  },
  {
    name: 'zrevrank', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0',
    handler: about(null, (set, argv) => {
      const rank = set.rank(argv[2] as Bytes);
      return rank === undefined ? null : set.size - 1 - rank;
    }),
  },
  { name: 'zrandmember', arity: -2, flags: READ, keys: ONE_KEY, since: '6.2.0', handler: zrandmember },
  { name: 'zscan', arity: -3, flags: READ, keys: ONE_KEY, since: '2.8.0', handler: zscan },
  ...sortedSetRangeCommands,
  ...sortedSetPopCommands,
  ...sortedSetAlgebraCommands,
];
