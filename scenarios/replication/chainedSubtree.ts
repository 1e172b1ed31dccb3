/**
 * A chain: the primary feeds one replica, and that one feeds two more. The primary dies and the one in the middle is promoted:
 * it drops its replicas so that they learn the new ID, and both take up the stream where they left it. The whole subtree moves
 * without one snapshot.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, point, power, promote, threeClients } from '../plan.ts';
import { topologyOf } from '../topologies.ts';

export const chainedSubtree: Scenario = {
  name: 'replication/chained-subtree',
  teaches: 'Replicas of a promoted replica follow it into its new history: a whole subtree keeps its data and its place.',
  topology: topologyOf('a chain of replicas', [
    { name: 'redis-main' },
    { name: 'redis-middle', follows: 'redis-main' },
    { name: 'redis-leaf-1', follows: 'redis-middle' },
    { name: 'redis-leaf-2', follows: 'redis-middle' },
  ]),
  workload: threeClients('redis-main:6379'),
  plan: [
    power(at(25_000), 'redis-main'),
    promote(at(30_000), 'redis-middle'),
    point(at(30_500), 'redis-main', 'redis-middle'),
  ],
  durationMs: 50_000,
  settlingMs: 20_000,
  expects: {
    verdicts: everythingHolds,
    unavailableMs: { min: 5000, max: 8000 },
    // Each of the three replicas once.
    fullSyncs: { min: 3, max: 3 },
  },
};
