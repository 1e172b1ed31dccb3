/**
 * WAIT counts replicas; it does not choose the one that is promoted. One replica is cut off from the primary and falls behind
 * without anybody noticing; every write is acknowledged by WAIT 1, because the other replica has it. Then the primary and that
 * replica lose power together, and the operator promotes the one that is left.
 *
 * Beside every write stands what WAIT said of it, so the report tells how many of the lost had been "acknowledged by a replica".
 */
import type { Scenario, WaitSpec } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, boot, client, follow, heal, partition, point, power, promote } from '../plan.ts';

const server = 'redis-main:6379';
/** Short, so that a primary without replicas delays each write and does not stop them. */
const wait: WaitSpec = { replicas: 1, timeoutMs: 50 };

export const waitAndStillLost: Scenario = {
  name: 'replication/wait-and-still-lost',
  teaches: 'WAIT 1 says that some replica has the write, not that the one to be promoted has it: it is lost all the same.',
  topology: { file: 'replication.compose.yaml' },
  workload: {
    clients: [
      client('C1', 'setAdd', { server, wait }),
      client('C2', 'setAdd', { server, wait }),
      client('C3', 'register', { server, wait }),
    ],
    probes: [{ name: 'P1', zone: 'zone-a', server }],
  },
  plan: [
    partition(at(15_000), [['redis-main'], ['redis-replica-2']]),
    power(at(20_000), 'redis-main'),
    power(at(20_000), 'redis-replica-1'),
    promote(at(25_000), 'redis-replica-2'),
    point(at(25_500), 'redis-main', 'redis-replica-2'),
    heal(at(30_000)),
    boot(at(32_000), 'redis-main'),
    follow(at(33_000), 'redis-main', 'redis-replica-2'),
    boot(at(35_000), 'redis-replica-1'),
  ],
  durationMs: 50_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    // Three clients, ten writes a second each, for five seconds: and WAIT had spoken for all of them.
    lost: { min: 135, max: 160 },
    waitedLost: { min: 135, max: 160 },
  },
};
