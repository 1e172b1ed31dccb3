import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FATES, type OperationColumns, STRIP_COLUMNS, buildOperations, gravest } from '../../../../viz/model/operations.ts';
import { played } from './played.ts';

test('lost writes are marked as such, and lead to what doomed them', () => {
  const { recording, report } = played('sentinel/minority-primary');
  const { columns, losses, strip } = buildOperations(recording, report);
  const lost = FATES.indexOf('lost');
  expect(report.ledger.lost).toBeGreaterThan(0);
  expect(losses).toHaveLength(report.ledger.lost);
  expect(columns.fate.filter((fate) => fate === lost)).toHaveLength(report.ledger.lost);
  for (const { row, doomedRow, lostRow, write } of losses) {
    expect(recording.rows.at[row]).toBe(Math.round(write.acknowledgedMs * 1000));
    expect(doomedRow).toBeLessThanOrEqual(lostRow);
    expect(doomedRow).toBeGreaterThanOrEqual(0);
    const column = Math.floor((recording.rows.at[row] as number) * STRIP_COLUMNS / (recording.endAt + 1));
    expect(strip[column]).toBe(lost + 1);
  }
  expect(strip.filter((fate) => fate === lost + 1).length).toBeLessThanOrEqual(losses.length);
  expect(columns.fate.includes(FATES.indexOf('acknowledged'))).toBe(true);
  recording.nodes.forEach((_, node) => {
    const [from, to] = [columns.starts[node] as number, columns.starts[node + 1] as number];
    expect(columns.row.subarray(from, to).every((row) => recording.rows.node[row] === node)).toBe(true);
    const at = columns.at.subarray(from, to);
    expect(at.every((each, place) => place === 0 || each >= (at[place - 1] as number))).toBe(true);
  });
});

/** As `buildOperations` makes them, of one client. */
const columnsOf = (fates: readonly number[]): OperationColumns => {
  const fate = Uint8Array.from(fates);
  const best = (candidates: readonly number[]): number[] => {
    const blocks: number[] = [];
    for (let from = 0; from < candidates.length; from += 32) {
      const block = candidates.slice(from, from + 32);
      const worst = Math.max(...block.map((place) => fates[place] as number));
      blocks.push(block.find((place) => fates[place] === worst) as number);
    }
    return blocks;
  };
  const blocks = best(fates.map((_, place) => place));
  const row = Int32Array.from(fates, (_, place) => place);
  return { starts: Int32Array.of(0, fates.length), at: Float64Array.from(row), fate, row, blocks: Int32Array.from(blocks), largeBlocks: Int32Array.from(best(blocks)) };
};

test('the gravest of a stretch is found by blocks as it is one by one', () => {
  const fates = fc.array(fc.constantFrom<number>(0, 0, 0, 0, 0, 1, 2, 3), { minLength: 1, maxLength: 2600, size: 'max' });
  fc.assert(fc.property(fates, fc.nat(), fc.nat(), (all, one, other) => {
    const from = one % all.length;
    const to = from + 1 + other % (all.length - from);
    const worst = Math.max(...all.slice(from, to));
    expect(gravest(columnsOf(all), from, to)).toBe(all.indexOf(worst, from));
  }), { numRuns: 60 });
});
