/**
 * Sets that only grow, decided without a search: reads must be a chain by inclusion, which puts all adds into blocks between them; no
 * call of a later block may have been over before one of an earlier block began. That is all: within a block any order will do.
 *
 * Always holds: the witness that comes back is illegal by itself.
 */
import type { Bytes } from '../../../engine/index.ts';
import type { Call } from '../../client/call.ts';
import { endOf, grouped } from './model.ts';
import { itemsOf } from './models.ts';

/** Calls that refute the history; none: it is linearizable. Null: members are added twice, this needs a search. */
export const decideSet = (calls: readonly Call[]): readonly Call[] | null => {
  const adds = grouped(calls, ({ argument }) => argument ?? undefined);
  for (const sameMember of adds.values()) if (sameMember.length > 1) return null;
  const reads = calls.filter(({ what }) => what === 'read')
    .sort((left, right) => itemsOf(left.result).length - itemsOf(right.result).length);
  const levels = new Map<Bytes, number>();
  let level = 0;
  let last: ReadonlySet<Bytes> = new Set();
  const blocks = new Map<Call, number>();
  for (const [place, read] of reads.entries()) {
    const found = new Set(itemsOf(read.result));
    if (found.size > last.size) level += 2;
    for (const member of last) {
      if (!found.has(member)) return about(reads.slice(place - 1, place + 1), [member, ...firstBeyond(found, last)], adds);
    }
    for (const member of found) {
      if (!adds.has(member)) return [read];
      if (!last.has(member)) levels.set(member, level - 1);
    }
    blocks.set(read, level);
    last = found;
  }
  for (const [member, [add]] of adds) if (add !== undefined) blocks.set(add, levels.get(member) ?? level + 1);
  return outOfOrder(calls, blocks, reads, adds);
};

/** A member of the one that the other lacks; none: there is no such member. */
const firstBeyond = (one: ReadonlySet<Bytes>, other: ReadonlySet<Bytes>): readonly Bytes[] => {
  for (const member of one) if (!other.has(member)) return [member];
  return [];
};

/** These calls as far as they are about these members, and the adds of them. */
const about = (
  calls: readonly Call[], members: readonly Bytes[], adds: ReadonlyMap<Bytes, readonly Call[]>,
): readonly Call[] => {
  const those = calls.map((call) => (
    call.what === 'read' ? { ...call, result: itemsOf(call.result).filter((item) => members.includes(item)) } : call));
  const known = new Set<Call>(those);
  return [...those, ...members.flatMap((member) => adds.get(member) ?? []).filter((add) => !known.has(add))];
};

/** A call of a later block that was over before one of an earlier block began; with the reads that make them so, and what these saw. */
const outOfOrder = (
  calls: readonly Call[], blocks: ReadonlyMap<Call, number>, reads: readonly Call[], adds: ReadonlyMap<Bytes, readonly Call[]>,
): readonly Call[] => {
  const blockOf = (call: Call): number => blocks.get(call) ?? 0;
  let begun: Call | null = null;
  const sorted = [...calls].sort((left, right) => blockOf(left) - blockOf(right));
  for (let place = 0; place < sorted.length;) {
    const block = blockOf(sorted[place] as Call);
    const from = place;
    for (; place < sorted.length && blockOf(sorted[place] as Call) === block; place++) {
      const call = sorted[place] as Call;
      if (begun !== null && endOf(call) < begun.invokedAt) {
        const earlier = begun;
        const between = reads.filter((read) => blockOf(read) >= blockOf(earlier) && blockOf(read) <= block);
        const shown = [...new Set([earlier, call, ...between.slice(0, 1), ...between.slice(-1)])];
        const [first, last] = [between[0], between.at(-1)].map((read) => new Set(itemsOf(read?.result ?? null)));
        const members = [earlier.argument, call.argument, ...firstBeyond(last ?? new Set(), first ?? new Set())];
        return about(shown, [...new Set(members.filter((member) => member !== null))], adds);
      }
    }
    for (let at = from; at < place; at++) {
      const call = sorted[at] as Call;
      if (begun === null || call.invokedAt > begun.invokedAt) begun = call;
    }
  }
  return [];
};
