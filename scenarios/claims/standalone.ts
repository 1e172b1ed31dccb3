/** The claim about one node alone. */
import { INFO_REPLICATION } from '../../sim/wireWords.ts';
import type { Claim } from './claim.ts';
import { oneNodeDies } from './replicationRuns.ts';
import { answer, field, promotions, seconds, struckMs } from './seen.ts';

export const standaloneClaims: readonly Claim[] = [
  {
    n: 1, group: 'standalone', statement: 'One node: no redundancy, no failover.', expected: 'holds',
    cases: [{
      scenario: oneNodeDies,
      observe: (run) => {
        const copies = Number(field(answer(run, 'redis', 'INFO replication'), INFO_REPLICATION.connectedReplicas));
        const taken = promotions(run, struckMs(run, 1)).length;
        const { unavailableMs, virtualMs } = run.report;
        const untilTheEnd = unavailableMs > virtualMs - struckMs(run, 1) - 15_000;
        return {
          holds: copies === 0 && taken === 0 && untilTheEnd,
          evidence: `${copies} replicas; killed at ${seconds(struckMs(run, 1))}, nobody took over, and no write was answered for the`
            + ` ${seconds(unavailableMs)} that were left`,
        };
      },
    }],
  },
];
