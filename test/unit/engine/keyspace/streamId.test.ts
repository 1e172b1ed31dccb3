/** IDs of stream entries over the whole range of 64 bits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ID_MAX, ID_MIN, type StreamId, WIDE_MAX, type Wide, compareIds, difference, idAfter, idBefore, idOfRaw, idText, plusSigned, plusUnsigned, rawId,
} from '../../../../engine/keyspace/streamId.ts';
import { narrow } from '../../../../engine/core/integers.ts';

const wide: fc.Arbitrary<Wide> = fc.oneof(
  fc.nat({ max: 300 }), fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }).map(narrow),
  fc.constantFrom<Wide[]>(0, Number.MAX_SAFE_INTEGER, narrow(2n ** 53n), 0xffffffff, 0x100000000, WIDE_MAX));
const id: fc.Arbitrary<StreamId> = fc.record({ ms: wide, seq: wide });
const big = ({ ms, seq }: StreamId): bigint => (BigInt(ms) << 64n) | BigInt(seq);

describe('stream IDs', () => {
  test('sort as integers of 128 bits do, and so do their bytes', () => {
    fc.assert(fc.property(id, id, (left, right) => {
      const order = big(left) < big(right) ? -1 : big(left) > big(right) ? 1 : 0;
      expect(Math.sign(compareIds(left, right))).toBe(order);
      expect(rawId(left) < rawId(right) ? -1 : rawId(left) > rawId(right) ? 1 : 0).toBe(order);
    }));
  });

  test('come back from their bytes', () => {
    fc.assert(fc.property(id, (one) => {
      expect(idOfRaw(rawId(one))).toEqual(one);
    }));
  });

  test('have neighbours, but for the two ends', () => {
    fc.assert(fc.property(id, (one) => {
      const after = idAfter(one);
      const before = idBefore(one);
      if (after !== null) expect(big(after)).toBe(big(one) + 1n);
      if (before !== null) expect(big(before)).toBe(big(one) - 1n);
    }));
    expect(idAfter(ID_MAX)).toBeNull();
    expect(idBefore(ID_MIN)).toBeNull();
    expect(idAfter({ ms: 7, seq: WIDE_MAX })).toEqual({ ms: 8, seq: 0 });
    expect(idBefore({ ms: 7, seq: 0 })).toEqual({ ms: 6, seq: WIDE_MAX });
  });

  test('differ by what leads from one to the other', () => {
    fc.assert(fc.property(wide, wide, (from, to) => {
      const step = difference(from, to);
      expect(BigInt(step)).toBe(BigInt.asIntN(64, BigInt(to) - BigInt(from)));
      expect(plusUnsigned(from, step)).toBe(to);
    }));
  });

  test('counters wrap as signed integers do', () => {
    expect(plusSigned(2n ** 63n - 1n, 1)).toBe(-(2n ** 63n));
    expect(plusSigned(Number.MAX_SAFE_INTEGER, 1)).toBe(2n ** 53n);
    expect(plusSigned(3, -5)).toBe(-2);
  });

  test('show both parts', () => {
    expect(idText({ ms: 12, seq: WIDE_MAX })).toBe('12-18446744073709551615');
  });
});
