/** What is wrong with clusters: how many primaries, with how many replicas, and where they stand. */
import type { Topology } from '../../../sim/topology/topology.ts';
import type { FindingRule } from './finding.ts';
import { cellProof, clusterPrimariesOf, isDown, originsOf, showsOutage } from './proofs.ts';

const PRIMARIES_WANTED = 3;

/** The most crowded of some places, and how many of the primaries are there. */
const crowded = (topology: Topology, placeOf: (machine: string) => string): { readonly place: string; readonly primaries: number } => {
  const counts = new Map<string, number>();
  for (const { machine } of clusterPrimariesOf(topology)) counts.set(placeOf(machine), (counts.get(placeOf(machine)) ?? 0) + 1);
  const [worst] = [...counts].sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1));
  return { place: worst?.[0] ?? '', primaries: worst?.[1] ?? 0 };
};

const isHalf = (count: number, of: number): boolean => count * 2 >= of;

/** One or two primaries: whoever is left is no majority. */
const tooFewPrimaries: FindingRule = {
  id: 'cluster-without-spare-majority',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const [first] = primaries;
    if (first === undefined || primaries.length >= PRIMARIES_WANTED) return null;
    return {
      says: `a cluster of ${primaries.length} primaries: without one of them the others are no majority, and nobody is elected in its place`,
      where: originsOf(primaries), proof: cellProof(`${first.machine}/power`), isBad: isDown, shows: showsOutage, mend: null,
    };
  },
};

const noReplicas: FindingRule = {
  id: 'cluster-without-replicas',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const [first] = primaries;
    if (first === undefined || topology.cluster?.replicas !== 0) return null;
    return {
      says: 'a cluster without replicas: the slots of a dead primary are gone until it comes back',
      where: originsOf(primaries), proof: cellProof(`${first.machine}/power`), isBad: isDown, shows: showsOutage, mend: null,
    };
  },
};

const crowdedMachine: FindingRule = {
  id: 'primaries-share-a-machine',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const { place, primaries: there } = crowded(topology, (machine) => machine);
    if (primaries.length < PRIMARIES_WANTED || !isHalf(there, primaries.length)) return null;
    return {
      says: `${there} of ${primaries.length} primaries are on machine ${place}: when it dies the others are no majority`,
      where: originsOf(primaries.filter(({ machine }) => machine === place)), proof: cellProof(`${place}/power`), isBad: isDown, shows: showsOutage,
      mend: { kind: 'place', machines: Object.fromEntries(topology.processes.map(({ name }) => [name, [name]])), zones: {} },
    };
  },
};

const crowdedZone: FindingRule = {
  id: 'primaries-in-one-zone',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const zoneOf = (machine: string): string => topology.machines.find(({ name }) => name === machine)?.zone ?? '';
    const zones = [...new Set(topology.machines.map(({ zone }) => zone))];
    const { place, primaries: there } = crowded(topology, zoneOf);
    if (primaries.length < PRIMARIES_WANTED || zones.length < PRIMARIES_WANTED || !isHalf(there, primaries.length)) return null;
    return {
      says: `${there} of ${primaries.length} primaries are in ${place}: when it goes dark the others are no majority, and replicas cannot elect each other`,
      where: originsOf(primaries.filter(({ machine }) => zoneOf(machine) === place)), proof: cellProof(`${place}/power`), isBad: isDown, shows: showsOutage,
      mend: { kind: 'place', machines: {}, zones: spread(topology, zones) },
    };
  },
};

/** The machines dealt to the zones in turn, in the order in which the cluster is made: primaries first, then their replicas. */
const spread = ({ cluster, processes }: Topology, zones: readonly string[]): Readonly<Record<string, readonly string[]>> => {
  const dealt: Record<string, string[]> = Object.fromEntries(zones.map((zone) => [zone, []]));
  const machines = [...new Set((cluster?.create ?? []).map((name) => processes.find((process) => process.name === name)?.machine ?? ''))];
  for (const [index, machine] of machines.entries()) dealt[zones[index % zones.length] ?? '']?.push(machine);
  return dealt;
};

export const CLUSTER_RULES: readonly FindingRule[] = [tooFewPrimaries, noReplicas, crowdedMachine, crowdedZone];
