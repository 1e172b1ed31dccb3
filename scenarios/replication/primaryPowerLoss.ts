/**
 * The first lesson of replication: it is asynchronous, and nobody is promoted until somebody does it.
 *
 * On a network that loses segments the replicas lag by a few retransmissions, and the primary loses power in mid-traffic.
 * Five seconds later an operator promotes the replica that has most, sends the other one after it and changes the DNS
 * entry. The old primary comes back empty-handed and is made a replica. What it had acknowledged and no replica had
 * received is lost, and that is permitted. (On a flawless network of one zone the window is well below a millisecond.)
 */
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, boot, follow, lossy, point, power, promote, threeClients } from '../plan.ts';

/** A bad day of the network between the primary and its replicas. */
const LOSS_PERCENT = 30;

/** The plan for a deployment whose primary is the container `primary`; also used for compose files of strangers. */
export const primaryPowerLossPlan = (primary: string): readonly PlanEntry[] => [
  lossy(at(15_000), 'the primary', 'replica 1', LOSS_PERCENT, 10_000),
  lossy(at(15_000), 'the primary', 'replica 2', LOSS_PERCENT, 10_000),
  power(at(20_000), 'the primary'),
  promote(at(25_000), 'the most advanced replica'),
  follow(at(25_500), 'a replica', 'the primary'),
  point(at(26_000), primary, 'the primary'),
  boot(at(40_000), primary),
  follow(at(41_000), primary, 'the primary as C1 believes'),
];

export const primaryPowerLoss: Scenario = {
  name: 'replication/primary-power-loss',
  teaches: 'Replication is asynchronous: the writes that a dying primary had not yet sent are lost, and only a human promotes.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: primaryPowerLossPlan('redis-main'),
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    // From the power loss until the clients look the name up again.
    unavailableMs: { min: 5000, max: 15_000 },
  },
};
