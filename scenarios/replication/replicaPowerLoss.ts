/**
 * A replica loses power and comes back: the service does not notice, and the replica is filled again from the primary.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, boot, power, threeClients } from '../plan.ts';

export const replicaPowerLoss: Scenario = {
  name: 'replication/replica-power-loss',
  teaches: 'Losing a replica loses nothing: the primary goes on, and the replica is filled again when it returns.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [power(at(20_000), 'redis-replica-1'), boot(at(30_000), 'redis-replica-1')],
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { max: 0 },
  },
};
