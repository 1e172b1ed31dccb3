/**
 * Tells the world which slots went to whom in a turn, however that came about: by a claim, a failover, a command, nodes.conf.
 *
 * Always holds: whoever adds up these notes from a process's start has its slot map.
 */
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';

/** Notes what moved since the last time, one note for each new owner (and way of becoming it). */
export const noteMovedSlots = (state: ClusterState): void => {
  const { commandedSlots } = state;
  const moved = state.takeMovedSlots();
  if (commandedSlots.size === 0) noteSlots(state, moved, false);
  else {
    noteSlots(state, moved.filter((slot) => commandedSlots.has(slot)), true);
    noteSlots(state, moved.filter((slot) => !commandedSlots.has(slot)), false);
    commandedSlots.clear();
  }
};

const noteSlots = (state: ClusterState, moved: readonly number[], byCommand: boolean): void => {
  if (moved.length === 0) return;
  const byOwner = new Map<ClusterNode | null, number[]>();
  // Slots move in ranges: most have the owner of the one before.
  let owner: ClusterNode | null | undefined;
  let slots: number[] = [];
  for (const slot of moved) {
    const next = state.owners[slot] ?? null;
    if (next !== owner) {
      owner = next;
      slots = byOwner.get(owner) ?? [];
      if (slots.length === 0) byOwner.set(owner, slots);
    }
    slots.push(slot);
  }
  const { host } = state.services;
  for (const [to, taken] of byOwner) {
    host.note({
      kind: 'slots', slots: taken, owner: to?.name ?? null, configEpoch: to?.configEpoch ?? 0, byCommand, because: [host.cause()],
    });
  }
};
