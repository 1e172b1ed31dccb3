/**
 * Who must live for a failover. The quorum says how many must find the primary down; a majority of all sentinels that are
 * known, dead ones included, must elect the leader. Two sentinels of which one dies with the primary can do nothing, whatever
 * the quorum; three machines survive the loss of one; and quorum 2 of 5 with three dead finds the primary down, and no more.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { nobodyElected, sentinelsHold } from '../expectations.ts';
import { at, boot, kill, power, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from './deployment.ts';

const two = watched({ replicas: 1, sentinels: 2, quorum: 1, placement: 'beside', directives: PERSISTED });

export const twoSentinels: Scenario = {
  name: 'sentinel/two-sentinels',
  teaches: 'Of two sentinels the one left cannot elect a leader, not even with quorum 1: nothing happens until the other returns.',
  topology: two,
  workload: clientsOf(two),
  plan: [power(at(20_000), 'n1'), boot(at(50_000), 'n1')],
  durationMs: 70_000,
  settlingMs: 45_000,
  expects: {
    verdicts: nobodyElected, failovers: { max: 0 },
    // Measured: 1 to 30. The primary returns with what its append-only file has (everysec), and its replica gives up the rest.
    lost: { max: 70 },
    // From the power loss to the boot, and a second of the clients'.
    unavailableMs: { min: 30_000, max: 36_000 },
  },
};

const three = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'beside', directives: PERSISTED });

export const besideEachRedis: Scenario = {
  name: 'sentinel/beside-each-redis',
  teaches: 'A sentinel beside each Redis on three machines survives one machine: two sentinels of three are a majority.',
  topology: three,
  workload: clientsOf(three),
  plan: [power(at(20_000), 'n1'), boot(at(45_000), 'n1')],
  durationMs: 60_000,
  settlingMs: 50_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Measured: none. On a flawless network the window is below a millisecond.
    lost: { max: 3 },
    // Measured: 5.2 to 6.6 s; none sooner than 3 s after the last sign of life.
    unavailableMs: { min: 3000, max: 9000 },
  },
};

const quorumTwoOfFive = watched({ replicas: 2, sentinels: 5, quorum: 2, placement: 'apart', directives: PERSISTED });

export const quorumAgainstMajority: Scenario = {
  name: 'sentinel/quorum-against-majority',
  teaches: 'Quorum 2 of 5 with three dead: the primary is found to be down, and nobody is authorised to replace it.',
  topology: quorumTwoOfFive,
  workload: clientsOf(quorumTwoOfFive),
  plan: [
    kill(at(20_000), 'a majority of the sentinels'),
    kill(at(20_000), 'the primary'),
    start(at(50_000), 'n1'),
    ...['s3', 's4', 's5'].map((sentinel) => start(at(55_000), sentinel)),
  ],
  durationMs: 65_000,
  settlingMs: 50_000,
  expects: {
    verdicts: nobodyElected, failovers: { max: 0 },
    lost: { max: 0 },
    // From the kill to the start of the same primary.
    unavailableMs: { min: 30_000, max: 33_000 },
  },
};
