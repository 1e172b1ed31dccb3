/**
 * Every bug that can be planted is found by chaos: at the seed that the table names, or else at one of the next few (a change of the
 * engine or of the generator moves what a seed draws; `npm run mutants` then says where it shows now). And what such a bug loses is
 * never permitted, on plans that lose nothing without it.
 */
import { describe, expect, test } from 'vitest';
import { appendOnly, loneNode, primaryWithReplicas } from '../../scenarios/persistence/deployment.ts';
import { at, follow, kill, point, power, promote, threeClients } from '../../scenarios/plan.ts';
import { type PlanEntry, type ResolvedScenario, type Topology, runScenario } from '../../sim/index.ts';
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
