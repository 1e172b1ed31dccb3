import { expect, it } from 'vitest';
import { formatLogLine, isAtLeast } from '../../../../engine/node/nodeLog.ts';

it('writes lines as Redis does', () => {
  const at = new Date(2024, 2, 5, 7, 8, 9, 45);
  expect(formatLogLine(42, 'M', at, 'notice', 'Ready')).toBe('42:M 05 Mar 2024 07:08:09.045 * Ready\n');
  expect(formatLogLine(42, 'S', at, 'warning', 'x').endsWith(' # x\n')).toBe(true);
  expect(formatLogLine(42, 'S', at, 'verbose', 'x').endsWith(' - x\n')).toBe(true);
  expect(formatLogLine(42, 'C', at, 'debug', 'x').endsWith(' . x\n')).toBe(true);
});

it('drops what is below the level', () => {
  expect([isAtLeast('verbose', 'notice'), isAtLeast('notice', 'notice'), isAtLeast('debug', 'debug')])
    .toEqual([false, true, true]);
});
