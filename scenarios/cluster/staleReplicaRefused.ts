/**
 * A replica is cut off from its primary for longer than `cluster-replica-validity-factor` node timeouts and one period of the
 * primary's pings. When the primary dies it does not stand for election, though all others would vote for it: its data are too old.
 * The slots wait for the primary.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterUnelected } from '../expectations.ts';
import { at, kill, partition, start } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

/** The limit is 10 s, and ten times this, and once more until the age begins to count. */
const NODE_TIMEOUT_MS = 2000;
const CUT_AT_MS = 15_000;
const CUT_MS = 60_000;
const KILLED_MS = 52_000;
const BACK_MS = 70_000;

const topology = threeAndThree({ nodeTimeoutMs: NODE_TIMEOUT_MS, directives: [['appendonly', 'yes']] });

export const clusterStaleReplicaRefused: Scenario = {
  name: 'cluster/stale-replica-refused',
  teaches: 'A replica that has not heard of its primary for ten node timeouts is not elected: an outage instead of a long loss.',
  topology,
  workload: clusterClients(topology),
  plan: [partition(at(CUT_AT_MS), [['n1'], ['n5']], CUT_MS), kill(at(KILLED_MS), 'n1'), start(at(BACK_MS), 'n1')],
  durationMs: 85_000,
  settlingMs: 30_000,
  // Measured over 20 seeds: nothing lost, 20.1 s: from the kill to the start, 18 s, and the 2 s that a started primary waits.
  expects: { verdicts: clusterUnelected, lost: { max: 0 }, unavailableMs: { min: 19_000, max: 22_000 } },
};
