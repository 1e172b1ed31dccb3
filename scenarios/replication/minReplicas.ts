/**
 * `min-replicas-to-write` bounds the damage of `primary-isolated`: a primary that has heard of no replica for
 * `min-replicas-max-lag` seconds refuses writes. The lag is counted in whole seconds and looked at once a second, so what is lost
 * is what was written in that time and at most two seconds more. The plan is that of `primary-isolated`, where the same client
 * loses everything of eighteen seconds.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, command, threeClients } from '../plan.ts';
import { primaryIsolatedPlan } from './primaryIsolated.ts';

const MAX_LAG_SECONDS = 3;

export const minReplicas: Scenario = {
  name: 'replication/min-replicas',
  teaches: 'With min-replicas-to-write 1 an isolated primary stops by itself: the loss is min-replicas-max-lag and a second or two.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [
    command(at(12_000), 'the primary', 'CONFIG', 'SET',
      'min-replicas-to-write', '1', 'min-replicas-max-lag', String(MAX_LAG_SECONDS)),
    ...primaryIsolatedPlan,
  ],
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    // One client, ten a second: three to five seconds, where `primary-isolated` loses eighteen.
    lost: { min: 20, max: 50 },
  },
};
