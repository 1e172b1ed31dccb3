/** Hash slots: the specification's check value, hash tags, sets and their bitmaps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { SLOTS, SlotSet, crc16, keySlot, slotsOf } from '../../../../engine/cluster/slots.ts';

describe('slots of keys', () => {
  test('the check value of the CRC, and slots that redis-server gives', () => {
    expect(crc16('123456789' as Bytes)).toBe(0x31c3);
    expect(keySlot('foo' as Bytes)).toBe(12_182);
    expect(keySlot('bar' as Bytes)).toBe(5061);
    expect(keySlot('' as Bytes)).toBe(0);
  });

  test('a tag in braces decides, an empty one does not', () => {
    expect(keySlot('{user1000}.following' as Bytes)).toBe(keySlot('user1000' as Bytes));
    expect(keySlot('foo{bar}{zap}' as Bytes)).toBe(keySlot('bar' as Bytes));
    expect(keySlot('foo{{bar}}zap' as Bytes)).toBe(keySlot('{bar' as Bytes));
    expect(keySlot('foo{}{bar}' as Bytes)).toBe(crc16('foo{}{bar}' as Bytes) % SLOTS);
    expect(keySlot('foo{bar' as Bytes)).toBe(crc16('foo{bar' as Bytes) % SLOTS);
  });
});

describe('a set of slots', () => {
  test('holds what was added and not removed; bitmap and ranges say the same', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(SLOTS - 1)), { maxLength: 200 }), (changes) => {
      const set = new SlotSet();
      const model = new Set<number>();
      for (const [isAdded, slot] of changes) {
        if (isAdded) { set.add(slot); model.add(slot); } else { set.delete(slot); model.delete(slot); }
      }
      const expected = [...model].sort((left, right) => left - right);
      expect(set.count).toBe(model.size);
      expect([...slotsOf(set.bitmap)]).toEqual(expected);
      const ranged: number[] = [];
      for (const [first, last] of set.ranges()) for (let slot = first; slot <= last; slot++) ranged.push(slot);
      expect(ranged).toEqual(expected);
    }));
  });
});
