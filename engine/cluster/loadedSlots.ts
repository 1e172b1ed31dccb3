/**
 * After a start: data and nodes.conf may tell different stories, as where one of them is older. Keys are not thrown away for that:
 * unassigned slots that have keys are taken, those of others are open for import until an operator has looked at them.
 * Source: verifyClusterConfigWithData in cluster.c of Redis 7.0.
 */
import type { ClusterState } from './clusterState.ts';
import { SLOTS } from './slots.ts';

/** To be called once, when the data are loaded. A replica's keys are its primary's. */
export const adoptLoadedSlots = (state: ClusterState): void => {
  const { myself, services } = state;
  if (!myself.isPrimary) return;
  for (let slot = 0; slot < SLOTS; slot++) {
    const owner = state.owners[slot] ?? null;
    if (owner === myself || state.importingFrom.has(slot) || services.keysInSlot(slot) === 0) continue;
    if (owner === null) {
      services.host.log('warning', `I have keys for unassigned slot ${slot}. Taking responsibility for it.`);
      state.assignSlot(slot, myself);
    } else {
      services.host.log('warning', `I have keys for slot ${slot}, but the slot is assigned to another node. Setting it to importing state.`);
      state.importingFrom.set(slot, owner);
    }
    state.saveDurably();
  }
};
