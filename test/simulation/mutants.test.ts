/**
 * Every bug that can be planted is found by chaos: at the seed that the table names, or else at one of the next few (a change of the
 * engine or of the generator moves what a seed draws; `npm run mutants` then says where it shows now). And what such a bug loses is
 * never permitted, on plans that lose nothing without it.
 */
import { describe, expect, test } from 'vitest';
import { appendOnly, loneNode, primaryWithReplicas } from '../../scenarios/persistence/deployment.ts';
import { at, follow, kill, point, power, promote, threeClients } from '../../scenarios/plan.ts';
import { type LostWrite, type PlanEntry, type ResolvedScenario, type Topology, runScenario } from '../../sim/index.ts';
import { NO_ENGINE_BUGS } from '../../sim/node/serverProgram.ts';
import { checksWith, hunt } from '../mutants/search.ts';
import { MUTANTS } from '../mutants/table.ts';

const SEEDS_MAX = 40;

describe('chaos finds', () => {
  test.each(MUTANTS)('$bug', (mutant) => {
    const known = checksWith(mutant, mutant.seed);
    // A hunt also runs without the bug; the known seeds are those of such a hunt.
    const found = known.includes(mutant.caughtBy) ? known : hunt(mutant, SEEDS_MAX)?.checks ?? [];
    expect(found, `npm run mutants -- ${mutant.bug}`).toContain(mutant.caughtBy);
  });

  test('each bug that there is', () => {
    expect(MUTANTS.map(({ bug }) => bug).sort()).toEqual(Object.keys(NO_ENGINE_BUGS).sort());
    expect(Object.values(NO_ENGINE_BUGS).some((planted) => planted)).toBe(false);
  });
});

const losingNothing = (topology: Topology, plan: readonly PlanEntry[]): ResolvedScenario => ({
  name: 'test/loses-nothing', teaches: 'a test', topology, workload: threeClients('redis-main:6379'), plan,
  durationMs: 15_000, settlingMs: 10_000, expects: { verdicts: {} },
});

const demoted: readonly PlanEntry[] = [
  promote(at(6000), 'redis-replica-1'), follow(at(6500), 'redis-main', 'redis-replica-1'),
  follow(at(6600), 'redis-replica-2', 'redis-replica-1'), point(at(11_000), 'redis-main', 'redis-replica-1'),
  kill(at(11_500), 'redis-replica-2'),
];

describe('what a planted bug loses is not permitted', () => {
  test.each([
    { bug: 'syncLost', scenario: losingNothing(loneNode(appendOnly('always')), [power(at(6000), 'redis-main', 2000)]) },
    { bug: 'incrementNotLoaded', scenario: losingNothing(loneNode(appendOnly('everysec')), [kill(at(6000), 'redis-main')]) },
    { bug: 'acknowledgedWriteDropped', scenario: losingNothing(primaryWithReplicas(appendOnly('everysec')), []) },
  ])('$bug', ({ bug, scenario }) => {
    const clean = runScenario(scenario, 1).ledger;
    expect(clean).toMatchObject({ lost: 0, bugs: 0 });
    const { ledger, ok } = runScenario(scenario, 1, { bugs: [bug] });
    expect(ok).toBe(false);
    expect(ledger.bugs).toBeGreaterThan(0);
    expect(ledger.permitted).toBe(0);
  });

  test('replicaTakesWrites: a client that did not hear of the demotion writes into nothing', () => {
    const scenario = losingNothing(primaryWithReplicas([['save', '']]), demoted);
    const { ledger } = runScenario(scenario, 1, { bugs: ['replicaTakesWrites'] });
    const clean = runScenario(scenario, 1).ledger;
    expect(clean.bugs).toBe(0);
    expect(ledger.bugs).toBeGreaterThan(10);
    expect(ledger.permitted).toBeLessThanOrEqual(clean.permitted);
  });
});

/** Where chaos makes a bug lose what the same chaos does not lose without it. The seed is the first of those that are tried. */
const LOSERS: readonly { readonly bug: string; readonly seed: number; readonly counts?: (write: LostWrite) => boolean }[] = [
  // A write that WAIT had not acknowledged was never promised.
  { bug: 'waitCountsEveryReplica', seed: 1, counts: ({ acknowledgedBy }) => acknowledgedBy === 2 },
  { bug: 'minReplicasIgnored', seed: 1 }, { bug: 'votesTwice', seed: 4 }, { bug: 'electsWithoutMajority', seed: 40 },
  { bug: 'promotesPriorityZero', seed: 5 }, { bug: 'forgetsEpochs', seed: 4 }, { bug: 'validityIgnored', seed: 10 },
];

describe('what only the bug loses is not permitted, in chaos', () => {
  test.each(LOSERS)('$bug', ({ bug, seed: first, counts = (): boolean => true }) => {
    const mutant = MUTANTS.find((one) => one.bug === bug);
    if (mutant === undefined) throw new Error(`${bug}: no such mutant`);
    for (let seed = first; seed < first + SEEDS_MAX; seed++) {
      const planted = runScenario(mutant.scenario, seed, { ...mutant.own, bugs: [bug] });
      if (planted.ledger.bugs === 0) continue;
      const without = runScenario(mutant.scenario, seed, mutant.own).ledger;
      expect(without.bugs).toBe(0);
      const lostAnyway = new Set(without.lostWrites.map(({ client, operation }) => `${client} ${operation}`));
      const lost = planted.ledger.lostWrites.filter(({ client, operation }) => !lostAnyway.has(`${client} ${operation}`));
      // What was lost before the bug showed was lost to the plan: the two runs differ in what they drew.
      const shownAt = Math.min(...planted.verdicts.flatMap(({ verdict, event }) => (verdict === 'violated' && event !== undefined ? [event] : [])));
      const ofTheBug = lost.filter((write) => counts(write) && write.chain.some(({ event }) => event === 0 || event >= shownAt));
      if (ofTheBug.length === 0) continue;
      expect(ofTheBug.filter(({ permitted }) => permitted).map(({ operation, cause }) => `${operation}: ${cause}`), `seed ${seed}`).toEqual([]);
      return;
    }
    throw new Error(`${bug} loses nothing at ${SEEDS_MAX} seeds from ${first} on`);
  });
});
