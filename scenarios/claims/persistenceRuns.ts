/** What the claims about persistence run, beside the scenarios that are there anyhow. */
import type { Scenario, WorkloadSpec } from '../../sim/scenario.ts';
import { appendOnly, loneNode } from '../persistence/deployment.ts';
import { at, client, command, kill } from '../plan.ts';

const SERVER = 'redis-main:6379';

/** Keys that are set again and again: a log of that is longer than its result. */
const rewriters: WorkloadSpec = {
  clients: ['C1', 'C2', 'C3'].map((name) =>
    client(name, 'register', { server: SERVER, operationsPerSecond: 100, keys: 300, valueBytes: 100 })),
  probes: [],
};

const common = {
  workload: rewriters, durationMs: 40_000, settlingMs: 10_000, expects: { verdicts: { 'service-restored': 'holds' } },
} as const;

export const loadsSnapshot: Scenario = {
  ...common,
  name: 'claims/loads-snapshot',
  teaches: 'A snapshot holds each key once, and is loaded in the time that takes.',
  topology: loneNode([['save', '3600 1'], ['appendonly', 'no']]),
  plan: [command(at(30_000), 'redis-main', 'SAVE'), kill(at(30_200), 'redis-main')],
};

export const loadsLog: Scenario = {
  ...common,
  name: 'claims/loads-log',
  teaches: 'An append-only file holds every write since it was rewritten, and each is executed again at the start.',
  topology: loneNode(appendOnly('everysec')),
  plan: [kill(at(30_200), 'redis-main')],
};

/** By default the base of a rewritten append-only file is a snapshot. */
export const logAndSnapshot: Scenario = {
  ...common,
  name: 'claims/log-and-snapshot',
  teaches: 'An append-only file outgrows a snapshot of the same data; right after a rewrite it is one.',
  topology: loneNode(appendOnly('everysec')),
  plan: [
    command(at(30_000), 'redis-main', 'INFO', 'persistence'),
    command(at(30_100), 'redis-main', 'BGREWRITEAOF'),
    command(at(30_200), 'redis-main', 'INFO', 'persistence'),
  ],
};
