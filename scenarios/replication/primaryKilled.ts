/**
 * The worst of the common mistakes: a primary without persistence that is restarted before anybody promotes. It comes
 * back empty with a new replication ID; its replicas ask for a resynchronisation, get the empty data set, and replace
 * theirs with it. Every write made before is lost, on every copy.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { UNPERSISTED, primaryWithReplicas } from '../persistence/deployment.ts';
import { at, kill, start, threeClients } from '../plan.ts';

export const primaryKilled: Scenario = {
  name: 'replication/primary-killed',
  teaches: 'A primary without persistence that restarts before a promotion empties its replicas: everything is lost.',
  // The image of our compose file would persist: it turns the append-only file on.
  topology: primaryWithReplicas(UNPERSISTED, 'no'),
  workload: threeClients('redis-main:6379'),
  plan: [kill(at(20_000), 'redis-main'), start(at(22_000), 'redis-main')],
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    // Two clients adding to sets for twenty seconds; the registers were mostly overwritten since.
    lost: { min: 300 },
  },
};
