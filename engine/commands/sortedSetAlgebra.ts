/**
 * ZUNION, ZINTER and ZDIFF over sorted sets and sets, their STORE forms, and ZINTERCARD. A member of a set scores 1.
 * Source: zunionInterDiffGenericCommand in t_zset.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import { type Scored, compareScored } from '../keyspace/scoreTree.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, WRONG_TYPE, error } from '../protocol/reply.ts';
import { isWord, readLong, readPositive } from './arguments.ts';
import { type Call, type CommandRow, type Handler, NO_KEYS, ONE_KEY } from './command.ts';
import { readDouble } from './doubleArgument.ts';
import { countedKeysAt } from './multiPop.ts';
import { scoredReply } from './sortedSetRange.ts';
import { storeSortedSet } from './sortedSetStore.ts';

type Aggregate = 'sum' | 'min' | 'max';
type Operation = 'union' | 'inter' | 'diff';

/** One of the sets to combine; undefined where the key holds nothing. */
interface Source {
  readonly value: Readonly<SortedSetValue> | Readonly<SetValue> | undefined;
  weight: number;
}

interface Combination {
  readonly sources: readonly Source[];
  aggregate: Aggregate;
  withScores: boolean;
  /** ZINTERCARD: stop there; 0: never. */
  limit: number;
}

/** Which options a command takes. */
interface Form {
  readonly operation: Operation;
  /** Where `numkeys` stands. */
  readonly at: number;
  readonly result: 'store' | 'show' | 'count';
}

const readSources = (call: Call, keys: readonly Bytes[]): readonly Source[] | ErrorReply => {
  const sources: Source[] = [];
  for (const key of keys) {
    const value = call.db.lookupRead(key)?.value;
    if (value !== undefined && !(value instanceof SortedSetValue) && !(value instanceof SetValue)) return WRONG_TYPE;
    sources.push({ value, weight: 1 });
  }
  return sources;
};

const readCombination = (call: Call, argv: readonly Bytes[], form: Form): Combination | ErrorReply => {
  const count = readLong(argv[form.at] as Bytes);
  if (count instanceof ErrorReply) return count;
  if (count < 1) return error(`ERR at least 1 input key is needed for '${(argv[0] as Bytes).toLowerCase()}' command`);
  if (count > argv.length - form.at - 1) return SYNTAX_ERROR;
  const sources = readSources(call, argv.slice(form.at + 1, form.at + 1 + count));
  if (sources instanceof ErrorReply) return sources;
  const combination: Combination = { sources, aggregate: 'sum', withScores: false, limit: 0 };
  const problem = readOptions(argv, form.at + 1 + count, form, combination);
  return problem ?? combination;
};

