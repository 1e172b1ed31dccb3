import { describe, expect, test } from 'vitest';
import type { CellOutcome } from '../../../../scenarios/check/cellRun.ts';
import type { Cell } from '../../../../scenarios/check/failures.ts';
import { rowOf } from '../../../../scenarios/check/table.ts';

const cell: Cell = { name: 'a/power', failures: [{ component: { kind: 'machine', name: 'a', machines: ['a'], others: [], processes: [] }, fault: 'power' }] };
const outcome = (seed: number, given: Partial<CellOutcome> = {}): CellOutcome => ({
  seed, availability: 'recovers', acknowledged: 1000, lost: 0, before: { acknowledged: 600, lost: 0 }, unknown: 0, writeOutageMs: 4000, readOutageMs: 0, switches: 1, strikes: [], problems: [], ...given,
});

describe('a row', () => {
  test('is as bad as its worst run, and names its seed', () => {
    const row = rowOf(cell, [outcome(1), outcome(2, { writeOutageMs: 6000 }), outcome(3, { writeOutageMs: 5000 })]);
    expect(row).toMatchObject({ verdict: 'recovers', recovered: 3, runs: 3, seed: 2, outageMs: { median: 5000, p99: 6000, max: 6000 } });
  });

  test('a loss counts more than an outage, and does not hide it', () => {
    const row = rowOf(cell, [outcome(1, { availability: 'when repaired' }), outcome(2, { lost: 10 })]);
    expect(row).toMatchObject({ verdict: 'loses data', availability: 'when repaired', recovered: 1, seed: 2, lostShare: { median: 0, max: 0.01 } });
  });

  test('needs a hand where one run does not come back', () => {
    expect(rowOf(cell, [outcome(1), outcome(2, { availability: 'not even repaired' })])).toMatchObject({ verdict: 'needs a hand', recovered: 1 });
    expect(rowOf(cell, [outcome(1, { availability: 'serves on', writeOutageMs: 0 })])).toMatchObject({ verdict: 'serves on' });
  });

  test('keeps what went wrong with the check itself', () => {
    expect(rowOf(cell, [outcome(7, { problems: ['x'] })]).problems).toEqual(['seed 7: x']);
  });
});
