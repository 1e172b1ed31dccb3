/** A share of the availability table: every cell of up to four sentinels, two seeds each, against counting. */
import { expect, test } from 'vitest';
import { quorumCells } from '../../scenarios/quorum/cells.ts';
import { runCell } from '../../scenarios/quorum/cellRun.ts';
import { quorumReport, quorumRow } from '../../scenarios/quorum/table.ts';

test('every cell of up to four sentinels is as counting says', () => {
  const rows = quorumCells(4).map((cell) => quorumRow(cell, [1, 2].map((seed) => runCell(cell, seed))));
  expect(rows.flatMap(({ sentinels, quorum, failed, differs }) => differs.map(({ seed, what }) =>
    `${sentinels} sentinels, quorum ${quorum}, ${failed} failed, seed ${seed}: ${what}`))).toEqual([]);
  expect(quorumReport(rows).document.filter(({ verdict }) => verdict === 'right')).toHaveLength(4);
});

test('a run of a cell is a function of its seed', () => {
  const cell = { sentinels: 5, quorum: 3, failed: 1 };
  expect(runCell(cell, 7)).toEqual(runCell(cell, 7));
});
