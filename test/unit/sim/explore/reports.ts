/** Reports and summaries that tests make up: only what the search looks at. */
import type { FailureClass } from '../../../../sim/explore/failureClass.ts';
import { NO_COVERAGE } from '../../../../sim/explore/coverage.ts';
import type { RunSummary } from '../../../../sim/explore/runSummary.ts';
import type { RunReport } from '../../../../sim/report.ts';
import type { PlanEntry, ResolvedScenario } from '../../../../sim/scenario.ts';

export const entry = (kind: string, atMs: number, more: Partial<PlanEntry> = {}): PlanEntry => ({ when: { atMs }, do: kind, ...more });

export const scenarioWith = (plan: ResolvedScenario['plan'], more: Partial<ResolvedScenario> = {}): ResolvedScenario => ({
  name: 'test/made-up', teaches: 'nothing',
  topology: {
    name: 'made up', warnings: [],
    machines: ['n1', 'n2', 'n3'].map((name, index) => ({ name, zone: 'zone-a', address: `10.0.0.${index + 1}` })),
    processes: ['n1', 'n2', 'n3'].map((name) => ({
      name, kind: 'redis', machine: name, port: 6379, aliases: [], restart: 'no', persistentData: false, origin: 'the test',
      directives: name === 'n1' ? [] : [['replicaof', '10.0.0.1', '6379']],
    })),
  },
  workload: {
    clients: ['C1', 'C2'].map((name) => (
      { name, zone: 'zone-a', kind: 'setAdd', operationsPerSecond: 10, timeoutMs: 1000, server: 'n1:6379' } as const)),
    probes: [{ name: 'P1', zone: 'zone-a', server: 'n1:6379' }],
  },
  plan, durationMs: 60_000, settlingMs: 30_000, expects: { verdicts: {} }, ...more,
});

/** A report of a run that had these failures. */
export const reportWith = (failures: readonly string[], more: Partial<RunReport> = {}): RunReport => ({
  scenario: 'test/made-up', seed: 1, ok: failures.length === 0, traceHash: '0123456789abcdef', virtualMs: 1000, wallMs: 0, events: 10,
  eventsByKind: {}, plan: [], strikes: [], fired: {}, marks: {}, replay: 'again', unavailableMs: 0, zones: [], verdicts: [], failures,
  warnings: [], staleness: { reads: 0, stale: 0, maxMs: 0, medianMs: 0 }, syncs: { full: 0, partialOk: 0, partialRefused: 0 },
  ledger: {
    acknowledged: 0, survived: 0, superseded: 0, lost: 0, permitted: 0, bugs: 0, unknown: 0, unacknowledged: 0, unacknowledgedEffective: 0,
    waited: { acknowledged: 0, lost: 0 }, lostWrites: [],
  },
  nodes: ['n1', 'n2', 'n3'].map((name) => (
    { name, state: 'running', role: 'replica', primary: null, replicationId: null, offset: null, digest: null } as const)),
  ...more,
} as RunReport);

export const summaryWith = (failures: readonly FailureClass[], more: Partial<RunSummary> = {}): RunSummary => ({
  traceHash: '0123456789abcdef', failures, detail: failures[0]?.check ?? '', entries: 3, lost: 0, bugs: 0, unavailableMs: 0, failoverMs: [],
  virtualMs: 1000, events: 10, coverage: { ...NO_COVERAGE, runs: 1 }, features: ['a'], signature: 'a', ...more,
});
