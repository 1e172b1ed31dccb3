/**
 * What one primary sends to another is lost on the way; the other direction works, and so do all other links. Each of the
 * two hears no answers and holds the other to be failing. Gossip tells that to everybody, and nobody agrees: it takes a majority of the
 * primaries to fail one, so there is no failover, and all slots are served.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterUnelected } from '../expectations.ts';
import { at, partitionOneWay } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const CUT_AT_MS = 20_000;
const CUT_MS = 30_000;

const topology = threeAndThree();

export const oneWayPartition: Scenario = {
  name: 'cluster/one-way-partition',
  teaches: 'Two primaries that do not hear each other fail nobody: gossip tells the others, and a majority must agree.',
  topology,
  workload: clusterClients(topology),
  plan: [partitionOneWay(at(CUT_AT_MS), ['n1'], ['n2'], CUT_MS)],
  durationMs: 60_000,
  settlingMs: 20_000,
  // Measured over 20 seeds: nothing lost, no pause.
  expects: { verdicts: clusterUnelected, lost: { max: 0 }, unavailableMs: { max: 1000 } },
};
