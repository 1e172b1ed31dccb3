/** What is wrong with clusters: how many primaries, with how many replicas, and where they stand. */
import type { Mend } from '../../../sim/topology/mend/mend.ts';
import { type ProcessSpec, type Topology, hostOf } from '../../../sim/topology/topology.ts';
import type { FindingRule } from './finding.ts';
import { cellProof, cellProofOf, clusterPrimariesOf, isDown, originsOf, placed, placedApart, showsOutage, zoneOf } from './proofs.ts';

const PRIMARIES_WANTED = 3;

/** The most crowded of some places, and how many of the primaries are there. */
const crowded = (topology: Topology, placeOf: (process: ProcessSpec) => string): { readonly place: string; readonly there: readonly ProcessSpec[] } => {
  const primaries = clusterPrimariesOf(topology);
  const places = [...new Set(primaries.map(placeOf))].map((place) => ({ place, there: primaries.filter((process) => placeOf(process) === place) }));
  return places.sort((left, right) => right.there.length - left.there.length)[0] ?? { place: '', there: [] };
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
      where: originsOf(primaries), proof: cellProof(`${hostOf(topology, first)}/power`), isBad: isDown, shows: showsOutage, mend: null,
      advice: 'three primaries or more, on machines of their own, with a replica each',
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
      where: originsOf(primaries), proof: cellProof(`${hostOf(topology, first)}/power`), isBad: isDown, shows: showsOutage, mend: null,
      advice: 'a replica for each primary, on another machine: --cluster-replicas 1',
    };
  },
};

const crowdedMachine: FindingRule = {
  id: 'primaries-share-a-machine',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const { place, there } = crowded(topology, (process) => hostOf(topology, process));
    if (primaries.length < PRIMARIES_WANTED || !isHalf(there.length, primaries.length)) return null;
    return {
      says: `${there.length} of ${primaries.length} primaries are on machine ${place}: when it dies the others are no majority`,
      where: originsOf(there), isBad: isDown, shows: showsOutage, mend: placedApart(topology, there),
      // Wherever the first of them is by then.
      proof: cellProofOf((one) => one.processes.filter(({ name }) => name === there[0]?.name).map((process) => `${hostOf(one, process)}/power`)),
    };
  },
};

const crowdedZone: FindingRule = {
  id: 'primaries-in-one-zone',
  suspect: (topology) => {
    const primaries = clusterPrimariesOf(topology);
    const zones = [...new Set(topology.machines.map(({ zone }) => zone))];
    const { place, there } = crowded(topology, (process) => zoneOf(topology, process));
    if (primaries.length < PRIMARIES_WANTED || zones.length < PRIMARIES_WANTED || !isHalf(there.length, primaries.length)) return null;
    return {
      says: `${there.length} of ${primaries.length} primaries are in ${place}: when it goes dark the others are no majority, and replicas cannot elect each other`,
      where: originsOf(there), proof: cellProof(`${place}/power`), isBad: isDown, shows: showsOutage, mend: spread(topology, zones),
    };
  },
};

/** Computers dealt to the zones in turn, in the order in which the cluster is made: primaries first, then their replicas. */
const spread = (topology: Topology, zones: readonly string[]): Mend => {
  const created = (topology.cluster?.create ?? []).flatMap((name) => topology.processes.filter((process) => process.name === name));
  const hosts = [...new Set(created.map((process) => hostOf(topology, process)))];
  return placed(topology, (process) => {
    const host = hostOf(topology, process);
    return { host, zone: zones[Math.max(0, hosts.indexOf(host)) % zones.length] ?? '' };
  });
};

export const CLUSTER_RULES: readonly FindingRule[] = [tooFewPrimaries, noReplicas, crowdedMachine, crowdedZone];
