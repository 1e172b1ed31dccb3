/**
 * SINTER, SUNION and SDIFF, their STORE forms, and SINTERCARD.
 * Source: sinterGenericCommand and sunionDiffGenericCommand in t_set.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, SetReply, error } from '../protocol/reply.ts';
import { isWord, readAtLeastOne, readPositive, readSet, removeTarget } from './arguments.ts';
import { ALL_KEYS, type Call, type CommandRow, type Handler, NO_KEYS } from './command.ts';

type Sets = readonly (Readonly<SetValue> | undefined)[];
type Algebra = (call: Call, sets: Sets) => readonly Bytes[];

const TOO_MANY_KEYS = error("ERR Number of keys can't be greater than number of args");

/** The sets at the keys, undefined where there is none. One wrong type spoils all, wherever it stands. */
const readSets = (call: Call, keys: readonly Bytes[]): Sets | ErrorReply => {
  const sets: (Readonly<SetValue> | undefined)[] = [];
  for (const key of keys) {
    const set = readSet(call, key);
    if (set instanceof ErrorReply) return set;
    sets.push(set);
  }
  return sets;
};

/** Members common to all, at most `limit`. Goes through the smallest set. */
const intersect = (call: Call, sets: Sets, limit: number): readonly Bytes[] => {
  const present = sets.filter((set) => set !== undefined);
  if (present.length < sets.length) return [];
  const [smallest, ...others] = present.sort((left, right) => left.size - right.size);
  if (smallest === undefined) return [];
  const out: Bytes[] = [];
  call.cost(smallest.size * sets.length);
  for (const member of smallest.list()) {
    if (!others.every((set) => set.has(member))) continue;
    out.push(member);
    if (out.length >= limit) break;
  }
  return out;
};

const intersection: Algebra = (call, sets) => intersect(call, sets, Infinity);

const union: Algebra = (call, sets) => {
  const out = new Set<Bytes>();
  for (const set of sets) {
    if (set === undefined) continue;
    call.cost(set.size);
    for (const member of set.list()) out.add(member);
  }
  return [...out];
};

const difference: Algebra = (call, sets) => {
  const [first, ...others] = sets;
  if (first === undefined) return [];
  call.cost(first.size * sets.length);
  return first.list().filter((member) => !others.some((set) => set !== undefined && set.has(member)));
};

const show = (algebra: Algebra): Handler => (call, argv): Reply => {
  const sets = readSets(call, argv.slice(1));
  return sets instanceof ErrorReply ? sets : new SetReply(algebra(call, sets));
};

/** Stores the result in place of whatever the target held; an empty result removes it. */
const store = (algebra: Algebra): Handler => (call, argv): Reply => {
  const target = argv[1] as Bytes;
  const sets = readSets(call, argv.slice(2));
  if (sets instanceof ErrorReply) return sets;
  const members = algebra(call, sets);
  if (members.length === 0) {
    removeTarget(call, target);
    return 0;
  }
  call.db.lookupWrite(target);
  const result = new SetValue();
  for (const member of members) result.add(member, call.keyspace.limits);
  call.db.put(target, result);
  call.db.notify('s', lower(argv[0] as Bytes), target);
  call.changed(1);
  return members.length;
};

/** The keys of SINTERCARD, whose number is its first argument; none when that is not valid. */
const countedKeys = (argv: readonly Bytes[]): readonly Bytes[] => {
  const count = Number(argv[1]);
  return Number.isSafeInteger(count) && count > 0 && count <= argv.length - 2 ? argv.slice(2, 2 + count) : [];
};

const sintercard: Handler = (call, argv): Reply => {
  const count = readAtLeastOne(argv[1] as Bytes, 'ERR numkeys should be greater than 0');
  if (count instanceof ErrorReply) return count;
  if (count > argv.length - 2) return TOO_MANY_KEYS;
  let limit = 0;
  for (let index = 2 + count; index < argv.length; index++) {
    if (!isWord(argv[index], 'limit') || index + 1 >= argv.length) return SYNTAX_ERROR;
    const value = readPositive(argv[++index] as Bytes, "ERR LIMIT can't be negative");
    if (value instanceof ErrorReply) return value;
    limit = value;
  }
  const sets = readSets(call, argv.slice(2, 2 + count));
  return sets instanceof ErrorReply ? sets : intersect(call, sets, limit === 0 ? Infinity : limit).length;
};

const READ = ['readonly'] as const;
const WRITE = ['write', 'denyoom'] as const;

export const setAlgebraCommands: readonly CommandRow[] = [
  { name: 'sinter', arity: -2, flags: READ, keys: ALL_KEYS, since: '1.0.0', handler: show(intersection) },
  { name: 'sunion', arity: -2, flags: READ, keys: ALL_KEYS, since: '1.0.0', handler: show(union) },
  { name: 'sdiff', arity: -2, flags: READ, keys: ALL_KEYS, since: '1.0.0', handler: show(difference) },
  { name: 'sinterstore', arity: -3, flags: WRITE, keys: ALL_KEYS, since: '1.0.0', handler: store(intersection) },
  { name: 'sunionstore', arity: -3, flags: WRITE, keys: ALL_KEYS, since: '1.0.0', handler: store(union) },
  { name: 'sdiffstore', arity: -3, flags: WRITE, keys: ALL_KEYS, since: '1.0.0', handler: store(difference) },
  {
    name: 'sintercard', arity: -3, flags: ['readonly', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeys,
    since: '7.0.0', handler: sintercard,
  },
];
