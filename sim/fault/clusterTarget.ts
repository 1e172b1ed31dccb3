/**
 * Roles in a cluster, by the simulator's knowledge of who owns which slot:
 *
 *   the primary of slot N           who claimed the slot with the greatest configuration epoch, if it lives
 *   the primary of key K            the same for the key's slot
 *   the replicas of slot N          the living replicas that follow that primary, dead or alive, by name
 *   a replica of slot N             the first of them
 *   the primaries                   all living primaries that own slots, by name
 *   a minority of the primaries     of all n that own slots, dead or alive, the first floor((n-1)/2) by name, as far as they live
 *   a majority of the primaries     all the others, as far as they live: the two never overlap
 */
import { SLOTS, ScenarioError, bytes, isBytes, keySlot } from '../../engine/index.ts';
import type { ClusterView } from '../check/clusterView.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { WorldParts } from './worldParts.ts';

const OF_SLOT = /^(the primary|the replicas|a replica) of slot ([0-9]{1,9})$/;
const OF_KEY = /^the primary of key (.+)$/s;
const PRIMARIES = /^(?:the|a minority of the|a majority of the) primaries$/;

/** `target` is a role of a cluster. Throws `ScenarioError` where it can be nobody's, whatever happens. */
export const isClusterTarget = ({ cluster }: Pick<WorldParts, 'cluster'>, target: string): boolean => {
  const slot = OF_SLOT.exec(target)?.[2];
  const key = OF_KEY.exec(target)?.[1];
  if (slot === undefined && key === undefined && !PRIMARIES.test(target)) return false;
  if (cluster.nodes.length === 0) throw new ScenarioError(`plan: '${target}' needs a cluster, and there is none`);
  if (slot !== undefined && Number(slot) >= SLOTS) {
    throw new ScenarioError(`plan: '${target}': there is no slot ${slot}, the last is ${SLOTS - 1}`);
  }
  if (key !== undefined && !isBytes(key)) throw new ScenarioError(`plan: '${target}': a key is of one-byte characters`);
  return true;
};

/** Whom it means now, by name. */
export const clusterRole = (parts: WorldParts, target: string): readonly NodeView[] => {
  const [, who, slot] = OF_SLOT.exec(target) ?? [];
  if (slot !== undefined) {
    const owner = parts.cluster.owner(Number(slot));
    if (who === 'the primary') return living(owner === null ? [] : [owner]);
    const replicas = owner === null ? [] : replicasOf(parts, owner.node);
    return who === 'a replica' ? replicas.slice(0, 1) : replicas;
  }
  const key = OF_KEY.exec(target)?.[1];
  if (key !== undefined) return clusterRole(parts, `the primary of slot ${keySlot(bytes(key))}`);
  const owners = parts.cluster.owners();
  const minority = Math.floor((Math.max(1, owners.length) - 1) / 2);
  if (target === 'a minority of the primaries') return living(owners.slice(0, minority));
  return living(target === 'a majority of the primaries' ? owners.slice(minority) : owners);
};

const living = (owners: readonly ClusterView[]): readonly NodeView[] => owners.filter((view) => view.isAlive).map(({ node }) => node);

const replicasOf = ({ views }: WorldParts, { process, port }: NodeView): readonly NodeView[] =>
  views.filter((view) => view.isAlive && view.role === 'replica' && view.primary === `${process.machine.address}:${port}`);