const readOptions = (
  argv: readonly Bytes[], from: number, { operation, result }: Form, combination: Combination,
): ErrorReply | null => {
  const weighs = operation !== 'diff' && result !== 'count';
  const { sources } = combination;
  for (let index = from; index < argv.length; index++) {
    const argument = argv[index];
    if (weighs && isWord(argument, 'weights') && argv.length - index > sources.length) {
      for (const source of sources) {
        const weight = readDouble(argv[++index] as Bytes, 'ERR weight value is not a float');
        if (weight instanceof ErrorReply) return weight;
        source.weight = weight;
      }
    } else if (weighs && isWord(argument, 'aggregate') && index + 1 < argv.length) {
      const aggregate = readAggregate(argv[++index]);
      if (aggregate === null) return SYNTAX_ERROR;
      combination.aggregate = aggregate;
    } else if (result === 'show' && isWord(argument, 'withscores')) {
      combination.withScores = true;
    } else if (result === 'count' && isWord(argument, 'limit') && index + 1 < argv.length) {
      const limit = readPositive(argv[++index] as Bytes, "ERR LIMIT can't be negative");
      if (limit instanceof ErrorReply) return limit;
      combination.limit = limit;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return null;
};

const readAggregate = (argument: Bytes | undefined): Aggregate | null => {
  if (isWord(argument, 'sum')) return 'sum';
  if (isWord(argument, 'min')) return 'min';
  return isWord(argument, 'max') ? 'max' : null;
};

const itemsOf = ({ value }: Source): readonly Scored[] => {
  if (value === undefined) return [];
  if (value instanceof SortedSetValue) return value.slice();
  return (value as SetValue).list().map((member) => ({ member, score: 1 }));
};

const sizeOf = ({ value }: Source): number => (value === undefined ? 0 : value.size);

const scoreIn = ({ value }: Source, member: Bytes): number | undefined => {
  if (value instanceof SortedSetValue) return value.score(member);
  return value !== undefined && (value as SetValue).has(member) ? 1 : undefined;
};

/** Infinities of both signs add up to 0, and so does infinity times zero. */
const orZero = (score: number): number => (Number.isNaN(score) ? 0 : score);

/** The comparisons are such that what is no number loses. */
const combine = (left: number, right: number, aggregate: Aggregate): number => {
  if (aggregate === 'sum') return orZero(left + right);
  if (aggregate === 'min') return right < left ? right : left;
  return right > left ? right : left;
};

/** Smallest first, as Redis goes: the order decides how sums are rounded. */
const bySize = (sources: readonly Source[]): readonly Source[] =>
  [...sources].sort((left, right) => sizeOf(left) - sizeOf(right));

const unite = (call: Call, { sources, aggregate }: Combination): Scored[] => {
  const scores = new Map<Bytes, number>();
  for (const source of bySize(sources)) {
    call.cost(sizeOf(source));
    for (const { member, score } of itemsOf(source)) {
      const weighted = orZero(source.weight * score);
      const known = scores.get(member);
      scores.set(member, known === undefined ? weighted : combine(known, weighted, aggregate));
    }
  }
  return [...scores].map(([member, score]) => ({ member, score }));
};

const intersect = (call: Call, { sources, aggregate, limit }: Combination): Scored[] => {
  const [smallest, ...others] = bySize(sources);
  const out: Scored[] = [];
  if (smallest === undefined || sizeOf(smallest) === 0) return out;
  call.cost(sizeOf(smallest) * sources.length);
  for (const { member, score } of itemsOf(smallest)) {
    let sum = orZero(smallest.weight * score);
    const isInAll = others.every((other) => {
      const found = scoreIn(other, member);
      if (found !== undefined) sum = combine(sum, other.weight * found, aggregate);
      return found !== undefined;
    });
    if (isInAll) out.push({ member, score: sum });
    if (limit > 0 && out.length >= limit) break;
  }
  return out;
};

const subtract = (call: Call, { sources }: Combination): Scored[] => {
  const [first, ...others] = sources;
  if (first === undefined) return [];
  call.cost(sizeOf(first) * sources.length);
  return itemsOf(first).filter(({ member }) => others.every((other) => scoreIn(other, member) === undefined));
};

const OPERATIONS: Readonly<Record<Operation, (call: Call, combination: Combination) => Scored[]>> = {
  union: unite, inter: intersect, diff: subtract,
};

const algebra = (form: Form): Handler => (call, argv): Reply => {
  const combination = readCombination(call, argv, form);
  if (combination instanceof ErrorReply) return combination;
  const items = OPERATIONS[form.operation](call, combination);
  if (form.result === 'count') return items.length;
  items.sort(compareScored);
  if (form.result === 'store') return storeSortedSet(call, argv[1] as Bytes, items, true, lower(argv[0] as Bytes));
  return scoredReply(call, items, combination.withScores);
};

const showRow = (name: string, operation: Operation): CommandRow => ({
  name, arity: -3, flags: ['readonly', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(1), since: '6.2.0',
  handler: algebra({ operation, at: 1, result: 'show' }),
});

const storeRow = (name: string, since: string, operation: Operation): CommandRow => ({
  name, arity: -4, flags: ['write', 'denyoom', 'movablekeys'], keys: ONE_KEY,
  movableKeys: (argv) => {
    const sources = countedKeysAt(2)(argv);
    return sources.length === 0 ? [] : [argv[1] as Bytes, ...sources];
  }, since,
  handler: algebra({ operation, at: 2, result: 'store' }),
});

export const sortedSetAlgebraCommands: readonly CommandRow[] = [
  showRow('zunion', 'union'), showRow('zinter', 'inter'), showRow('zdiff', 'diff'),
  storeRow('zunionstore', '2.0.0', 'union'), storeRow('zinterstore', '2.0.0', 'inter'),
  storeRow('zdiffstore', '6.2.0', 'diff'),
  {
    name: 'zintercard', arity: -3, flags: ['readonly', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(1),
    since: '7.0.0', handler: algebra({ operation: 'inter', at: 1, result: 'count' }),
  },
];
