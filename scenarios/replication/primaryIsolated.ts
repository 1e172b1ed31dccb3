/**
 * Split brain by hand. The primary is cut off together with client C1, which goes on writing to it; on the other side the
 * operator promotes a replica. When the partition heals and the old primary is made a replica, everything that it
 * accepted meanwhile is thrown away: acknowledged, and lost.
 */
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, follow, heal, partition, point, promote, threeClients } from '../plan.ts';

/** Also the plan of `min-replicas`, which bounds what is lost here. */
export const primaryIsolatedPlan: readonly PlanEntry[] = [
  partition(at(20_000), [
    ['redis-main', 'C1'],
    ['redis-replica-1', 'redis-replica-2', 'C2', 'C3', 'P1'],
  ]),
  promote(at(25_000), 'redis-replica-1'),
  follow(at(25_500), 'redis-replica-2', 'redis-replica-1'),
  point(at(26_000), 'redis-main', 'redis-replica-1'),
  heal(at(35_000)),
  follow(at(38_000), 'redis-main', 'redis-replica-1'),
];

export const primaryIsolated: Scenario = {
  name: 'replication/primary-isolated',
  teaches: 'An isolated primary goes on accepting writes; once it is made a replica of the promoted one, they are discarded.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: primaryIsolatedPlan,
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    // C1 wrote ten a second for some fifteen seconds to the wrong side.
    lost: { min: 50, max: 250 },
  },
};
