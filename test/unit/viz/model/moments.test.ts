import { expect, test } from 'vitest';
import { buildMoments } from '../../../../viz/model/moments.ts';
import { played } from './played.ts';

test('a failover leaves its marks in their order', () => {
  const { recording, report } = played('sentinel/primary-killed');
  const moments = buildMoments(recording, report);
  const first = (kind: string, label: string): number =>
    moments.findIndex((moment) => moment.kind === kind && moment.label.includes(label));
  const order = [first('sdown', '+sdown'), first('odown', 'quorum 2'), first('leader', 'epoch 1'), first('promotion', 'primary'),
    first('switch', '+switch')];
  expect(order.every((place) => place >= 0)).toBe(true);
  expect([...order].sort((left, right) => left - right)).toEqual(order);
  expect(moments.filter(({ kind }) => kind === 'vote').length).toBeGreaterThanOrEqual(2);
});

test('a violation stands at the record that it names', () => {
  const { recording, report } = played('sentinel/primary-killed');
  const verdict = { name: 'made-up', verdict: 'violated' as const, expected: null, detail: 'so it is', event: 1234 };
  const moment = buildMoments(recording, { ...report, verdicts: [verdict] }).find(({ kind }) => kind === 'violation');
  expect(moment).toMatchObject({ row: 1233, label: 'made-up: so it is', at: recording.rows.at[1233] });
});
