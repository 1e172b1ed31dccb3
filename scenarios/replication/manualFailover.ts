/**
 * The planned way to hand the role over: FAILOVER pauses writes, lets a replica catch up, promotes it and follows it. What was
 * acknowledged is on the new primary before it takes its first write, so nothing is lost; clients see a pause, and then
 * "read only" until the name leads them to the new one.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, command, point, threeClients } from '../plan.ts';

export const manualFailover: Scenario = {
  name: 'replication/manual-failover',
  teaches: 'FAILOVER hands the role over without losing a write: it waits for a replica to catch up while writes are paused.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [
    command(at(20_000), 'redis-main', 'FAILOVER', 'TIMEOUT', '10000'),
    point({ after: { kind: 'note.mark', node: 'redis-main', fields: { name: 'failoverHandedOver' } }, delayMs: 500 },
      'redis-main', 'the primary'),
  ],
  durationMs: 45_000,
  settlingMs: 20_000,
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { min: 100, max: 3000 },
    // The two first ones: the old primary resumes, and so does the other replica below it.
    fullSyncs: { min: 2, max: 2 },
  },
};
