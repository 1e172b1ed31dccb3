/** What ZRANGESTORE and the STORE forms of the set algebra share. Source: t_zset.c of Redis 7.0, for behaviour. */
import type { Bytes } from '../core/bytes.ts';
import type { Scored } from '../keyspace/scoreTree.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { removeTarget } from './arguments.ts';
import type { Call } from './command.ts';

/**
 * Puts a sorted set in place of whatever the target held; an empty result removes it. `choosesAfresh`: the encoding is
 * chosen once, from the whole. `event`: as what it is told. Returns the number of members.
 */
export const storeSortedSet = (
  call: Call, target: Bytes, items: readonly Scored[], choosesAfresh: boolean, event: string,
): number => {
  if (items.length === 0) {
    removeTarget(call, target);
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
  call.db.notify('z', event, target);
  call.changed(1);
  return items.length;
};
