/**
 * Sets of byte strings, with the rows of the whole family; random members and set algebra have files of their own.
 * Source: t_set.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { scanDown } from '../core/indexedSet.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { ErrorReply, type Reply, SetReply, WRONG_TYPE } from '../protocol/reply.ts';
import { finishChange, readSet } from './arguments.ts';
import { type CommandRow, type Handler, type KeyRange, ONE_KEY } from './command.ts';
import { readCursor, readScanOptions, scanMatches } from './scan.ts';
import { setAlgebraCommands } from './setAlgebra.ts';
import { removeMembers } from './removeMembers.ts';
import { setRandomCommands } from './setRandom.ts';

const sadd: Handler = (call, argv) => {
  const key = argv[1] as Bytes;
  const entry = call.db.lookupWrite(key);
  const set = entry === undefined ? new SetValue() : entry.value;
  if (!(set instanceof SetValue)) return WRONG_TYPE;
  let added = 0;
  for (let index = 2; index < argv.length; index++) {
    if (set.add(argv[index] as Bytes, call.keyspace.limits)) added++;
  }
  if (entry === undefined) call.db.put(key, set);
  else if (added > 0) call.db.changed(entry);
  if (added === 0) return 0;
  call.db.notify('s', 'sadd', key);
  call.changed(added);
  return added;
};

const smembers: Handler = (call, argv) => {
  const set = readSet(call, argv[1] as Bytes);
  if (set === undefined) return new SetReply([]);
  if (set instanceof ErrorReply) return set;
  call.cost(set.size);
  // A copy: the reply may be written after the set has changed again.
  return new SetReply([...set.list()]);
};

const sismember: Handler = (call, argv) => {
  const set = readSet(call, argv[1] as Bytes);
  if (set === undefined) return 0;
  if (set instanceof ErrorReply) return set;
  return set.has(argv[2] as Bytes) ? 1 : 0;
};

const smismember: Handler = (call, argv) => {
  const set = readSet(call, argv[1] as Bytes);
  if (set instanceof ErrorReply) return set;
  return argv.slice(2).map((member) => (set !== undefined && set.has(member) ? 1 : 0));
};

const scard: Handler = (call, argv) => {
  const set = readSet(call, argv[1] as Bytes);
  if (set === undefined) return 0;
  return set instanceof ErrorReply ? set : set.size;
};

const smove: Handler = (call, argv) => {
  const from = argv[1] as Bytes;
  const to = argv[2] as Bytes;
  const member = argv[3] as Bytes;
  const source = call.db.lookupWrite(from);
  const target = call.db.lookupWrite(to);
  if (source === undefined) return 0;
  const sourceSet = source.value;
  const targetSet = target === undefined ? new SetValue() : target.value;
  if (!(sourceSet instanceof SetValue) || !(targetSet instanceof SetValue)) return WRONG_TYPE;
  if (source === target) return sourceSet.has(member) ? 1 : 0;
  if (!sourceSet.delete(member)) return 0;
  finishChange(call, { entry: source, value: sourceSet }, 's', 'srem');
  const added = targetSet.add(member, call.keyspace.limits);
  if (target === undefined) call.db.put(to, targetSet);
  else if (added) call.db.changed(target);
  if (added) call.db.notify('s', 'sadd', to);
  call.changed(added ? 2 : 1);
  return 1;
};

const sscan: Handler = (call, argv): Reply => {
  const cursor = readCursor(argv[2] as Bytes);
  if (cursor instanceof ErrorReply) return cursor;
  const set = readSet(call, argv[1] as Bytes);
  if (set === undefined) return [bytes('0'), []];
  if (set instanceof ErrorReply) return set;
  const options = readScanOptions(argv, 3, false);
  if (options instanceof ErrorReply) return options;
  const out: Bytes[] = [];
  const visit = (member: Bytes): void => {
    if (scanMatches(options, member)) out.push(member);
  };
  // An intset is small and comes whole.
  const all = set.encoding === 'intset';
  const members = set.list();
  const next = all ? scanDown(members, 0, members.length, visit) : scanDown(members, cursor, options.count, visit);
  call.cost(all ? members.length : Math.min(options.count, members.length));
  return [bytes(String(next)), all ? out.reverse() : out];
};

const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;
const WRITE_FAST = ['write', 'fast'] as const;

export const setCommands: readonly CommandRow[] = [
  { name: 'sadd', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, since: '1.0.0', handler: sadd },
  { name: 'srem', arity: -3, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: removeMembers(SetValue, 's', 'srem') },
  { name: 'smembers', arity: 2, flags: READ, keys: ONE_KEY, since: '1.0.0', handler: smembers },
  { name: 'sismember', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '1.0.0', handler: sismember },
  { name: 'smismember', arity: -3, flags: READ_FAST, keys: ONE_KEY, since: '6.2.0', handler: smismember },
  { name: 'scard', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '1.0.0', handler: scard },
  { name: 'smove', arity: 4, flags: WRITE_FAST, keys: TWO_KEYS, since: '1.0.0', handler: smove },
  { name: 'sscan', arity: -3, flags: READ, keys: ONE_KEY, since: '2.8.0', handler: sscan },
  ...setRandomCommands,
  ...setAlgebraCommands,
];
