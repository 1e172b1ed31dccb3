/**
 * A primary without a working replica gets one from the primary that has most.
 * Source: clusterHandleSlaveMigration in cluster.c of Redis 7.0.
 */
import { mark } from '../core/marks.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';

/** An orphan is left alone for so long: its replica may come back. */
const MIGRATION_DELAY_MS = 5000;

/**
 * How many replicas the primaries have that have most: where that is two or more, ours is one of them, and somebody has none. 0: there
 * is nothing to do for us.
 */
export const replicasOfOrphans = (state: ClusterState): number => {
  const { myself } = state;
  const own = myself.primary;
  if (myself.isPrimary || own === null || !isGiver(own)) return 0;
  const ownReplicas = own.healthyReplicas;
  if (ownReplicas < 2) return 0;
  let hasOrphans = false;
  for (const node of state.allNodes) {
    if (!isGiver(node)) continue;
    const replicas = node.healthyReplicas;
    if (replicas > ownReplicas) return 0;
    if (replicas === 0 && node.slots.count > 0 && node.mayGetReplicas) hasOrphans = true;
  }
  return hasOrphans ? ownReplicas : 0;
};

/** A primary that lives. */
const isGiver = (node: ClusterNode): boolean =>
  !node.isMyself && !node.hasNoAddress && !node.isHandshake && node.isPrimary && !node.isFail;

export const migrateToOrphan = (state: ClusterState, replicasMax: number): void => {
  const { myself, services: { host, settings } } = state;
  const own = myself.primary;
  if (!state.isOk || own === null) return;
  if (own.replicas.filter((replica) => !replica.isFail && !replica.isPfail).length <= settings.number('cluster-migration-barrier')) return;
  const now = state.nowMs;
  let candidate: ClusterNode = myself;
  let target: ClusterNode | null = null;
  for (const node of state.nodes.values()) {
    const replicas = node.isPrimary ? node.healthyReplicas : 0;
    if (node.isPrimary && !node.isFail && node.mayGetReplicas && replicas === 0) {
      if (node.orphanedMs === 0) node.orphanedMs = now;
      if (target === null && node.slots.count > 0) target = node;
    } else node.orphanedMs = 0;
    if (!node.isPrimary || replicas !== replicasMax) continue;
    // Failing ones count too, as they do for redis-server: while the smallest of all is dead, nobody goes.
    for (const replica of node.replicas) if (replica.name < candidate.name) candidate = replica;
  }
  // The replica with the smallest name goes, so that only one does.
  if (target === null || candidate !== myself || now - target.orphanedMs <= MIGRATION_DELAY_MS) return;
  host.log('warning', `Migrating to orphaned master ${target.name}`);
  mark(host, 'clusterReplicaMigrated');
  state.becomeReplicaOf(target);
};
