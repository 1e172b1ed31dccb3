/**
 * Roles of a cluster in a real run, by what each node last said of itself (CLUSTER NODES, its own line): the same words as in
 * `sim/fault/clusterTarget.ts`. Of several who claim a slot the one with the greatest configuration epoch owns it, dead or alive.
 *
 * Source: the format of CLUSTER NODES, Redis documentation.
 */
import { bytes, keySlot } from '../../../engine/index.ts';
import type { Knowledge, KnownNode } from './roles.ts';

/** What a node said that it owns. */
export interface SlotClaim {
  readonly epoch: number;
  /** First and last slot of each range. */
  readonly ranges: readonly (readonly [number, number])[];
}

const OF_SLOT = /^(the primary|the replicas|a replica) of slot ([0-9]{1,5})$/;
const OF_KEY = /^the primary of key (.+)$/s;
const RANGE = /^([0-9]+)(?:-([0-9]+))?$/;
const EPOCH_PLACE = 6;
const SLOTS_FROM = 8;

/** Null: the answer has no line of the node's own, or it owns nothing. */
export const claimOf = (clusterNodes: string): SlotClaim | null => {
  const words = clusterNodes.split('\n').find((line) => line.includes('myself'))?.trim().split(' ') ?? [];
  const ranges = words.slice(SLOTS_FROM).flatMap((word): (readonly [number, number])[] => {
    const [, first, last = first] = RANGE.exec(word) ?? [];
    return first === undefined ? [] : [[Number(first), Number(last)]];
  });
  return ranges.length === 0 ? null : { epoch: Number(words[EPOCH_PLACE]), ranges };
};

/** Names of the processes that `target` means; null: it is no role of a cluster, or nobody has said yet who owns what. */
export const clusterRole = (known: Knowledge, target: string): readonly string[] | null => {
  if (known.claims.size === 0) return null;
  const [, who, slot] = OF_SLOT.exec(target) ?? [];
  if (slot !== undefined) {
    const owner = ownerOf(known, Number(slot));
    if (who === 'the primary') return living(owner === null ? [] : [owner]);
    const replicas = owner === null ? [] : living(known.nodes.filter(({ role, primary }) => role === 'replica' && primary === owner.place));
    return who === 'a replica' ? replicas.slice(0, 1) : replicas;
  }
  const key = OF_KEY.exec(target)?.[1];
  if (key !== undefined) return clusterRole(known, `the primary of slot ${keySlot(bytes(key))}`);
  const owners = known.nodes.filter((node) => known.claims.get(node.name)?.ranges.some(([first]) => ownerOf(known, first) === node) === true);
  const minority = Math.floor((Math.max(1, owners.length) - 1) / 2);
  switch (target) {
    case 'the primaries': return living(owners);
    case 'a minority of the primaries': return living(owners.slice(0, minority));
    case 'a majority of the primaries': return living(owners.slice(minority));
    default: return null;
  }
};

const ownerOf = ({ nodes, claims }: Knowledge, slot: number): KnownNode | null => {
  let best: KnownNode | null = null;
  let bestEpoch = -1;
  for (const node of nodes) {
    const claim = claims.get(node.name);
    if (claim === undefined || claim.epoch <= bestEpoch || !claim.ranges.some(([first, last]) => first <= slot && slot <= last)) continue;
    best = node;
    bestEpoch = claim.epoch;
  }
  return best;
};

const living = (nodes: readonly KnownNode[]): readonly string[] => nodes.flatMap(({ name, isAlive }) => (isAlive ? [name] : []));
