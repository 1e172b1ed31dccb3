/**
 * Two clients, one deployment, one failure. C1 asks the sentinels once, at its start, and keeps the address for ever; C2 asks
 * again before each connect. The primary is killed and started again ten seconds later, when another one serves: C1 finds its
 * server back and writes to it, until the sentinels make that a replica. So its writes are first lost and then refused, for ever.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, kill, start } from '../plan.ts';
import { COMPOSE, stubbornAndAsking } from './deployment.ts';

export const stubbornClient: Scenario = {
  name: 'sentinel/stubborn-client',
  teaches: 'A client that keeps the address of its start loses writes to the old primary, and then writes nowhere any more.',
  topology: COMPOSE,
  workload: stubbornAndAsking(),
  plan: [kill(at(20_000), 'redis-main'), start(at(30_000), 'redis-main')],
  durationMs: 60_000,
  settlingMs: 40_000,
  expects: {
    // The probe that does as C1 does never writes again: for it there is no service.
    verdicts: { ...sentinelsHold, 'service-restored': 'violated' },
    failovers: { min: 1, max: 1 },
    // Measured: 103 to 106, all of them C1's: ten a second from the start at 30 s until the old primary is demoted.
    lost: { min: 80, max: 140 },
    // Of the best-placed zone, where they ask: 4.3 to 4.6 s.
    unavailableMs: { min: 3000, max: 8000 },
  },
};
