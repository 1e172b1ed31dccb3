/**
 * Why a cluster could not bring its slots back: no majority of the primaries that own them lives, or some range has neither its
 * primary nor a replica left that may be elected.
 *
 * Source: Redis 7.0 cluster.c, clusterUpdateState and clusterHandleSlaveFailover.
 */
import type { Bytes } from '../../engine/index.ts';
import type { FinalState } from './check.ts';
import type { ClusterView } from './clusterView.ts';
import type { NodeView } from './nodeView.ts';
import { directiveOf } from '../topology/topology.ts';
import type { StalledWorld } from './stalledWorld.ts';

/** Primaries that agree on nothing else must still take different epochs, as soon as two of them live. */
export const clusterExcuse = (check: string, world: StalledWorld, state: FinalState): string | null =>
  (check === 'config-epochs-unique' ? null : noMajority(world, state) ?? uncovered(world, state));

/** The owners by the map of a living node: the dead have none. */
const ownersOf = (clusterNodes: readonly ClusterView[]): readonly ClusterView[] => {
  const teller = clusterNodes.find((view) => view.isAlive && view.slotOwners.size > 0);
  if (teller === undefined) return [];
  const owners = teller.slotOwners;
  return clusterNodes.filter(({ id }) => id !== null && owners.has(id));
};

const noMajority = (world: StalledWorld, { clusterNodes }: FinalState): string | null => {
  const owners = ownersOf(clusterNodes);
  const dead = owners.flatMap(({ node }) => world.deadForGood(node.process) ?? []);
  const needed = Math.floor(owners.length / 2) + 1;
  const left = owners.length - dead.length;
  return owners.length === 0 || left >= needed ? null
    : `${left} of ${owners.length} primaries with slots are left, and ${needed} must agree: ${dead.join(', ')}`;
};

const uncovered = (world: StalledWorld, { clusterNodes }: FinalState): string | null => {
  const proofs = ownersOf(clusterNodes).map((owner) => {
    const dead = world.deadForGood(owner.node.process);
    if (dead === null) return null;
    const replicas = clusterNodes.filter((view) => view !== owner && isReplicaOf(world, view, owner));
    const gone = replicas.map(({ node }) => world.deadForGood(node.process) ?? neverConnected(world, node));
    return gone.includes(null) ? null : [`nobody has the slots of ${owner.name}: ${dead}`, ...gone].join(', ');
  });
  const known = proofs.filter((proof) => proof !== null);
  return known.length === 0 ? null : known.join('; ');
};

/** A replica that has not heard of its primary since its own start counts as cut off for ever, and asks for no votes. */
const neverConnected = ({ topology }: StalledWorld, node: NodeView): string | null => {
  const spec = topology.processes.find(({ name }) => name === node.name);
  if (spec === undefined || directiveOf(spec, 'cluster-replica-validity-factor')?.[0] === '0') return null;
  return node.isAlive && node.role === 'replica' && !node.wasConnected
    ? `${node.name} was started when its primary was gone already: its data are too old to be elected` : null;
};

/** The dead keep no role: what a dead node was is what it was last told. */
const isReplicaOf = (world: StalledWorld, view: ClusterView, owner: ClusterView): boolean => {
  const place: Bytes | null = view.isAlive ? view.node.primary : view.lastPrimary;
  return place !== null && world.find(place) === owner.node;
};
