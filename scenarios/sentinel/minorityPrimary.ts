/**
 * The partition of the well-known experiment of 2013: five machines, each with a Redis and a sentinel, and clients; the
 * primary and one replica on the one side, three replicas on the other. The three elect one of their own; the primary of the
 * minority never learns of it, and its clients go on writing to it until the partition heals. Then it is made a replica, and
 * everything that it accepted in between is gone.
 *
 * `min-replicas-to-write` bounds that, if it is more than there are replicas on the primary's own side. With 1, the value that
 * the documentation shows, the replica beside the primary goes on counting, and nothing is bounded: it takes 2 here.
 *
 * It has a price: the new primary too wants two replicas, and they are sent to it one at a time (`parallel-syncs 1`). If the
 * replica beyond the partition comes before the second one it holds that place until `failover-timeout`, 18 s. (So it does with
 * a real Redis 7.0, seen with a replica that was stopped.)
 *
 * Source: Kyle Kingsbury, "Jepsen: Redis" (2013), for the plan. There 56 % of the acknowledged writes were lost; the share is
 * the length of the partition by the number of clients on either side, so it is a figure of the plan and not of Redis.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, partition } from '../plan.ts';
import { type WatchedPlan, fiveClients, watched } from './deployment.ts';

const PARTITION_AT_MS = 15_000;
const PARTITION_MS = 60_000;

const five = { replicas: 4, sentinels: 5, quorum: 3, placement: 'beside' } as const satisfies WatchedPlan;
const topology = watched(five);

export const minorityPrimary: Scenario = {
  name: 'sentinel/minority-primary',
  teaches: 'The primary of a minority of two machines accepts writes as long as the partition lasts: all of them are lost.',
  topology,
  workload: fiveClients(topology),
  plan: [
    partition(at(PARTITION_AT_MS), [['n1', 'n2', 'C1', 'C2', 'P1'], ['n3', 'n4', 'n5', 'C3', 'C4', 'C5', 'P2']], PARTITION_MS),
  ],
  durationMs: 90_000,
  settlingMs: 45_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Measured: 1402 to 1453, a third of everything that was acknowledged: two clients, ten a second each, for 60 s of
    // partition and the 10 to 13 s until the sentinels reach and demote their primary.
    lost: { min: 1300, max: 1600 },
    // The clients beside it never notice: theirs is the best-placed zone.
    unavailableMs: { max: 0 },
  },
};

export const minorityPrimaryMinReplicas: Scenario = {
  ...minorityPrimary,
  name: 'sentinel/minority-primary-min-replicas',
  teaches: 'min-replicas-to-write 2 stops that primary after max-lag; 1 would not: the replica on its side is enough for it.',
  topology: watched({ ...five, directives: [['min-replicas-to-write', '2'], ['min-replicas-max-lag', '10']] }),
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Measured: 200 or 201: two clients for max-lag, which is counted in whole seconds and looked at once a second.
    lost: { min: 180, max: 240 },
    // Measured: 6 to 24 s on the side of the majority, see above.
    unavailableMs: { min: 3000, max: 30_000 },
  },
};
