/** Coverage: what a campaign reached, what it could have reached and did not, in whatever order its runs are added. */
import { describe, expect, test } from 'vitest';
import { MARKS } from '../../../../engine/index.ts';
import { findScenario, resolve } from '../../../../scenarios/index.ts';
import {
  type Coverage, NO_COVERAGE, addCoverage, mergeCoverage, neverExercised, reachableMarks,
} from '../../../../sim/explore/coverage.ts';
import type { ResolvedScenario } from '../../../../sim/index.ts';
import { runScenario } from '../../../../sim/index.ts';

const named = (name: string): ResolvedScenario => {
  const scenario = findScenario(name);
  if (scenario === null) throw new Error(`no scenario ${name}`);
  return resolve(scenario, () => {
    throw new Error('no files here');
  });
};

const some = (runs: number, mark: string): Coverage =>
  ({ runs, marks: { [mark]: runs }, planned: { kill: runs }, fired: { kill: 1 }, checks: { convergence: 2, 'fresh-reads': 0 } });

describe('coverage', () => {
  test('adding up does not mind the order, nor how it is grouped', () => {
    const [one, two, three] = [some(1, 'sentinelTilt'), some(2, 'aofTailCut'), some(3, 'sentinelTilt')] as const;
    const left = mergeCoverage(mergeCoverage(one, two), three);
    expect(mergeCoverage(three, mergeCoverage(two, one))).toEqual(left);
    expect(left).toMatchObject({ runs: 6, marks: { sentinelTilt: 4, aofTailCut: 2 }, fired: { kill: 3 } });
    expect(JSON.stringify(left)).toBe(JSON.stringify(mergeCoverage(three, mergeCoverage(one, two))));
    expect(mergeCoverage(NO_COVERAGE, one)).toEqual(one);
  });

  test('a deployment is asked only for what it can reach', () => {
    const alone = reachableMarks(named('persistence/power-loss-always'));
    expect(alone).toContain('aofSyncFatal');
    for (const name of alone) expect(['server', 'persistence']).toContain(MARKS[name].room);
    const watched = reachableMarks(named('sentinel/chaos'));
    expect(watched).toEqual(expect.arrayContaining(['sentinelTilt', 'secondReplicationIdUsed']));
    expect(watched.some((name) => MARKS[name].room === 'cluster')).toBe(false);
    const clustered = reachableMarks(named('cluster/primary-killed'));
    expect(clustered).toEqual(expect.arrayContaining(['clusterVoteRefusedTwice', 'movedFollowed']));
    expect(clustered).not.toContain('clusterAskAnswered');
    expect(clustered).not.toContain('sentinelTilt');
  });

  test('what never struck, never compared and was never reached is named', () => {
    const scenario = { ...named('sentinel/chaos'), plan: { generate: 'chaos', kinds: ['kill', 'pause'] } } as const;
    const coverage: Coverage = { runs: 3, marks: { sentinelTilt: 1 }, planned: { kill: 4, clog: 1 }, fired: { kill: 4 }, checks: { a: 0, b: 7 } };
    const never = neverExercised(coverage, scenario);
    expect(never.kinds).toEqual(['clog', 'pause']);
    expect(never.checks).toEqual(['a']);
    expect(never.marks.map(({ name }) => name)).not.toContain('sentinelTilt');
    expect(never.marks.find(({ name }) => name === 'sentinelOdownRevoked')?.means).toBe(MARKS.sentinelOdownRevoked.means);
  });

  test('a run counts what it did', () => {
    const scenario = named('persistence/power-loss-always');
    const report = runScenario(scenario, 1);
    const coverage = addCoverage(NO_COVERAGE, report);
    expect(coverage.fired).toMatchObject({ power: report.strikes.filter(({ entry }) => entry.do === 'power').length });
    expect(coverage.checks['always-no-loss']).toBeGreaterThan(10);
    expect(report.verdicts.find(({ name }) => name === 'always-no-loss')?.comparisons).toBe(coverage.checks['always-no-loss']);
  });
});
