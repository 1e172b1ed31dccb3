/** A share of the availability tables: cells of up to four sentinels, two seeds each, and of up to three primaries, against counting. */
import { expect, test } from 'vitest';
import { clusterCells } from '../../scenarios/quorum/clusterCells.ts';
import { runClusterCell } from '../../scenarios/quorum/clusterCellRun.ts';
import { clusterRow } from '../../scenarios/quorum/clusterTable.ts';
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

test('every cell of a cluster of up to three primaries is as counting says', () => {
  const rows = clusterCells(3).map((cell) => clusterRow(cell, [runClusterCell(cell, 1)]));
  expect(rows.flatMap(({ differs, ...row }) => differs.map(({ what }) => `${JSON.stringify(row)}: ${what}`))).toEqual([]);
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['all', 'part', 'nothing']));
});
