/**
 * SENTINEL FAILOVER is an election without voters, not the FAILOVER of the data nodes: nobody pauses writes and nobody waits
 * for the replica to catch up. The old primary is not told that it was replaced until the sentinels have seen it call itself a
 * primary for more than eight seconds; clients that do not listen to the sentinels' news write to it all that time.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { failoverForced } from '../expectations.ts';
import { at, command } from '../plan.ts';
import { COMPOSE, composeClients } from './deployment.ts';

export const manualFailoverUnderLoad: Scenario = {
  name: 'sentinel/manual-failover-under-load',
  teaches: 'SENTINEL FAILOVER with everything in good order loses writes: the old primary accepts them until it is demoted.',
  topology: COMPOSE,
  workload: composeClients(),
  plan: [command(at(20_000), 'a sentinel', 'SENTINEL', 'FAILOVER', 'mymain')],
  durationMs: 50_000,
  settlingMs: 40_000,
  expects: { verdicts: failoverForced, failovers: { min: 1, max: 1 } },
};
