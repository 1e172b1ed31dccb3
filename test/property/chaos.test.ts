/**
 * The plan generator over many seeds: what it draws validates, keeps its bounds, shows every kind that the deployment can show, and
 * is the same for the same seed.
 */
import { describe, expect, test } from 'vitest';
import {
  CHAOS_BOUNDS, type ExpandedScenario, type PlanEntry, chaosKinds, expandScenario, validateScenario,
} from '../../sim/index.ts';
import { ScenarioError } from '../../engine/index.ts';
import { resolvedScenario } from '../simulation/resolved.ts';

const SEEDS = 500;
const NAMES = ['replication/chaos', 'persistence/chaos', 'sentinel/chaos', 'cluster/chaos'];
const atMsOf = ({ when }: PlanEntry): number | null => ('atMs' in when ? when.atMs : null);

describe.each(NAMES)('%s', (name) => {
  const scenario = resolvedScenario(name);
  const drawn: readonly ExpandedScenario[] = Array.from({ length: SEEDS }, (_, seed) => expandScenario(scenario, seed));

  test('every plan validates, and is the same again', () => {
    for (const [seed, expanded] of drawn.entries()) {
      if (seed % 25 === 0) expect(validateScenario(JSON.parse(JSON.stringify(expanded)), 'x').plan).toEqual(expanded.plan);
      expect(JSON.stringify(expandScenario(scenario, seed).plan), `seed ${seed}`).toBe(JSON.stringify(expanded.plan));
    }
    expect(new Set(drawn.map(({ plan }) => JSON.stringify(plan))).size).toBeGreaterThan(SEEDS * 0.98);
  });

  test('bounds hold', () => {
    for (const { plan } of drawn) {
      expect([plan.length > 0, plan.length <= CHAOS_BOUNDS.entriesMaxDefault]).toEqual([true, true]);
      const damaged = new Set(plan.filter(({ do: kind }) => ['lyingFsync', 'tornWrites', 'bitRot'].includes(kind)).map(({ target }) => target));
      expect(damaged.size).toBeLessThanOrEqual(CHAOS_BOUNDS.damagedDisksMax);
      for (const entry of plan) {
        const at = atMsOf(entry) ?? CHAOS_BOUNDS.firstMsMin;
        const isWithin = (entry.forMs ?? 0) <= CHAOS_BOUNDS.faultMsMax && entry.mayMiss === true
          && at % CHAOS_BOUNDS.gapMsMin === 0 && at >= CHAOS_BOUNDS.firstMsMin;
        if (!isWithin) expect.fail(JSON.stringify(entry));
      }
    }
  });

  test('every kind comes, alone where it is asked for', () => {
    for (const kind of chaosKinds(scenario.topology)) {
      const alone = { ...scenario, plan: { generate: 'chaos', kinds: [kind], entriesMax: 6 } } as const;
      const plans = Array.from({ length: 5 }, (_, seed) => expandScenario(alone, seed).plan);
      for (const plan of plans) {
        // The operator's repair of three nodes takes more entries than that.
        if (kind !== 'repair') expect(plan.length, kind).toBeGreaterThan(0);
        expect(plan.length).toBeLessThanOrEqual(6);
      }
    }
    const kinds = new Set(drawn.flatMap(({ plan }) => plan.map((entry) => entry.do)));
    for (const kind of chaosKinds(scenario.topology)) if (isPlain(kind)) expect(kinds, kind).toContain(kind);
  });
});

/** Has entries of its own name. */
const isPlain = (kind: string): boolean => !['save', 'rewrite', 'setting', 'sentinelFailover', 'clusterFailover', 'failover', 'repair',
  'partitionWhileSyncing', 'powerInFailover', 'pauseLeader', 'clockJumpOnVoter', 'killAtSave', 'twoAtOnce', 'faultInHealing'].includes(kind);

test('a kind left out leaves the others as they were', () => {
  const scenario = resolvedScenario('sentinel/chaos');
  const all = chaosKinds(scenario.topology).filter((kind) => ['pause', 'clog', 'reset', 'kill'].includes(kind));
  const planOf = (kinds: readonly string[], seed: number): readonly PlanEntry[] =>
    expandScenario({ ...scenario, plan: { generate: 'chaos', kinds, entriesMax: 64 } }, seed).plan;
  let compared = 0;
  for (let seed = 0; seed < 60; seed++) {
    const whole = planOf(all, seed);
    const clogs = whole.filter(({ do: kind }) => kind === 'clog');
    const without = planOf(all.filter((kind) => kind !== 'pause'), seed).filter(({ do: kind }) => kind === 'clog');
    // Where nothing else was drawn, one kind is taken all the same.
    if (clogs.length === 0 || clogs.length === whole.length) continue;
    compared++;
    expect(without).toEqual(clogs);
  }
  expect(compared).toBeGreaterThan(5);
});

test('a kind that a deployment cannot show is refused by name', () => {
  const scenario = resolvedScenario('replication/chaos');
  expect(() => expandScenario({ ...scenario, plan: { generate: 'chaos', kinds: ['pauseLeader'] } }, 1)).toThrow(ScenarioError);
  expect(() => expandScenario({ ...scenario, plan: { generate: 'chaos', kinds: ['pauseLeader'] } }, 1)).toThrow(/pauseLeader/);
});

test('a stranger\'s generator is validated', () => {
  const scenario = resolvedScenario('replication/chaos');
  const read = (plan: unknown): unknown => validateScenario(JSON.parse(JSON.stringify({ ...scenario, plan })), 'x').plan;
  expect(read({ generate: 'chaos', kinds: ['power'], entriesMax: 3 })).toEqual({ generate: 'chaos', kinds: ['power'], entriesMax: 3 });
  expect(() => read({ generate: 'order' })).toThrow(/^x: plan\.generate: /);
  expect(() => read({ generate: 'chaos', kinds: ['nothing'] })).toThrow(/^x: plan\.kinds\[0\]: 'nothing'/);
  expect(() => read({ generate: 'chaos', entriesMax: CHAOS_BOUNDS.entriesMax + 1 })).toThrow(/^x: plan\.entriesMax: /);
});
