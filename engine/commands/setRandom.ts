/**
 * SPOP and SRANDMEMBER. What SPOP took is chance, so the stream says it member by member.
 * Source: spopCommand and srandmemberCommand in t_set.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import { DEL } from '../keyspace/keyspace.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, SetReply, WRONG_TYPE } from '../protocol/reply.ts';
import { finishChange, readPositive, readSet, readSignedCount } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { REPEATED_MEMBERS_MAX, distinctPlaces, repeatedPlaces } from './randomPlaces.ts';

const SREM = bytes('SREM');

const pickOne = (set: Readonly<SetValue>, random: Random): Bytes => set.members.at(random.below(set.size));

/** `count` different members, fewer than the set has. */
const pickDistinct = (set: Readonly<SetValue>, count: number, random: Random): Bytes[] =>
  distinctPlaces(set.size, count, random).map((place) => set.members.at(place));

const spop: Handler = (call, argv) => {
  if (argv.length > 3) return SYNTAX_ERROR;
  if (argv.length === 3) return spopCount(call, argv);
  const key = argv[1] as Bytes;
  const entry = call.db.lookupWrite(key);
  if (entry === undefined) return null;
  const set = entry.value;
  if (!(set instanceof SetValue)) return WRONG_TYPE;
  const member = pickOne(set, call.random);
  set.delete(member);
  finishChange(call, { entry, value: set }, 's', 'spop');
  call.changed(1);
  call.propagate([SREM, key, member]);
  return member;
};

const spopCount = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const count = readPositive(argv[2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const entry = call.db.lookupWrite(key);
  if (entry === undefined) return new SetReply([]);
  const set = entry.value;
  if (!(set instanceof SetValue)) return WRONG_TYPE;
  if (count === 0) return new SetReply([]);
  if (count >= set.size) {
    const all = [...set.list()];
    call.db.notify('s', 'spop', key);
    call.db.remove(key);
    call.db.notify('g', 'del', key);
    call.cost(all.length);
    call.changed(all.length);
    call.propagate([DEL, key]);
    return new SetReply(all);
  }
  const members = pickDistinct(set, count, call.random);
  for (const member of members) set.delete(member);
  call.db.changed(entry);
  call.db.notify('s', 'spop', key);
  call.cost(count);
  call.changed(count);
  call.propagate(...members.map((member) => [SREM, key, member]));
  return new SetReply(members);
};

const srandmember: Handler = (call, argv) => {
  if (argv.length > 3) return SYNTAX_ERROR;
  const key = argv[1] as Bytes;
  if (argv.length === 3) return srandmemberCount(call, argv);
  const set = readSet(call, key);
  if (set === undefined) return null;
  return set instanceof ErrorReply ? set : pickOne(set, call.random);
};

const srandmemberCount = (call: Call, argv: readonly Bytes[]): Reply => {
  const count = readSignedCount(argv[2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const set = readSet(call, argv[1] as Bytes);
  if (set === undefined) return [];
  if (set instanceof ErrorReply) return set;
  if (count === 0) return [];
  call.cost(Math.min(Math.abs(count), REPEATED_MEMBERS_MAX));
  if (count > 0) return count >= set.size ? [...set.list()] : pickDistinct(set, count, call.random);
  return repeatedPlaces(set.size, -count, call.random).map((place) => set.members.at(place));
};

export const setRandomCommands: readonly CommandRow[] = [
  { name: 'spop', arity: -2, flags: ['write', 'fast'], keys: ONE_KEY, since: '1.0.0', handler: spop },
  { name: 'srandmember', arity: -2, flags: ['readonly'], keys: ONE_KEY, since: '1.0.0', handler: srandmember },
];
