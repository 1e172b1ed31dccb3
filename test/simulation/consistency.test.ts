/** Workloads on shared keys, each way to a server, with all checks of consistency on; and the scenarios that show what breaks them. */
import { describe, expect, test } from 'vitest';
import { client } from '../../scenarios/plan.ts';
import { PRIMARY_NAME, clusterTopology, sentinelTopology, topologyOf } from '../../scenarios/topologies.ts';
import type { ClientSpec, Locator, ResolvedScenario, RunReport, Verdict, WorkloadKind } from '../../sim/index.ts';
import { type Topology, runScenario } from '../../sim/index.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const CHECKS = ['linearizable', 'read-your-writes', 'monotonic-reads', 'lock-mutual-exclusion', 'queue-no-loss', 'queue-no-duplicates', 'counter-exact'];

const clientsOf = (locator: Locator): readonly ClientSpec[] => {
  const two = (kind: WorkloadKind, names: readonly string[]): readonly ClientSpec[] =>
    names.map((name, index) => client(name, kind, { ...locator, ...(index === 0 ? {} : { loop: 'closed', thinkMs: 30 }) }));
  return [
    ...two('sharedRegister', ['S1', 'S2']), ...two('counter', ['I1', 'I2']), ...two('multiKey', ['M1', 'M2']),
    client('Q1', 'queue', { ...locator, queue: { side: 'producer' } }),
    client('Q2', 'queue', { ...locator, queue: { side: 'consumer' } }),
    client('Q3', 'queue', { ...locator, queue: { side: 'consumer', takesBy: 'BLPOP' } }),
    client('Q4', 'queue', { ...locator, queue: { side: 'consumer', takesBy: 'LMOVE' } }),
    client('L1', 'lock', { ...locator, lock: { leaseMs: 3000, holdMs: 500 } }),
    client('L2', 'lock', { ...locator, lock: { leaseMs: 3000, holdMs: 500 } }),
  ];
};

const quiet = (topology: Topology, locator: Locator): ResolvedScenario => ({
  name: 'quiet', teaches: 'quiet', topology, workload: { clients: clientsOf(locator), probes: [] }, plan: [], durationMs: 12_000,
  settlingMs: 3000, expects: { verdicts: Object.fromEntries(CHECKS.map((name): [string, Verdict] => [name, 'holds'])) },
});

const sentinels = sentinelTopology({ replicas: 1, sentinels: 3, quorum: 2, placement: 'apart' });
const service = { name: PRIMARY_NAME, sentinels: ['s1:26379', 's2:26379', 's3:26379'] };
const cluster = clusterTopology({ primaries: 3, replicasEach: 0, nodeTimeoutMs: 2000 });

const verdictOf = (report: RunReport, name: string): string => report.verdicts.find((one) => one.name === name)?.verdict ?? 'no such check';

describe.each<[string, Topology, Locator]>([
  ['server', topologyOf('one', [{ name: 'n1' }]), { server: 'n1:6379' }],
  ['sentinel', sentinels, { sentinel: { ...service, listens: true } }],
  ['sentinelOnce', sentinels, { sentinelOnce: service }],
  ['cluster', cluster, { cluster: { nodes: ['n1:6379', 'n2:6379', 'n3:6379'] } }],
])('%s', (_name, topology, locator) => {
  test('every kind works, and all is in order where nothing happens', () => {
    const report = runScenario(quiet(topology, locator), 3);
    expect([...report.failures, ...safetyProblems(report)]).toEqual([]);
    expect(verdictOf(report, 'model-agrees')).toBe('holds');
    for (const name of CHECKS) expect(report.verdicts.find((one) => one.name === name)?.comparisons ?? 0, name).toBeGreaterThan(5);
  });
});

describe.each([
  'replication/one-node-is-linearizable', 'replication/not-linearizable-reads', 'sentinel/lock-held-twice', 'sentinel/queue-loses-jobs',
  'sentinel/counter-goes-back', 'sentinel/register-not-linearizable',
])('%s', (name) => {
  test('is as expected', () => {
    const report = runScenario(resolvedScenario(name), 1);
    expect(report.failures, report.replay).toEqual([]);
    for (const { verdict, evidence } of report.verdicts) {
      if (evidence !== undefined) expect([verdict, evidence.length > 0]).toEqual(['violated', true]);
    }
  });
});

test('the same seed gives the same bytes, and another seed other choices', () => {
  const scenario = resolvedScenario('replication/one-node-is-linearizable');
  expect(runScenario(scenario, 4).traceHash).toBe(runScenario(scenario, 4).traceHash);
  expect(runScenario(scenario, 5).traceHash).not.toBe(runScenario(scenario, 4).traceHash);
});

test('a check of consistency that no scenario names is not made', () => {
  const scenario = resolvedScenario('replication/one-node-is-linearizable');
  const report = runScenario({ ...scenario, expects: { verdicts: {} } }, 1);
  expect(verdictOf(report, 'linearizable')).toBe('no such check');
  expect(report.failures).toEqual([]);
});
