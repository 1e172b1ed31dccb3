/** Chaos over a few seeds of each deployment: nothing is violated, every stall is excused; and a bug that only liveness shows is caught. */
import { describe, expect, test } from 'vitest';
import { runScenario } from '../../sim/index.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS = 3;

/** Found by earlier searches: each was a fault of a check, or of what explains losses. */
const FOUND: readonly (readonly [string, number, string])[] = [
  ['replication/chaos', 1037, 'appendonly that was switched on in memory alone is not read at the next start'],
  ['replication/chaos', 5088, 'a diskless snapshot waits for a clock that went back'],
  ['sentinel/chaos', 7052, 'a disk that lied about syncs may hold a new manifest and old files'],
  ['cluster/chaos', 303, 'a primary that starts again has its node timeout from then on'],
  ['cluster/chaos', 373, 'gossip carries the times of a clock that is wrong'],
];

test.each(['replication/chaos', 'persistence/chaos', 'sentinel/chaos', 'cluster/chaos'])('%s', (name) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = runScenario(resolvedScenario(name), seed);
    expect({ replay: report.replay, failures: report.failures, problems: safetyProblems(report) })
      .toEqual({ replay: report.replay, failures: [], problems: [] });
  }
});

test.each(FOUND)('%s seed %i: %s', (name, seed) => {
  const report = runScenario(resolvedScenario(name), seed);
  expect({ replay: report.replay, failures: report.failures }).toEqual({ replay: report.replay, failures: [] });
});

describe('a sentinel that never begins a failover', () => {
  test('is caught by chaos: a stall that nothing excuses', () => {
    const stops = { ...resolvedScenario('sentinel/chaos'), plan: { generate: 'chaos', kinds: ['stop'] } } as const;
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const caught = seeds.filter((seed) => runScenario(stops, seed, { bugs: ['neverFailsOver'] }).failures.some((failure) => failure.startsWith('stall-is-excusable')));
    expect(caught.length).toBeGreaterThan(0);
    for (const seed of caught.slice(0, 2)) expect(runScenario(stops, seed).failures).toEqual([]);
  });
});
