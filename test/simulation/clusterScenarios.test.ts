/** The scenarios of Cluster, over a few seeds each; that they are the same every time; and that planted bugs are noticed. */
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { threeAndThree, clusterClients } from '../../scenarios/cluster/deployment.ts';
import { scenarioFor } from '../../scenarios/index.ts';
import { at, kill, partition } from '../../scenarios/plan.ts';
import { clusterTopology } from '../../scenarios/topologies.ts';
import { type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';
import { importCompose } from '../../sim/topology/compose.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS: readonly number[] = [1, 2, 3];

const verdictOf = (report: RunReport, name: string): string => report.verdicts.find((one) => one.name === name)?.verdict ?? 'no such check';

describe.each(['cluster/primary-killed', 'cluster/two-primaries-at-once', 'cluster/minority-partition'])('%s', (name) => {
  test.each(SEEDS)('seed %i is as expected', (seed) => {
    const report = runScenario(resolvedScenario(name), seed);
    expect([...report.failures, ...safetyProblems(report)], report.replay).toEqual([]);
  });

  test('the same seed gives the same bytes', () => {
    expect(runScenario(resolvedScenario(name), 4).traceHash).toBe(runScenario(resolvedScenario(name), 4).traceHash);
  });
});

test('the Compose file of a cluster survives the power loss of a primary', () => {
  const text = readFileSync(new URL('../../scenarios/seeds/cluster.compose.yaml', import.meta.url), 'utf8');
  const report = runScenario(scenarioFor(importCompose(text, 'cluster.compose.yaml')), 1);
  expect(report.failures).toEqual([]);
});

test('without full coverage the other ranges are served on', () => {
  const topology = clusterTopology({
    primaries: 3, replicasEach: 0, nodeTimeoutMs: 2000, directives: [['cluster-require-full-coverage', 'no']],
  });
  const scenario: ResolvedScenario = {
    name: 'part', teaches: 'part', topology, workload: clusterClients(topology), plan: [kill(at(10_000), 'n1')], durationMs: 25_000,
    settlingMs: 10_000, expects: { verdicts: {} },
  };
  const report = runScenario(scenario, 1);
  expect(safetyProblems(report)).toEqual([]);
  expect(verdictOf(report, 'service-restored')).toBe('violated');
  // The fate of what the dead range held is not known; the rest is there.
  expect(report.ledger.unknown).toBeGreaterThan(0);
  expect(report.ledger.survived + report.ledger.superseded).toBeGreaterThan(2 * report.ledger.unknown);
  expect(report.ledger.lost).toBe(0);
});

describe('planted bugs', () => {
  test('a slot map that takes older claims', () => {
    const report = runScenario(resolvedScenario('cluster/minority-partition'), 1, { bugs: ['staleSlotMap'] });
    expect(verdictOf(report, 'one-owner-per-slot-and-epoch')).toBe('violated');
  });

  test('a second vote in one epoch', () => {
    const topology = threeAndThree({ primaries: 5, nodeTimeoutMs: 2000 });
    // Two primaries die together, and their replicas hear nothing of each other: both want the same epoch.
    const scenario: ResolvedScenario = {
      name: 'two', teaches: 'two', topology, workload: clusterClients(topology),
      plan: [kill(at(10_000), 'n1'), kill(at(10_000), 'n2'), partition(at(10_000), [['n7'], ['n8']], 10_000)],
      durationMs: 22_000, settlingMs: 15_000, expects: { verdicts: {} },
    };
    const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
    const violated = (bugs: readonly string[]): number => seeds.filter(
      (seed) => verdictOf(runScenario(scenario, seed, { bugs }), 'one-cluster-vote-per-epoch') === 'violated').length;
    expect(violated(['clusterVotesTwice'])).toBeGreaterThan(0);
    expect(violated([])).toBe(0);
  });
});
