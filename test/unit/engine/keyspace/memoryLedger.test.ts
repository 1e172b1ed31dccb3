/** The kept sum of what keys weigh is that of the keys themselves, whatever was done to them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryLedger } from '../../../../engine/keyspace/memoryLedger.ts';
import { allocated, entryBytes } from '../../../../engine/keyspace/memoryEstimate.ts';
import { DirectCall } from '../../../support/directCall.ts';

test('after any commands the sum is right', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const text = fc.string({ unit: 'binary-ascii', maxLength: 80 });
  const command = fc.oneof(
    fc.tuple(fc.constant('SET'), key, text), fc.tuple(fc.constant('DEL'), key), fc.tuple(fc.constant('RPUSH'), key, text), fc.tuple(fc.constant('LPOP'), key),
    fc.tuple(fc.constant('SADD'), key, text), fc.tuple(fc.constant('HSET'), key, text, text), fc.tuple(fc.constant('ZADD'), key, fc.constant('1'), text),
    fc.tuple(fc.constant('EXPIRE'), key, fc.constantFrom('100', '-1')), fc.tuple(fc.constant('RENAME'), key, key), fc.tuple(fc.constant('FLUSHALL')),
    fc.tuple(fc.constant('MOVE'), key, fc.constant('1')), fc.tuple(fc.constant('APPEND'), key, text), fc.tuple(fc.constant('SWAPDB'), fc.constant('0'), fc.constant('1')),
    fc.tuple(fc.constant('SETBIT'), key, fc.constant('90'), fc.constant('1')), fc.tuple(fc.constant('PFADD'), key, text));
  fc.assert(fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
    const direct = new DirectCall();
    const { keyspace } = direct;
    keyspace.ledger = new MemoryLedger();
    for (const words of commands) direct.run(...words);
    const sum = keyspace.databases.flatMap((database) => database.entries()).reduce((total, entry) => total + entryBytes(entry), 0);
    expect(keyspace.ledger.total).toBe(sum);
  }), { numRuns: 200 });
});

test.each([[1, 8], [8, 8], [9, 16], [112, 112], [113, 128], [129, 160], [161, 192], [257, 320], [1025, 1280], [4097, 5120]])(
  'the allocator gives for %i bytes %i', (size, given) => expect(allocated(size)).toBe(given));
