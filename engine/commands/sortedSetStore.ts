/** What ZRANGESTORE and the STORE forms of the set algebra share. Source: t_zset.c of Redis 7.0, for behaviour. */
import type { Bytes } from '../core/bytes.ts';
import type { Scored } from '../keyspace/scoreTree.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import type { Call } from './command.ts';

/**
 * Puts a sorted set in place of whatever the target held; an empty result removes it. `choosesAfresh`: the encoding is
 * chosen once, from the whole. Returns the number of members.
 */
export const storeSortedSet = (
  call: Call, target: Bytes, items: readonly Scored[], choosesAfresh: boolean,
): number => {
  if (items.length === 0) {
    // Whether its time had come is not asked, so an expired target too is removed by this command.
    if (call.db.remove(target)) call.changed(1);
    return 0;
  }
  const { limits } = call.keyspace;
  const result = new SortedSetValue();
  let longest = 0;
  for (const { member, score } of items) {
    result.set(member, score, limits);
    longest = Math.max(longest, member.length);
  }
  if (choosesAfresh) result.chooseEncoding(limits, longest);
  // For its deletion, should its time have come.
  call.db.lookupWrite(target);
  call.db.put(target, result);
  call.changed(1);
  return items.length;
};
