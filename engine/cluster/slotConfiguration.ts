/**
 * Whose slots are whose: the greater configuration epoch wins, and equal ones are told apart.
 * Source: clusterUpdateSlotsConfigWith, clusterHandleConfigEpochCollision in cluster.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { sendUpdate } from './messenger.ts';
import { nextSlot } from './slots.ts';

/** Takes over what `sender` claims with `configEpoch`; we may lose our last slot by it, and follow then. */
export const takeClaims = (state: ClusterState, sender: ClusterNode, configEpoch: number, claimed: Bytes): void => {
  const { myself, services } = state;
  if (sender === myself) {
    services.host.log('warning', 'Discarding UPDATE message about myself.');
    return;
  }
  const current = myself.isPrimary ? myself : myself.primary;
  const dirty: number[] = [];
  let claims = 0;
  let taken = 0;
  let moved = 0;
  for (let slot = nextSlot(claimed, 0); slot >= 0; slot = nextSlot(claimed, slot + 1)) {
    claims++;
    const owner = state.owners[slot] ?? null;
    if (owner === sender || state.importingFrom.has(slot)) continue;
    if (owner !== null && owner.configEpoch >= configEpoch && !services.bugs.staleSlotMap) continue;
    if (owner === myself && services.keysInSlot(slot) > 0) dirty.push(slot);
    if (owner !== null && owner === current) taken++;
    state.dropSlot(slot);
    state.assignSlot(slot, sender);
    moved++;
  }
  if (moved > 0) {
    state.saveDurably();
    state.mustUpdate = true;
  }
  const isMoved = taken > 0 && current !== null && current.slots.count === 0
    && (services.settings.flag('cluster-allow-replica-migration') || claims === taken);
  if (isMoved) {
    services.host.log('warning', `Configuration change detected. Reconfiguring myself as a replica of ${sender.name}`);
    state.becomeReplicaOf(sender);
  } else if (isSubReplica(myself)) leaveReplica(state, myself.primary.primary);
  else if (dirty.length > 0) {
    mark(services.host, 'clusterKeysDropped');
    for (const slot of dirty) services.deleteKeysInSlot(slot);
  }
};

/** Our primary is a replica itself. */
const isSubReplica = (myself: ClusterNode): myself is ClusterNode & { primary: ClusterNode & { primary: ClusterNode } } => {
  const next = myself.primary?.primary ?? null;
  return next !== null && next !== myself;
};

/**
 * Our primary became a replica, having lost its last slot: nothing else would make us follow the one that it follows. redis-server
 * looks after that only where slots are claimed; a node whose primary was made a replica by hand stays below it.
 */
const leaveReplica = (state: ClusterState, next: ClusterNode): void => {
  state.services.host.log('notice', `I'm a sub-replica! Reconfiguring myself as a replica of ${next.name}`);
  mark(state.services.host, 'clusterSubReplicaLeft');
  state.becomeReplicaOf(next);
  state.saveDurably();
};

/** The sender claims slots that somebody has with a greater epoch: it is told. */
export const correctStaleClaims = (state: ClusterState, sender: ClusterNode, configEpoch: number, claimed: Bytes): void => {
  for (let slot = nextSlot(claimed, 0); slot >= 0; slot = nextSlot(claimed, slot + 1)) {
    const owner = state.owners[slot] ?? null;
    if (owner === null || owner === sender || owner.configEpoch <= configEpoch) continue;
    state.services.host.log('verbose',
      `Node ${sender.name} has old slots configuration, sending an UPDATE message about ${owner.name}`);
    mark(state.services.host, 'clusterStaleClaimCorrected');
    sendUpdate(state, sender.link, owner);
    return;
  }
};

/** Two primaries with one epoch: the one with the smaller name takes a new one. */
export const resolveCollision = (state: ClusterState, sender: ClusterNode): void => {
  const { myself } = state;
  if (!sender.isPrimary || !myself.isPrimary || sender.configEpoch !== myself.configEpoch || sender.name <= myself.name) return;
  state.currentEpoch++;
  myself.configEpoch = state.currentEpoch;
  state.saveDurably();
  noteEpochs(state);
  mark(state.services.host, 'clusterEpochCollision');
  state.services.host.log('verbose',
    `WARNING: configEpoch collision with node ${sender.name}. configEpoch set to ${myself.configEpoch}`);
};

/**
 * Takes the next epoch for our slots, without asking anybody: CLUSTER BUMPEPOCH, the end of a slot's move, a takeover. False:
 * ours is the greatest already.
 */
export const bumpEpoch = (state: ClusterState): boolean => {
  const { myself } = state;
  let greatest = state.currentEpoch;
  for (const node of state.nodes.values()) greatest = Math.max(greatest, node.configEpoch);
  if (myself.configEpoch !== 0 && myself.configEpoch === greatest) return false;
  state.currentEpoch++;
  myself.configEpoch = state.currentEpoch;
  state.saveDurably();
  noteEpochs(state);
  state.services.host.log('warning', `New configEpoch set to ${myself.configEpoch}`);
  return true;
};

export const noteEpochs = (state: ClusterState): void => {
  const { myself, services: { host } } = state;
  host.note({ kind: 'epoch', name: myself.name, current: state.currentEpoch, config: myself.configEpoch });
};

/** The owner of every claimed slot has at most this epoch. */
export const claimsAreNewest = (state: ClusterState, claimed: Bytes, configEpoch: number): number | null => {
  for (let slot = nextSlot(claimed, 0); slot >= 0; slot = nextSlot(claimed, slot + 1)) {
    const owner = state.owners[slot] ?? null;
    if (owner !== null && owner.configEpoch > configEpoch) return slot;
  }
  return null;
};
