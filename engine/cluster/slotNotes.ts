/**
 * Tells the world which slots went to whom in a turn, however that came about: by a claim, a failover, a command, nodes.conf.
 *
 * Always holds: whoever adds up these notes from a process's start has its slot map.
 */
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';

/** Notes what `state.movedSlots` gathered, one note for each new owner, and forgets it. */
export const noteMovedSlots = (state: ClusterState): void => {
  if (state.movedSlots.size === 0) return;
  const byOwner = new Map<ClusterNode | null, number[]>();
  for (const slot of state.movedSlots) {
    const owner = state.owners[slot] ?? null;
    const slots = byOwner.get(owner);
    if (slots === undefined) byOwner.set(owner, [slot]);
    else slots.push(slot);
  }
  state.movedSlots.clear();
  const { host } = state.services;
  for (const [owner, slots] of byOwner) {
    host.note({
      kind: 'slots', slots, owner: owner?.name ?? null, configEpoch: owner?.configEpoch ?? 0, because: [host.cause()],
    });
  }
};
