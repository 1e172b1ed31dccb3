/** Integers as Redis reads them, the checksum of RDB files, and the scan that misses nobody. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes, toHex } from '../../../../engine/core/bytes.ts';
import { Crc64 } from '../../../../engine/core/crc64.ts';
import { IndexedSet, scanDown } from '../../../../engine/core/indexedSet.ts';
import { narrow, parseInt64, parseSafeInteger } from '../../../../engine/core/integers.ts';
import { Random } from '../../../../engine/core/random.ts';

describe('integers', () => {
  test('the canonical form of every 64-bit integer is read, and no other text', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(parseInt64(bytes(String(value)))).toBe(value);
      const safe = parseSafeInteger(bytes(String(value)));
      expect(safe).toBe(Number.isSafeInteger(Number(value)) ? Number(value) : null);
      expect(BigInt(narrow(value))).toBe(value);
    }));
    for (const text of ['', '-', '+1', '01', '-0', '-01', ' 1', '1 ', '1.0', '1e3', '9223372036854775808', '0x1', '1\0']) {
      expect(parseInt64(bytes(text)), text).toBeNull();
      expect(parseSafeInteger(bytes(text)), text).toBeNull();
    }
  });
});

describe('the checksum of RDB files', () => {
  test('has the check value of CRC-64/Jones, in one piece or in many', () => {
    const whole = new Crc64();
    whole.update(bytes('123456789'));
    // Little endian: e9c6d914c4b8d9ca.
    expect(toHex(whole.digest())).toBe('cad9b8c414d9c6e9');
    const parts = new Crc64();
    for (const digit of '123456789') parts.update(bytes(digit));
    expect(parts.digest()).toBe(whole.digest());
  });
});

describe('scanning while members come and go', () => {
  test('returns whoever is there from the first call to the last', () => {
    const change = fc.record({ member: fc.nat(60), adds: fc.boolean() });
    fc.assert(fc.property(fc.uniqueArray(fc.nat(60)), fc.array(fc.array(change, { maxLength: 8 })), fc.integer({ min: 1, max: 7 }),
      (first, changes, count) => {
        const set = new IndexedSet();
        for (const member of first) set.add(bytes(String(member)));
        const stayed = new Set(first.map(String));
        const seen = new Set<string>();
        const turns = [...changes];
        let cursor = 0;
        do {
          cursor = scanDown(set.values(), cursor, count, (member: Bytes) => seen.add(member));
          for (const { member, adds } of turns.shift() ?? []) {
            const name = bytes(String(member));
            if (adds) set.add(name);
            else {
              set.delete(name);
              stayed.delete(name);
            }
          }
        } while (cursor !== 0);
        for (const member of stayed) expect(seen.has(member)).toBe(true);
      }));
  });
});

describe('the generator', () => {
  test('repeats for a seed, differs between seeds, and stays below its bound', () => {
    const draw = (seed: string): number[] => {
      const random = new Random(bytes(seed));
      return Array.from({ length: 50 }, () => random.below(1000));
    };
    expect(draw('abcdefghijkl')).toEqual(draw('abcdefghijkl'));
    expect(draw('abcdefghijkl')).not.toEqual(draw('abcdefghijkm'));
    expect(Math.max(...draw('abcdefghijkl'))).toBeLessThan(1000);
    expect(new Random(bytes('abcdefghijkl')).hex(40)).toMatch(/^[0-9a-f]{40}$/);
  });
});
