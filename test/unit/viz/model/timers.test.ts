import { expect, test } from 'vitest';
import { buildTimers } from '../../../../viz/model/timers.ts';
import { played } from './played.ts';

test('SDOWN came down-after-milliseconds behind the last word, and the failover has its time', () => {
  const { recording, scenario } = played('sentinel/primary-killed');
  const timers = buildTimers(recording, scenario);
  const down = timers.filter(({ kind }) => kind === 'down-after');
  expect(down.length).toBeGreaterThanOrEqual(3);
  const directives = scenario.topology.processes.find(({ kind }) => kind === 'sentinel')?.directives ?? [];
  const valueOf = (name: string): number => Number(directives.find((words) => words[1] === name)?.[3]);
  for (const { from, to } of down) {
    expect((to - from) / 1000).toBeGreaterThanOrEqual(valueOf('down-after-milliseconds') - 1);
    expect((to - from) / 1000).toBeLessThan(valueOf('down-after-milliseconds') + 1500);
  }
  const failover = timers.find(({ kind }) => kind === 'failover-timeout');
  expect(((failover?.to ?? 0) - (failover?.from ?? 0)) / 1000).toBe(valueOf('failover-timeout'));
});
