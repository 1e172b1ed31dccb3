import { describe, expect, test } from 'vitest';
import { compareReports } from '../../../../viz/model/comparison.ts';
import { played } from './played.ts';

describe('compareReports', () => {
  const { report } = played('sentinel/primary-killed');

  test('says which run did better in what, by the sense of each figure', () => {
    const other = {
      ...report, unavailableMs: report.unavailableMs + 1, ledger: { ...report.ledger, acknowledged: report.ledger.acknowledged + 5, lost: 0 },
      verdicts: report.verdicts.map((verdict, index) => (index === 0 ? { ...verdict, verdict: 'violated' as const } : verdict)),
    };
    const { figures, verdicts } = compareReports(report, other);
    const pair = (name: string): unknown => figures.find((one) => one.name === name);
    expect(pair('unavailableMs')).toMatchObject({ left: report.unavailableMs, better: 'left', isMs: true });
    expect(pair('acknowledged')).toMatchObject({ better: 'right' });
    expect(pair('lost')).toMatchObject({ left: 0, right: 0, better: null });
    expect(pair('failoverMs')).toMatchObject({ left: expect.any(Number) });
    // Nobody reads in this scenario.
    expect(pair('staleMs')).toBeUndefined();
    expect(verdicts).toEqual([{ name: report.verdicts[0]?.name, left: report.verdicts[0]?.verdict, right: 'violated' }]);
  });

  test('a run is as good as itself', () => {
    const { figures, verdicts } = compareReports(report, report);
    expect(figures.every(({ better, left, right }) => better === null && left === right)).toBe(true);
    expect(verdicts).toEqual([]);
  });
});
