/** The scenarios of Cluster, over a few seeds each, and what they say of Redis. */
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import type { Note } from '../../engine/index.ts';
import { clusterClients } from '../../scenarios/cluster/deployment.ts';
import { scenarioFor } from '../../scenarios/index.ts';
import { at, kill } from '../../scenarios/plan.ts';
import { clusterTopology } from '../../scenarios/topologies.ts';
import { type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';
import { importCompose } from '../../sim/topology/compose.ts';
import { noOtherFiles } from '../../sim/topology/importDeployment.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS: readonly number[] = [1, 2, 3];

const verdictOf = (report: RunReport, name: string): string => report.verdicts.find((one) => one.name === name)?.verdict ?? 'no such check';

describe.each(['cluster/primary-killed', 'cluster/two-primaries-at-once', 'cluster/minority-partition'])('%s', (name) => {
  test.each(SEEDS)('seed %i is as expected', (seed) => {
    const report = runScenario(resolvedScenario(name), seed);
    expect([...report.failures, ...safetyProblems(report)], report.replay).toEqual([]);
  });
});

/** Each runs for half a second. */
describe.each([
  'cluster/two-primaries-one-after-the-other', 'cluster/all-primaries-in-one-zone', 'cluster/takeover-by-hand',
  'cluster/one-way-partition', 'cluster/partial-coverage', 'cluster/replica-migration', 'cluster/stale-replica-refused',
  'cluster/manual-failover', 'cluster/epoch-collision',
])('%s', (name) => {
  test('is as expected', () => {
    const report = runScenario(resolvedScenario(name), 1);
    expect([...report.failures, ...safetyProblems(report)], report.replay).toEqual([]);
  });
});

test('a hundred nodes replace a dead primary', () => {
  const report = runScenario(resolvedScenario('cluster/hundred-nodes'), 1);
  expect([...report.failures, ...safetyProblems(report)], report.replay).toEqual([]);
  expect(report.nodes).toHaveLength(100);
}, 120_000);

/** What nodes noted in the run of a scenario. */
const notesOf = (scenario: ResolvedScenario, seed: number): readonly { readonly node: string; readonly note: Note }[] => {
  const notes: { node: string; note: Note }[] = [];
  runScenario(scenario, seed, { sink: { record: ({ node, detail }) => {
    const note = detail?.['note'];
    if (note !== undefined) notes.push({ node, note: note as Note });
  } } });
  return notes;
};

describe('what the scenarios say happens does happen', () => {
  test('an epoch is claimed twice, and one of the two takes another', () => {
    const claims = notesOf(resolvedScenario('cluster/epoch-collision'), 2).flatMap(({ node, note }) =>
      (note.kind === 'epoch' && note.config > 6 ? [`${node} ${note.config}`] : []));
    expect(claims).toEqual(expect.arrayContaining(['n4 7', 'n5 7']));
    expect(claims.filter((claim) => claim.endsWith(' 8'))).toHaveLength(1);
  });

  test('each of two deaf primaries suspects the other, and nobody is found to have failed', () => {
    const decided = notesOf(resolvedScenario('cluster/one-way-partition'), 2).flatMap(({ node, note }) =>
      (note.kind === 'cluster' && (note.event === 'pfail' || note.event === 'fail') ? [`${node} ${note.event}`] : []));
    expect(new Set(decided)).toEqual(new Set(['n1 pfail', 'n2 pfail']));
  });

  test('without migration the orphan dies with its slots', () => {
    const scenario = resolvedScenario('cluster/replica-migration');
    const processes = scenario.topology.processes.map((process) => (
      { ...process, directives: [...process.directives, ['cluster-allow-replica-migration', 'no']] }));
    const report = runScenario(
      { ...scenario, topology: { ...scenario.topology, processes }, expects: { verdicts: {} } }, 1);
    expect(verdictOf(report, 'service-restored')).toBe('violated');
  });

  test('one range is not served without its primary', () => {
    const { zones } = runScenario(resolvedScenario('cluster/partial-coverage'), 2);
    expect(zones.map(({ writeMs }) => writeMs > 25_000)).toEqual([true, false, false]);
  });
});

test('the Compose file of a cluster survives the power loss of a primary', () => {
  const text = readFileSync(new URL('../../scenarios/seeds/cluster.compose.yaml', import.meta.url), 'utf8');
  const report = runScenario(scenarioFor(importCompose(text, 'cluster.compose.yaml', noOtherFiles)), 1);
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

test('a slot map that takes older claims ends in slots that nobody has', () => {
  const report = runScenario(resolvedScenario('cluster/minority-partition'), 1, { bugs: ['staleSlotMap'] });
  // The old owner and the new one give the slots up to each other, and nobody has them in the end.
  expect(verdictOf(report, 'slot-maps-agree')).toBe('violated');
});
