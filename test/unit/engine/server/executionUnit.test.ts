/** What a unit gathers, it gives once. */
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ExecutionUnit } from '../../../../engine/server/executionUnit.ts';

test('commands come out in order, with their databases, and are gone then', () => {
  const unit = new ExecutionUnit();
  expect(unit.isEmpty).toBe(true);
  unit.add(0, [bytes('SET'), bytes('a'), bytes('1')]);
  unit.add(3, [bytes('DEL'), bytes('b')]);
  expect(unit.isEmpty).toBe(false);
  expect(unit.take(true).commands).toEqual([{ database: 0, argv: ['SET', 'a', '1'] }, { database: 3, argv: ['DEL', 'b'] }]);
  expect(unit.isEmpty).toBe(true);
  expect(unit.take(true).commands).toEqual([]);
});
