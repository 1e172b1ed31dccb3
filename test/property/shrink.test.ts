/** Shrinking keeps the failure, and never grows: over random plans, and made-up runs that fail when certain entries meet. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureClasses } from '../../sim/explore/failureClass.ts';
import { MUTATED_ENTRIES_MAX, mutatePlan } from '../../sim/explore/mutatePlan.ts';
import { SHRINK_RUNS_MAX, shrink } from '../../sim/explore/shrink.ts';
import { RandomStream } from '../../sim/random/streams.ts';
import type { RunReport } from '../../sim/report.ts';
import type { ExpandedScenario, PlanEntry } from '../../sim/scenario.ts';
import { reportWith, scenarioWith } from '../unit/sim/explore/reports.ts';

const KINDS = ['kill', 'power', 'pause', 'partition', 'clog', 'start'] as const;

const anEntry: fc.Arbitrary<PlanEntry> = fc.record({
  kind: fc.constantFrom(...KINDS), atMs: fc.nat(59_999), forMs: fc.option(fc.integer({ min: 1, max: 30_000 }), { nil: undefined }),
  target: fc.constantFrom('n1', 'n2', 'the primary', 'a replica', 'replica 2'),
}).map(({ kind, atMs, forMs, target }) => ({ when: { atMs }, do: kind, target, ...(forMs === undefined ? {} : { forMs }) }));

const aPlan = fc.array(anEntry, { minLength: 3, maxLength: 14 });

/** Fails where entries of these kinds are all there, in two ways; needs client C2 if told so. */
const runThat = (needed: readonly string[], needsClient: boolean) => (scenario: ExpandedScenario): RunReport => {
  const strikes = scenario.plan.map((entry) => ({ entry, atMs: 'atMs' in entry.when ? entry.when.atMs : 0, resolved: 'n1', outcome: 'done' }));
  const isThere = needed.every((kind) => scenario.plan.some((entry) => entry.do === kind));
  const fails = isThere && (!needsClient || scenario.workload.clients.some(({ name }) => name === 'C2'));
  const others = scenario.plan.length % 2 === 0 ? ['convergence: violated (apart)'] : [];
  const verdicts = ['prefix', 'convergence'].map((name) => ({ name, verdict: 'violated', expected: null, detail: name === 'prefix' ? 'n1 is wrong' : 'apart' } as const));
  return reportWith([...others, ...(fails ? ['prefix: violated (n1 is wrong)'] : [])], { verdicts, plan: scenario.plan, strikes });
};

const FAILURE = { check: 'prefix', cause: '* is wrong' };

const size = ({ plan, topology, workload, durationMs, settlingMs }: ExpandedScenario): readonly number[] => [
  plan.length, topology.processes.length, topology.machines.length, workload.clients.length, workload.probes.length, durationMs, settlingMs,
  ...workload.clients.map(({ operationsPerSecond }) => operationsPerSecond),
];

describe('shrinking', () => {
  test('keeps the failure and takes all else away, the same each time', () => {
    fc.assert(fc.property(aPlan, fc.array(fc.nat(13), { minLength: 1, maxLength: 3 }), fc.boolean(), (plan, picks, needsClient) => {
      const needed = [...new Set(picks.map((pick) => (plan[pick % plan.length] as PlanEntry).do))];
      const scenario = scenarioWith(plan) as ExpandedScenario;
      const run = runThat(needed, needsClient);
      let calls = 0;
      const found = shrink(scenario, 1, FAILURE, (smaller) => {
        calls++;
        return run(smaller);
      });
      expect(failureClasses(run(found.scenario))).toContainEqual(FAILURE);
      expect(found.scenario.plan.map((entry) => entry.do).sort()).toEqual([...needed].sort());
      expect(found.scenario.workload.clients.map(({ name }) => name)).toEqual(needsClient ? ['C2'] : []);
      size(found.scenario).forEach((after, index) => expect(after).toBeLessThanOrEqual(size(scenario)[index] ?? Infinity));
      expect(calls).toBe(found.runs);
      expect(found.runs).toBeLessThanOrEqual(SHRINK_RUNS_MAX);
      expect(shrink(scenario, 1, FAILURE, run)).toEqual(found);
      // Every step was smaller or plainer than the one before: none has more entries.
      found.steps.reduce((before, step) => {
        expect(step.entries).toBeLessThanOrEqual(before);
        return step.entries;
      }, plan.length);
    }), { numRuns: 60 });
  });

  test('stops at its bound, with what it has', () => {
    fc.assert(fc.property(aPlan, fc.integer({ min: 2, max: 12 }), (plan, runsMax) => {
      const run = runThat([(plan[0] as PlanEntry).do], false);
      const found = shrink(scenarioWith(plan), 1, FAILURE, run, { runsMax });
      expect(found.runs).toBeLessThanOrEqual(runsMax);
      expect(failureClasses(run(found.scenario))).toContainEqual(FAILURE);
    }), { numRuns: 40 });
  });

  test('what does not fail, or not so, is refused', () => {
    const scenario = scenarioWith([]);
    expect(() => shrink(scenario, 4, null, () => reportWith([]))).toThrow('seed 4 does not fail');
    expect(() => shrink(scenario, 4, FAILURE, runThat(['kill'], false))).toThrow('does not fail at prefix');
  });

  test('an internal error is a failure that can be shrunk too', () => {
    const plan = [{ when: { atMs: 1 }, do: 'kill', target: 'n1' }, { when: { atMs: 2 }, do: 'pause', target: 'n2' }];
    const found = shrink(scenarioWith(plan), 1, null, (smaller) => {
      if (smaller.plan.some((entry) => entry.do === 'pause')) throw new TypeError('event 17 is wrong');
      return reportWith([]);
    });
    expect(found).toMatchObject({ check: 'internal-error', cause: 'TypeError: event * is wrong' });
    expect(found.scenario.plan.map((entry) => entry.do)).toEqual(['pause']);
  });
});

describe('mutation', () => {
  test('gives plans that could have been written: times within the run, known targets, few enough entries', () => {
    fc.assert(fc.property(aPlan, aPlan, fc.nat(), (plan, other, seed) => {
      const scenario = scenarioWith(plan);
      const mutated = mutatePlan(scenario, plan, other, new RandomStream(`${seed}/test`));
      expect(mutatePlan(scenario, plan, other, new RandomStream(`${seed}/test`))).toEqual(mutated);
      expect(mutated.length).toBeLessThanOrEqual(MUTATED_ENTRIES_MAX);
      for (const { when, target, forMs, do: kind } of mutated) {
        if (!('atMs' in when)) throw new Error('a time became a pattern');
        expect(when.atMs).toBeGreaterThanOrEqual(0);
        expect(when.atMs).toBeLessThan(scenario.durationMs);
        expect(Number.isSafeInteger(when.atMs) && (forMs === undefined || (Number.isSafeInteger(forMs) && forMs > 0))).toBe(true);
        expect(target).toMatch(/^(?:n[123]|the primary|a replica|replica 2|the (?:most|least) advanced replica)$/);
        expect(KINDS as readonly string[]).toContain(kind);
      }
    }), { numRuns: 200 });
  });
});
