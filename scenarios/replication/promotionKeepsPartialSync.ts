/**
 * What the second replication ID is for. A promoted replica has a new ID, and remembers the old one up to the place where it
 * left it. Its sibling asks for the old ID, at a place that the new primary has passed: it gets the bytes that it lacks and
 * the new name of the same history, and no snapshot.
 *
 * Only while it is not ahead: of two replicas that lag differently the most advanced has to be promoted.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, follow, lossy, point, power, promote, threeClients } from '../plan.ts';

export const promotionKeepsPartialSync: Scenario = {
  name: 'replication/promotion-keeps-partial-sync',
  teaches: 'A promotion changes the replication ID and keeps the old one as the second: the other replica resumes without a snapshot.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [
    lossy(at(15_000), 'redis-main', 'redis-replica-2', 20, 6000),
    power(at(20_000), 'redis-main'),
    promote(at(25_000), 'the most advanced replica'),
    follow(at(25_500), 'a replica', 'the primary'),
    point(at(26_000), 'redis-main', 'the primary'),
  ],
  durationMs: 50_000,
  settlingMs: 20_000,
  expects: {
    verdicts: everythingHolds,
    unavailableMs: { min: 5000, max: 8000 },
    // The two first ones.
    fullSyncs: { min: 2, max: 2 },
  },
};
