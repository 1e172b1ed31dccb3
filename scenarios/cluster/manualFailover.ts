/**
 * CLUSTER FAILOVER with everything in good order: the primary pauses its writers, the replica catches up with it and is elected by
 * the other primaries. The paused writes are redirected; none that was acknowledged is lost.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterHolds } from '../expectations.ts';
import { at, command } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const topology = threeAndThree();

export const clusterManualFailover: Scenario = {
  name: 'cluster/manual-failover',
  teaches: 'CLUSTER FAILOVER loses nothing and takes less than a second: the primary stops its writers until the replica has all.',
  topology,
  workload: clusterClients(topology),
  plan: [command(at(20_000), 'n5', 'CLUSTER', 'FAILOVER')],
  durationMs: 35_000,
  settlingMs: 20_000,
  // Measured over 20 seeds: nothing lost, and no pause that a probe would notice.
  expects: { verdicts: clusterHolds, lost: { max: 0 }, unavailableMs: { max: 1000 } },
};
