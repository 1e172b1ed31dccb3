/**
 * A replica that was cut off for longer than repl-timeout (60 s) takes up the stream where it left it: both sides have
 * given the link up, it connects anew, and the primary's backlog holds what it missed. A shorter cut would not even show:
 * TCP sends again what was not acknowledged, and the old connection goes on.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, partition, threeClients } from '../plan.ts';

export const linkCut: Scenario = {
  name: 'replication/link-cut',
  teaches: 'A replica cut off beyond repl-timeout resumes the same stream: same ID, smaller offset, only the missing bytes are sent.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [
    partition(at(15_000), [
      ['redis-replica-1'],
      ['redis-main', 'redis-replica-2', 'C1', 'C2', 'C3', 'P1'],
    ], 75_000),
  ],
  durationMs: 120_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { max: 0 },
  },
};
