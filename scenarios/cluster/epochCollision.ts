/**
 * Two replicas that cannot hear each other take over by hand in one instant. A takeover asks nobody, so both give themselves the
 * same configuration epoch. As soon as they hear of each other, the one with the smaller node ID takes the next epoch: in the end
 * all are unique again. What the replaced primaries acknowledged until they heard of it is lost: a takeover does not wait for
 * them, as a manual failover does.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { slotsChangeHands } from '../expectations.ts';
import { at, command, partition } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const CUT_AT_MS = 19_950;
const CUT_MS = 100;
/** `n4` follows `n3`, `n5` follows `n1`. `n6` would not do: its own epoch is the greatest already, so it would take none. */
const TAKEOVER_MS = 20_000;

const topology = threeAndThree();

export const epochCollision: Scenario = {
  name: 'cluster/epoch-collision',
  teaches: 'Two takeovers in one instant claim the same epoch: the node with the smaller ID takes another, and both keep their slots.',
  topology,
  workload: clusterClients(topology),
  plan: [
    partition(at(CUT_AT_MS), [['n4'], ['n5']], CUT_MS),
    ...['n4', 'n5'].map((name) => command(at(TAKEOVER_MS), name, 'CLUSTER', 'FAILOVER', 'TAKEOVER')),
  ],
  durationMs: 40_000,
  settlingMs: 20_000,
  // Measured over 20 seeds: none or one write lost, and no pause that a probe would notice.
  expects: { verdicts: slotsChangeHands, lost: { max: 6 }, unavailableMs: { max: 1000 } },
};
