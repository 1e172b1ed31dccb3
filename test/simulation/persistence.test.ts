/**
 * Persistence over seeds: the scenarios that come with the project, and plans of random kills, power losses and disk faults
 * under each fsync policy. Whatever they lose must be explained, and every node must come back to a place of its own history.
 */
import { describe, expect, test } from 'vitest';
import { scenarios } from '../../scenarios/index.ts';
import { at, threeClients } from '../../scenarios/plan.ts';
import { appendOnly, loneNode, primaryWithReplicas } from '../../scenarios/persistence/deployment.ts';
import { runScenario } from '../../sim/run.ts';
import { Streams } from '../../sim/random/streams.ts';
import type { PlanEntry, ResolvedScenario } from '../../sim/scenario.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS = [1, 2, 3, 4];
const PLANS = 20;

describe('scenarios of persistence', () => {
  const chosen = scenarios.filter(({ name }) => name.startsWith('persistence/'));
  test.each(chosen.flatMap((scenario) => SEEDS.map((seed) => [scenario.name, seed, scenario] as const)))(
    '%s, seed %i', (_name, seed, scenario) => {
      const report = runScenario(resolvedScenario(scenario.name), seed);
      expect(report.failures, report.replay).toEqual([]);
    });
});

const FAULTS: readonly ((draw: (below: number) => number) => Pick<PlanEntry, 'do' | 'forMs' | 'with'>)[] = [
  () => ({ do: 'kill' }),
  (draw) => ({ do: 'power', forMs: 1 + draw(3000) }),
  (draw) => ({ do: 'slowDisk', forMs: 1 + draw(8000), with: { byMs: draw(4000) } }),
  (draw) => ({ do: 'stuckDisk', forMs: 1 + draw(6000) }),
  (draw) => ({ do: 'fullDisk', forMs: 1 + draw(6000), with: { roomBytes: draw(3000) } }),
  (draw) => ({ do: 'lyingFsync', forMs: 1 + draw(6000) }),
  (draw) => ({ do: 'ioError', forMs: 1 + draw(3000), with: { on: draw(2) === 0 ? 'sync' : 'write' } }),
  (draw) => ({ do: 'pause', forMs: 1 + draw(3000) }),
];

/** A plan of its own for each number, against a deployment that syncs by `policy`. */
const randomScenario = (policy: 'always' | 'everysec' | 'no', plan: number, lone: boolean): ResolvedScenario => {
  const stream = new Streams(plan).named('plan');
  const draw = (below: number): number => stream.below(below);
  const names = ['redis-main', 'redis-replica-1', 'redis-replica-2'];
  const entries = Array.from({ length: 3 + draw(4) }, (): PlanEntry => {
    const fault = FAULTS[draw(FAULTS.length)] as (typeof FAULTS)[number];
    return { when: at(3000 + draw(17_000)), target: lone ? 'redis-main' : names[draw(3)] as string, ...fault(draw) };
  });
  const directives = [...appendOnly(policy), ['auto-aof-rewrite-min-size', '8kb']];
  return {
    name: `random plan ${plan} under ${policy}`, teaches: 'nothing in particular',
    topology: lone ? loneNode(directives) : primaryWithReplicas(directives),
    workload: threeClients('redis-main:6379'), plan: entries, durationMs: 22_000, settlingMs: 15_000,
    expects: { verdicts: {} },
  };
};

describe('random kills, power losses and disk faults', () => {
  for (const policy of ['always', 'everysec', 'no'] as const) {
    test.each(Array.from({ length: PLANS }, (_, plan) => plan + 1))(`under ${policy}, plan %i`, (plan) => {
      for (const lone of [true, false]) {
        const scenario = randomScenario(policy, plan, lone);
        const report = runScenario(scenario, plan);
        expect(safetyProblems(report), JSON.stringify(scenario.plan)).toEqual([]);
      }
    });
  }
});
