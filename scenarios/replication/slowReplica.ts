/**
 * A replica that does not read. Its process stands still; the kernels between take seven megabytes, then the primary gathers
 * its output, and drops it for `client-output-buffer-limit`. What happens when it comes back depends on one number more: whether
 * the backlog still holds what it missed. Two scenarios with one plan, apart in `repl-backlog-size` alone.
 *
 * (The limit is a soft one: a hard one is never taken for less than the backlog's size, so that a replica dropped for it
 * has always missed more than the backlog holds.)
 */
import type { PlanEntry, Scenario, WorkloadSpec } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, client, command, pause } from '../plan.ts';

const server = 'redis-main:6379';

/** Registers only, so that the data set stays small while the stream is more than a megabyte a second. */
const workload: WorkloadSpec = {
  clients: [client('C1', 'register', { server, operationsPerSecond: 25, valueBytes: 48 * 1024 })],
  probes: [{ name: 'P1', zone: 'zone-a', server }],
};

const plan = (backlogSize: string): readonly PlanEntry[] => [
  command(at(1000), 'redis-main', 'CONFIG', 'SET', 'repl-backlog-size', backlogSize),
  command(at(1000), 'redis-main', 'CONFIG', 'SET', 'client-output-buffer-limit', 'replica 0 512kb 2'),
  pause(at(9000), 'redis-replica-1', 12_000),
];

export const slowReplicaDropped: Scenario = {
  name: 'replication/slow-replica-dropped',
  teaches: 'A replica too slow for its output buffer is dropped; having missed more than the backlog holds, it starts from a snapshot.',
  topology: { file: 'replication.compose.yaml' },
  workload,
  plan: plan('1mb'),
  durationMs: 30_000,
  settlingMs: 15_000,
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { max: 0 },
    // The two first ones, and one more.
    fullSyncs: { min: 3, max: 3 },
  },
};

export const slowReplicaResumes: Scenario = {
  ...slowReplicaDropped,
  name: 'replication/slow-replica-resumes',
  teaches: 'The same slow replica, and a backlog larger than what it missed: dropped as well, it goes on where it stopped.',
  plan: plan('64mb'),
  expects: { ...slowReplicaDropped.expects, fullSyncs: { min: 2, max: 2 } },
};
