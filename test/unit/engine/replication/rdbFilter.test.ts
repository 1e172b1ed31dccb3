import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ErrorReply } from '../../../../engine/protocol/reply.ts';
import { filteredParts, refusedSwitch } from '../../../../engine/replication/rdbFilter.ts';

test('a filter names what is left; what it does not name is left out', () => {
  expect(filteredParts(bytes('functions'))).toEqual({ hasKeys: false, hasFunctions: true });
  expect(filteredParts(bytes('Functions functions'))).toEqual({ hasKeys: false, hasFunctions: true });
  expect(filteredParts(bytes(''))).toEqual({ hasKeys: false, hasFunctions: false });
  expect(filteredParts(bytes('functions data'))).toEqual({ problem: 'ERR Unsupported rdb-filter-only option: data' });
  expect(filteredParts(bytes('"functions'))).toEqual({ problem: 'ERR Missing rdb-filter-only values' });
});

test('a switch is 0 or 1', () => {
  expect(refusedSwitch(bytes('2'))).toEqual(new ErrorReply('ERR value is out of range, value must between 0 and 1'));
  expect(refusedSwitch(bytes('yes'))).toEqual(new ErrorReply('ERR value is not an integer or out of range'));
});
