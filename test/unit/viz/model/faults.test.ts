import { expect, test } from 'vitest';
import { buildFaults } from '../../../../viz/model/faults.ts';
import { played } from './played.ts';

test('a partition is a span with its sides, a kill an instant', () => {
  const cut = played('sentinel/minority-primary');
  const partition = buildFaults(cut.recording, cut.report).find(({ kind }) => kind === 'partition');
  expect(partition?.groups.length).toBe(2);
  expect(partition?.to).toBeGreaterThan(partition?.from as number);
  expect(partition?.names).toContain('n1');

  const killed = played('sentinel/primary-killed');
  const [kill, start] = buildFaults(killed.recording, killed.report);
  expect(kill).toMatchObject({ kind: 'kill', names: ['redis-main'], isAction: false, from: 20_000_000, to: 20_000_000 });
  expect(start).toMatchObject({ kind: 'start', isAction: true });
});
