/** Rows of the cluster's table: known-good and known-bad runs. */
import { expect, test } from 'vitest';
import type { ClusterCellRun } from '../../../../scenarios/quorum/clusterCellRun.ts';
import type { ClusterCell } from '../../../../scenarios/quorum/clusterCells.ts';
import { clusterRow } from '../../../../scenarios/quorum/clusterTable.ts';

const CELL: ClusterCell = { primaries: 3, replicas: 1, failed: 1, order: 'at once', fullCoverage: true };
const good = (seed: number): ClusterCellRun => ({ seed, served: 'all', recoveredMs: 7000 + seed, violated: [] });

test('a row whose runs are as counting says', () => {
  expect(clusterRow(CELL, [1, 2, 3].map(good))).toMatchObject({
    state: 'all', expected: 'all', recoveredMs: { median: 7002, max: 7003 }, seeds: 3, differs: [],
  });
});

test('a run that differs makes the state mixed, and names its seed', () => {
  const row = clusterRow(CELL, [good(1), { ...good(2), served: 'nothing', recoveredMs: null }]);
  expect(row).toMatchObject({ state: 'mixed', differs: [{ seed: 2, what: 'served nothing, counting says all' }] });
});

test('a violated check is a difference', () => {
  expect(clusterRow(CELL, [{ ...good(4), violated: ['one-elected-per-epoch'] }]).differs)
    .toEqual([{ seed: 4, what: 'one-elected-per-epoch violated' }]);
});
