/**
 * What the scenarios of Cluster are deployed on: three primaries with a replica each, on machines of their own, made a cluster as
 * redis-cli does it; and the clients that go with them: four that write to many keys, so that each range of slots has its share,
 * and a probe for each range.
 */
import type { Expectations, Locator, ProbeSpec, WorkloadSpec } from '../../sim/scenario.ts';
import { clusterPlaces, rangeKeys } from '../../sim/topology/clusterSetup.ts';
import { type Topology, passwordOf } from '../../sim/topology/topology.ts';
import { client } from '../plan.ts';
import { type ClusterPlan, clusterTopology } from '../topologies.ts';

/** Many clusters run with 5 s; 15 s is Redis's own default. */
export const NODE_TIMEOUT_MS = 5000;

/** First snapshots without the five seconds that replicas are waited for: nothing here is about those. */
const PROMPT: readonly (readonly string[])[] = [['repl-diskless-sync-delay', '0']];

/** Three primaries, `n1` to `n3`, and their replicas: `n5` follows `n1`, `n6` follows `n2`, `n4` follows `n3`. */
export const threeAndThree = (plan: Partial<ClusterPlan> = {}): Topology => clusterTopology({
  primaries: 3, replicasEach: 1, nodeTimeoutMs: NODE_TIMEOUT_MS, ...plan, directives: [...PROMPT, ...(plan.directives ?? [])],
});

/** What clients of the topology's cluster are told: all of its nodes. */
export const clusterLocator = (topology: Topology): Locator => {
  const cluster = { nodes: clusterPlaces(topology) };
  const password = topology.processes.map(passwordOf).find((known) => known !== null);
  return password === undefined || password === null ? { cluster } : { cluster, password };
};

/** Keys of a client that writes to all ranges. */
const KEYS = 12;

/** `C1` to `C4` in the zones in turn, and in each zone a probe for each range of slots: `P1-zone`, `P2-zone`, … */
export const clusterClients = (topology: Topology, zones: readonly string[] = ['zone-a']): WorkloadSpec => {
  const locator = clusterLocator(topology);
  const zoneOf = (index: number): string => zones[index % zones.length] ?? 'zone-a';
  return {
    clients: (['setAdd', 'setAdd', 'register', 'register'] as const).map((kind, index) =>
      client(`C${index + 1}`, kind, { ...locator, zone: zoneOf(index), keys: KEYS })),
    probes: zones.flatMap((zone) => rangeKeys(topology).map((key, range): ProbeSpec => (
      { name: `P${range + 1}-${zone}`, zone, key: `probe:${key}:${zone}`, ...locator }))),
  };
};

/** A hash tag whose slot belongs to the first primary, and that slot. */
export const MOVED_TAG = '3';
export const MOVED_SLOT = 1584;
/** Of each of the two clients that write to it. */
const KEYS_OF_SLOT = 8;

/** As `clusterClients`, but `C3` and `C4` have all their keys in one slot of the first primary. */
export const slotClients = (topology: Topology): WorkloadSpec => {
  const { clients, probes } = clusterClients(topology);
  return { probes, clients: clients.map((spec, index) => (index < 2 ? spec : { ...spec, keys: KEYS_OF_SLOT, hashTag: MOVED_TAG })) };
};

/** What moves of slots leave behind, where some were made. */
export const movesHold: Expectations['verdicts'] = { 'no-key-lost-or-doubled': 'holds', 'redirects-bounded': 'holds' };
