import { expect, test } from 'vitest';
import { buildOperations } from '../../../../viz/model/operations.ts';
import { played } from './played.ts';

test('lost writes are marked as such, and lead to what doomed them', () => {
  const { recording, report } = played('sentinel/minority-primary');
  const { marks, losses } = buildOperations(recording, report);
  expect(report.ledger.lost).toBeGreaterThan(0);
  expect(losses).toHaveLength(report.ledger.lost);
  expect(marks.filter(({ fate }) => fate === 'lost')).toHaveLength(report.ledger.lost);
  for (const { row, doomedRow, lostRow, write } of losses) {
    expect(recording.rows.at[row]).toBe(Math.round(write.acknowledgedMs * 1000));
    expect(doomedRow).toBeLessThanOrEqual(lostRow);
    expect(doomedRow).toBeGreaterThanOrEqual(0);
  }
  expect(marks.some(({ fate }) => fate === 'acknowledged')).toBe(true);
});
