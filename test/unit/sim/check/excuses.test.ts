/** Which stalls are excused, by what proof; and that nothing else is. */
import { describe, expect, test } from 'vitest';
import { bytes, epoch } from '../../../../engine/index.ts';
import { replicationChaos } from '../../../../scenarios/replication/chaos.ts';
import { sentinelChaos } from '../../../../scenarios/sentinel/chaos.ts';
import { clusterChaos } from '../../../../scenarios/cluster/chaos.ts';
import type { PlanEntry, RunReport, Scenario, Topology, VerdictReport } from '../../../../sim/index.ts';
import type { FinalState } from '../../../../sim/check/check.ts';
import { sentinelExcuse } from '../../../../sim/check/sentinelExcuse.ts';
import { SentinelView } from '../../../../sim/check/sentinelView.ts';
import type { StalledWorld } from '../../../../sim/check/stalledWorld.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { runScenario } from '../../../../sim/run.ts';

const run = (scenario: Scenario, plan: readonly PlanEntry[], bugs: readonly string[] = [], change: (topology: Topology) => Topology = (same) => same): RunReport =>
  runScenario({ ...scenario, topology: change(scenario.topology as Topology), plan, durationMs: 14_000, settlingMs: 40_000 }, 1, { bugs });

const verdictOf = (report: RunReport, name: string): VerdictReport | undefined => report.verdicts.find((verdict) => verdict.name === name);
const stall = (report: RunReport): VerdictReport | undefined => verdictOf(report, 'stall-is-excusable');
const stop = (target: string, atMs = 8000): PlanEntry => ({ when: { atMs }, do: 'stop', target });

describe('without sentinels', () => {
  test('no stall', () => expect(stall(run(replicationChaos, []))).toMatchObject({ verdict: 'holds', detail: 'no stall' }));

  test('the primary is dead, and only a human replaces it: the liveness checks were not exercised', () => {
    const report = run(replicationChaos, [stop('redis-main')]);
    expect(stall(report)).toMatchObject({ verdict: 'holds' });
    expect(stall(report)?.detail).toContain('redis-main was stopped by hand, and nobody started it again');
    for (const name of ['service-restored', 'convergence']) expect(verdictOf(report, name)?.verdict).toBe('not exercised');
  });

  test('roles are as a human left them', () => {
    const report = run(replicationChaos, [{ when: { atMs: 8000 }, do: 'promote', target: 'redis-replica-1' }]);
    expect(stall(report)?.detail).toContain("redis-replica-1 is a primary, as a human left it; roles were last set by 'promote' at 8 s");
  });

  test('where no scenario asks for the excuse, a stall stays a violation', () => {
    const { verdicts, failures } = run({ ...replicationChaos, expects: { verdicts: {} } }, [stop('redis-main')]);
    expect(verdicts.find(({ name }) => name === 'service-restored')?.verdict).toBe('violated');
    expect(failures).toEqual([]);
  });
});

describe('with sentinels', () => {
  test('too few of them are left', () => {
    const report = run(sentinelChaos, [stop('s1'), stop('s2'), stop('n1', 9000)]);
    expect(stall(report)).toMatchObject({ verdict: 'holds' });
    expect(stall(report)?.detail).toContain('1 of 3 sentinels are left, and 2 are needed: s1 was stopped by hand');
  });

  test('nobody can be promoted', () => {
    const barred = (topology: Topology): Topology => ({ ...topology, processes: topology.processes.map((process) => (
      process.name === 'n2' ? { ...process, directives: [...process.directives, ['replica-priority', '0']] } : process)) });
    const report = run(sentinelChaos, [stop('n3'), stop('n1', 9000)], [], barred);
    expect(stall(report)?.detail).toContain('no replica can be promoted: n2 has replica-priority 0, n3 was stopped by hand');
  });

  test('enough of them, and nobody does it: no excuse', () => {
    const report = run(sentinelChaos, [stop('n1')], ['neverFailsOver']);
    expect(stall(report)).toMatchObject({ verdict: 'violated' });
    expect(verdictOf(report, 'service-restored')?.verdict).toBe('violated');
    expect(run(sentinelChaos, [stop('n1')]).failures).toEqual([]);
  });
});

describe('sentinels that disagree', () => {
  /** Who holds which primary with which configuration epoch; the last one may be dead. */
  const divided = (beliefs: readonly (readonly [primary: string, epoch: number])[], isLastDead = false): string | null => {
    const sentinels = beliefs.map(([primary, configEpoch], index) => {
      const state = isLastDead && index === beliefs.length - 1 ? 'dead' : 'running';
      const view = new SentinelView({ name: `s${index + 1}`, state } as unknown as SimProcess, 26379);
      view.note({ kind: 'belief', name: bytes('mymain'), primary: bytes(primary) });
      view.note({ kind: 'epoch', name: bytes('mymain'), current: epoch(configEpoch), config: epoch(configEpoch) });
      return view;
    });
    return sentinelExcuse('sentinels-agree', {} as StalledWorld, { sentinels } as unknown as FinalState);
  };

  // Seed 1126 of sentinel/chaos: a failover that waited for a replica was overtaken by one back to the primary that it replaced.
  test('in one epoch: no hello changes their minds', () => {
    expect(divided([['a:1', 2], ['a:1', 2], ['b:1', 2]])).toBe(
      's1 holds a:1 to be the primary of mymain and s3 holds b:1, both with configuration epoch 2: a hello changes neither mind');
  });

  test('in different epochs, or with a dead one: no excuse', () => {
    expect(divided([['a:1', 3], ['a:1', 3], ['b:1', 2]])).toBeNull();
    expect(divided([['a:1', 2], ['c:1', 1], ['b:1', 1]])).toBeNull();
    expect(divided([['a:1', 2], ['a:1', 2], ['b:1', 2]], true)).toBeNull();
    expect(divided([['a:1', 2], ['a:1', 2], ['a:1', 2]])).toBeNull();
  });
});

describe('in a cluster', () => {
  test('a range has nobody left', () => {
    const report = run(clusterChaos, [stop('n1'), stop('n5')]);
    expect(stall(report)).toMatchObject({ verdict: 'holds' });
    expect(stall(report)?.detail).toContain('nobody has the slots of n1: n1 was stopped by hand');
  });

  test('no majority of the primaries is left', () => {
    const report = run(clusterChaos, [stop('n1'), stop('n2')]);
    expect(stall(report)?.detail).toContain('1 of 3 primaries with slots are left, and 2 must agree: n1 was stopped by hand');
  });
});
