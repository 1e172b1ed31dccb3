/** Slots that move under traffic, nodes that come and go, and crashes in the middle: that what the scenarios teach does happen. */
import { describe, expect, test } from 'vitest';
import { clusterTopology } from '../../scenarios/topologies.ts';
import { slotClients } from '../../scenarios/cluster/deployment.ts';
import { afterStep, at, fixSlots, kill, moveSlots } from '../../scenarios/plan.ts';
import { type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const detailOf = (report: RunReport, name: string): string => report.verdicts.find((one) => one.name === name)?.detail ?? 'no such check';
const outcomesOf = (report: RunReport): readonly string[] => report.strikes.map(({ outcome }) => outcome);

describe.each(['cluster/resharding', 'cluster/adding-a-node', 'cluster/removing-a-node'])('%s', (name) => {
  test('is as expected', () => {
    const report = runScenario(resolvedScenario(name), 1);
    expect([...report.failures, ...safetyProblems(report)], report.replay).toEqual([]);
    expect(detailOf(report, 'no-key-lost-or-doubled')).toMatch(/^(?:17|34) keys moved; 43 keys/);
  });
});

describe('what the scenarios say happens does happen', () => {
  test('a source that dies between two MIGRATEs: the moved half stays with the target, and each lost write says so', () => {
    const report = runScenario(resolvedScenario('cluster/resharding-crash-source-keys'), 2);
    expect(outcomesOf(report).at(-1)).toMatch(/both nodes have the keys/);
    expect(new Set(report.ledger.lostWrites.map(({ cause }) => cause))).toContain(
      'migrated, then held by the node that imports the slot and does not own it');
    expect(report.ledger.lostWrites.every(({ chain }) => chain.length > 0)).toBe(true);
    expect(report.ledger.bugs).toBe(0);
  });

  test('without the fix the importing node would hold the cluster to be down for ever', () => {
    const scenario = resolvedScenario('cluster/resharding-crash-source-importing');
    const plan = scenario.plan as readonly ReturnType<typeof kill>[];
    const report = runScenario({ ...scenario, plan: plan.slice(0, 2), expects: { verdicts: {} } }, 1);
    expect(report.verdicts.find(({ name }) => name === 'service-restored')?.verdict).toBe('violated');
  });

  test('a removed node is alone again, and nobody knows it', () => {
    const report = runScenario(resolvedScenario('cluster/removing-a-node'), 3);
    expect(outcomesOf(report).at(-1)).toMatch(/was forgotten by 6 nodes$/);
  });
});

/** Three primaries alone: what is lost with one of them is not to be had again. */
const alone = clusterTopology({ primaries: 3, replicasEach: 0, nodeTimeoutMs: 2000, directives: [['cluster-require-full-coverage', 'no']] });

test('a target without a replica that dies with the keys: each is lost, explained by the move and the death', () => {
  const scenario: ResolvedScenario = {
    name: 'gone', teaches: 'gone', topology: alone, workload: slotClients(alone),
    plan: [
      moveSlots(at(8000), 'n1', 'n2', '1584', { pauseMs: 200, perMigrate: 100 }), kill(afterStep('empty'), 'n2'),
      { when: at(12_000), do: 'start', target: 'n2' }, fixSlots(at(14_000), 'n3'),
    ],
    durationMs: 17_000, settlingMs: 8000, expects: { verdicts: {} },
  };
  const report = runScenario(scenario, 1);
  const moved = report.ledger.lostWrites.filter(({ cause }) => cause.startsWith('migrated, then not yet replicated when its primary died'));
  expect(moved.length).toBeGreaterThan(50);
  expect(safetyProblems(report)).toEqual([]);
});
