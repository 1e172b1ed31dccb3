/** Rows and verdicts made of runs: known-good and known-bad ones. */
import { describe, expect, test } from 'vitest';
import { quorumCells, canDetect, canFailOver, type QuorumCell } from '../../../../scenarios/quorum/cells.ts';
import type { CellRun } from '../../../../scenarios/quorum/cellRun.ts';
import { quorumReport, quorumRow } from '../../../../scenarios/quorum/table.ts';

/** What a run of a cell looks like when all goes as counting says. */
const usual = (cell: QuorumCell, seed: number): CellRun => ({
  seed, odown: canDetect(cell), authorised: canFailOver(cell), failoverMs: canFailOver(cell) ? 4000 + seed : null,
  tries: canDetect(cell) ? 1 : 0, violated: [],
});

const rows = (change: (cell: QuorumCell, run: CellRun) => CellRun = (_, run) => run): ReturnType<typeof quorumRow>[] =>
  quorumCells(5).map((cell) => quorumRow(cell, [1, 2, 3].map((seed) => change(cell, usual(cell, seed)))));

describe('the table', () => {
  test('is ok when every run is as counting says, and finds the document right', () => {
    const report = quorumReport(rows());
    expect(report.ok).toBe(true);
    expect(report.document.map(({ verdict }) => verdict)).toEqual(['right', 'right', 'right', 'right', 'right']);
    expect(report.misreadings.every(({ verdict }) => verdict === 'shown')).toBe(true);
    expect(report.sentinel[0]).toMatchObject({
      sentinels: 1, quorum: 1, failed: 0, odown: true, authorised: true, failover: true, expected: true, failoverMs: { median: 4002, max: 4003 },
    });
  });

  test('names the seed of a run that differs, and the document is wrong where a failover did not come', () => {
    const report = quorumReport(rows((cell, run) =>
      (cell.sentinels === 3 && cell.quorum === 2 && cell.failed === 1 && run.seed === 2 ? { ...run, failoverMs: null, tries: 3 } : run)));
    expect(report.ok).toBe(false);
    const row = report.sentinel.find(({ sentinels, quorum, failed }) => sentinels === 3 && quorum === 2 && failed === 1);
    expect(row).toMatchObject({ failover: false, tries: 3, runs: { seeds: 3, failover: 2 }, differs: [{ seed: 2, what: 'no failover in three tries' }] });
    expect(report.document.find(({ servers }) => servers === 3)).toMatchObject({ verdict: 'wrong', measured: 0 });
  });

  test('a violated check makes a cell differ', () => {
    const report = quorumReport(rows((cell, run) => (cell.sentinels === 1 && cell.failed === 0 ? { ...run, violated: ['one-vote-per-epoch'] } : run)));
    expect(report.sentinel[0]?.differs[0]?.what).toBe('one-vote-per-epoch violated');
    expect(report.ok).toBe(false);
  });

  test('what was not run is said to be so', () => {
    const report = quorumReport(rows().filter(({ sentinels }) => sentinels < 3));
    expect(report.document.map(({ verdict }) => verdict)).toEqual(['right', 'right', 'not run', 'not run', 'not run']);
  });
});
