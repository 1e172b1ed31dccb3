/**
 * `repl-diskless-load` over seeds: replicas that were cut off for too long need all data anew, and the connection goes once and
 * again while the snapshot is on its way. Whatever is kept, emptied or swapped, the histories, the data at equal offsets and the
 * ledger must agree, and the nodes must converge.
 */
import { expect, test } from 'vitest';
import { primaryWithReplicas } from '../../scenarios/persistence/deployment.ts';
import { at, command, kill, lossy, partition, threeClients } from '../../scenarios/plan.ts';
import { runScenario } from '../../sim/run.ts';
import { Streams } from '../../sim/random/streams.ts';
import type { PlanEntry, ResolvedScenario, RunReport } from '../../sim/index.ts';
import type { TraceRecord } from '../../sim/trace/traceEvent.ts';
import { safetyProblems } from './resolved.ts';

const PLANS = 4;
const REPLICAS = ['redis-replica-1', 'redis-replica-2'] as const;
const OTHERS = ['redis-main', 'C1', 'C2', 'C3', 'P1'];
/** So large that a snapshot takes many segments. */
const VALUE_BYTES = 5000;
const TEST_MS = 60_000;

const scenarioOf = (mode: string, plan: number): ResolvedScenario => {
  const stream = new Streams(plan).named('plan');
  const draw = (below: number): number => stream.below(below);
  const entries: PlanEntry[] = [];
  for (const [index, replica] of REPLICAS.entries()) {
    const from = 8000 + draw(3000);
    entries.push(
      lossy(at(1000), 'redis-main', replica, 10 + draw(20), 30_000),
      partition(at(from), [[replica], [...OTHERS, REPLICAS[1 - index] as string]], 6000 + draw(3000)));
    // The cut ends after 14 to 20 s; from then on the replica asks for everything.
    for (let count = 0; count < 12; count++) {
      entries.push(command(at(14_000 + draw(10_000)), 'redis-main', 'CLIENT', 'KILL', 'TYPE', 'replica'));
    }
    // An empty node is what on-empty-db is about.
    if (mode === 'on-empty-db') entries.push(kill(at(12_000 + draw(10_000)), replica));
  }
  const directives = [
    ['save', ''], ['repl-diskless-load', mode], ['repl-diskless-sync-delay', '0'], ['repl-timeout', '3'],
    ['repl-ping-replica-period', '1'], ['repl-backlog-size', '16384'], ['rdbcompression', 'no'],
  ];
  const workload = threeClients('redis-main:6379');
  return {
    name: `diskless load ${mode}, plan ${plan}`, teaches: 'nothing in particular', topology: primaryWithReplicas(directives),
    workload: { ...workload, clients: workload.clients.map((client) => ({ ...client, valueBytes: VALUE_BYTES })) },
    plan: entries, durationMs: 32_000, settlingMs: 15_000, expects: { verdicts: {} },
  };
};

const run = (scenario: ResolvedScenario, seed: number): { report: RunReport; log: readonly string[] } => {
  const log: string[] = [];
  const sink = { record: (record: TraceRecord): void => {
    const message = record.detail?.['message'];
    if (typeof message === 'string') log.push(message);
  } };
  return { report: runScenario(scenario, seed, { sink }), log };
};

test.each(['swapdb', 'on-empty-db'])('%s', (mode) => {
  const runs = Array.from({ length: PLANS }, (_, plan) => run(scenarioOf(mode, plan + 1), plan + 1));
  for (const [index, { report }] of runs.entries()) {
    const converged = report.verdicts.find(({ name }) => name === 'convergence')?.verdict;
    expect([index + 1, safetyProblems(report), converged]).toEqual([index + 1, [], 'holds']);
  }
  // The plans did what they are for: snapshots failed in the middle, others came through.
  const times = (text: string): number => runs.reduce((sum, { log }) => sum + log.filter((line) => line.includes(text)).length, 0);
  expect(times('to parser')).toBeGreaterThan(PLANS);
  expect(times('Failed trying to load the MASTER synchronization DB from socket')
    + times('I/O error trying to sync with MASTER')).toBeGreaterThan(0);
  expect(times('MASTER <-> REPLICA sync: Finished with success')).toBeGreaterThan(PLANS);
  if (mode === 'on-empty-db') return;
  expect(times('Discarding temporary DB in background')).toBeGreaterThan(0);
  expect(times('Swapping active DB with loaded DB')).toBeGreaterThan(PLANS);
}, TEST_MS);
