/** A small share of `npm run determinism`: drawn worlds, each run twice, with equal hashes; and different seeds differ. */
import { describe, expect, test } from 'vitest';
import { runTwice } from '../determinism/twice.ts';

/** Among them all four kinds of deployments. */
const SEEDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

describe('drawn worlds', () => {
  const seen = SEEDS.map((seed) => runTwice(seed));

  test.each(seen)('seed $seed: $topology', ({ hashes: [once, again], events }) => {
    expect(again).toBe(once);
    // A run that ended in an error of ours would have a message here.
    expect(once).toMatch(/^[0-9a-f]{16}$/);
    expect(events).toBeGreaterThan(500);
  });

  test('are of several kinds, and no two are the same', () => {
    expect(new Set(seen.map(({ hashes: [once] }) => once)).size).toBe(SEEDS.length);
    expect(new Set(seen.map(({ topology }) => topology)).size).toBeGreaterThan(3);
  });
});
