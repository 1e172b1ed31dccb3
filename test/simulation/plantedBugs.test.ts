/**
 * Bugs planted in the engine, and the checkers that must see them: each is caught over many seeds, by a named check, and
 * no write that it lost is called permitted. And the reverse: without bugs nothing is ever found.
 */
import { describe, expect, test } from 'vitest';
import { scenarios } from '../../scenarios/index.ts';
import type { PlantedBugs, SentinelBugs } from '../../engine/index.ts';
import { type PlanEntry, type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';
import { sentinelScenario } from './sentinelWorld.ts';

interface Case {
  readonly bug: keyof PlantedBugs | keyof SentinelBugs;
  /** One of ours by name, or a description and the scenario itself. */
  readonly scenario: string;
  readonly resolved?: ResolvedScenario;
  /** Every one of these is violated in every run. */
  readonly caughtBy: readonly string[];
}

const primaryDies: PlanEntry = { when: { atMs: 5000 }, do: 'kill', target: 'the primary' };
const SENTINEL_TIMES = { durationMs: 15_000, settlingMs: 10_000 };

/** Sentinels hear of each other late, so that several ask for votes in one epoch. */
const lateSentinels: readonly PlanEntry[] = [['s1', 's2'], ['s2', 's1'], ['s1', 's3'], ['s3', 's1'], ['s2', 's3'], ['s3', 's2']]
  .map(([from, to]): PlanEntry => ({ when: { atMs: 4000 }, do: 'clog', with: { from: String(from), to: String(to), delayMs: 400 } }));

const cases: readonly Case[] = [
  {
    bug: 'votesTwice', scenario: 'a failover with slow links between sentinels', caughtBy: ['one-vote-per-epoch'],
    resolved: sentinelScenario([...lateSentinels, primaryDies], {}, {}, undefined, SENTINEL_TIMES),
  },
  {
    bug: 'electsWithoutMajority', scenario: 'a failover', caughtBy: ['failover-needs-quorum-and-majority'],
    resolved: sentinelScenario([primaryDies], {}, {}, undefined, SENTINEL_TIMES),
  },
  {
    bug: 'promotesPriorityZero', scenario: 'a failover with a replica that must not be promoted',
    caughtBy: ['priority-zero-never-promoted'],
    resolved: sentinelScenario([primaryDies], { directivesOf: { r2: [['replica-priority', '0']] } }, {}, undefined, SENTINEL_TIMES),
  },
  { bug: 'offsetNotAdvanced', scenario: 'replication/primary-power-loss', caughtBy: ['history-prefix'] },
  { bug: 'offsetNotAdvanced', scenario: 'replication/link-cut', caughtBy: ['history-prefix'] },
  { bug: 'acknowledgedWriteDropped', scenario: 'replication/replica-power-loss', caughtBy: ['ledger-no-bugs'] },
  { bug: 'acknowledgedWriteDropped', scenario: 'replication/primary-power-loss', caughtBy: ['ledger-no-bugs'] },
  { bug: 'partialSyncBeyondFork', scenario: 'replication/primary-isolated', caughtBy: ['history-prefix', 'ledger-no-bugs'] },
];
const SEEDS = 3;
/** A replica that is out of step connects again and again: such a run takes over a second. */
const SLOW_SEEDS = 2;
/** Takes many seconds a run, and has its own test. */
const LONG_RUN = 'cluster/hundred-nodes';
/** Lessons and incidents by tests of their own, claims by `faultline claims`. */
const TESTED_ELSEWHERE = /^(?:lessons|incidents|claims)\//;

const verdictOf = (report: RunReport, name: string): string | undefined =>
  report.verdicts.find((verdict) => verdict.name === name)?.verdict;

describe.each(cases)('$bug in $scenario', ({ bug, scenario, resolved: given, caughtBy }) => {
  const resolved = given ?? resolvedScenario(scenario);
  const runs = Array.from({ length: SEEDS }, (_, seed) => ({
    seed, report: runScenario(resolved, seed, { bugs: [bug] }), clean: runScenario(resolved, seed),
  }));

  test.each(runs)('seed $seed is caught', ({ report, clean }) => {
    expect(report.ok).toBe(false);
    for (const name of caughtBy) expect([name, verdictOf(report, name)]).toEqual([name, 'violated']);
    for (const name of caughtBy) expect([name, verdictOf(clean, name)]).toEqual([name, 'holds']);
    expect(report.failures.join('\n')).toContain(caughtBy[0] as string);
    const violated = report.verdicts.find(({ verdict, name }) => verdict === 'violated' && name === 'history-prefix');
    if (violated !== undefined) expect(violated.event).toBeGreaterThan(0);
  });
});

describe('what a bug lost is never called permitted', () => {
  test('a write that was acknowledged and never executed', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { ledger } = runScenario(resolvedScenario('replication/replica-power-loss'), seed, { bugs: ['acknowledgedWriteDropped'] });
      // The scenario itself loses nothing: every loss is the bug's.
      expect(ledger.bugs).toBeGreaterThan(5);
      expect(ledger).toMatchObject({ permitted: 0, lost: ledger.bugs });
      for (const write of ledger.lostWrites) {
        expect(write).toMatchObject({ permitted: false, position: null, cause: 'acknowledged without being executed' });
      }
    }
  });

  test('the same beside losses that are permitted: only executed writes are', () => {
    const { ledger } = runScenario(resolvedScenario('replication/primary-isolated'), 3, { bugs: ['acknowledgedWriteDropped'] });
    expect(ledger.permitted).toBeGreaterThan(50);
    expect(ledger.bugs).toBeGreaterThan(0);
    for (const write of ledger.lostWrites) expect(write.permitted).toBe(write.position !== null);
  });

  test('writes of an isolated primary that were to be discarded, and were kept beside the primary’s history', () => {
    for (let seed = 0; seed < SLOW_SEEDS; seed++) {
      const { ledger } = runScenario(resolvedScenario('replication/primary-isolated'), seed, { bugs: ['partialSyncBeyondFork'] });
      expect(ledger.bugs).toBeGreaterThan(50);
      expect(ledger.permitted).toBe(0);
      for (const { chain } of ledger.lostWrites) expect(chain.some((step) => step.rule === null)).toBe(true);
    }
  });

  test('a replica that does not count what it applied, and is promoted: no position explains a loss any more', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const report = runScenario(resolvedScenario('replication/primary-power-loss'), seed, { bugs: ['offsetNotAdvanced'] });
      const clean = runScenario(resolvedScenario('replication/primary-power-loss'), seed);
      expect(verdictOf(report, 'history-prefix')).toBe('violated');
      // It loses no write that the plan does not lose by itself, unless as a bug; and even those it cannot explain.
      expect(report.ledger.permitted).toBe(0);
      const plan = new Set(clean.ledger.lostWrites.map((write) => write.operation));
      const added = report.ledger.lostWrites.filter((write) => write.permitted && !plan.has(write.operation));
      expect(added.map((write) => [write.operation, write.cause])).toEqual([]);
    }
  });
});

describe('without bugs', () => {
  test.each(scenarios.map(({ name }) => name).filter((name) => name !== LONG_RUN && !TESTED_ELSEWHERE.test(name)))('%s holds', (name) => {
    const report = runScenario(resolvedScenario(name), 1);
    expect({ replay: report.replay, failures: report.failures, problems: safetyProblems(report) })
      .toEqual({ replay: report.replay, failures: [], problems: [] });
    expect(report.ledger).toMatchObject({ bugs: 0, unknown: 0 });
  });

  test('a bug that does not exist is refused by name', () => {
    expect(() => runScenario(resolvedScenario('replication/link-cut'), 1, { bugs: ['everything'] }))
      .toThrow("no bug is called 'everything'; there are offsetNotAdvanced");
  });
});
