/** The counter of the LFU policies: how it grows, falls and is kept. */
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { Random } from '../../../../engine/core/random.ts';
import { Lfu } from '../../../../engine/keyspace/lfu.ts';

const MINUTE = 60_000;
const lfu = (logFactor = 10, decayMinutes = 1): Lfu => new Lfu(new Random(bytes('twelve bytes')), logFactor, decayMinutes);

test('a new key starts at 5 and falls by one a minute, not below 0', () => {
  const one = lfu();
  const access = one.forNew(MINUTE);
  expect([0, 1, 3, 5, 9].map((minutes) => one.frequency(access, (1 + minutes) * MINUTE))).toEqual([5, 4, 2, 0, 0]);
  expect(lfu(10, 0).frequency(access, 1000 * MINUTE)).toBe(5);
  expect(lfu(10, 2).frequency(access, 5 * MINUTE)).toBe(3);
});

test('the clock of minutes comes round after 65536 of them', () => {
  const one = lfu();
  expect(one.frequency(one.forNew(65_535 * MINUTE), 65_537 * MINUTE)).toBe(3);
});

test('it grows with every access where the factor is 0, and ever slower where it is not', () => {
  const grown = (logFactor: number, times: number): number => {
    const one = lfu(logFactor, 0);
    let access = one.forNew(0);
    for (let count = 0; count < times; count++) access = one.touched(access, 0);
    return one.frequency(access, 0);
  };
  expect(grown(0, 100)).toBe(105);
  expect(grown(0, 1000)).toBe(255);
  const [hundred, thousand, tenThousand] = [grown(10, 100), grown(10, 1000), grown(10, 10_000)] as const;
  // About 10, 18 and 49, as redis.conf says.
  expect(hundred).toBeGreaterThan(6);
  expect(hundred).toBeLessThan(15);
  expect(thousand).toBeGreaterThan(hundred);
  expect(thousand).toBeLessThan(30);
  expect(tenThousand).toBeGreaterThan(thousand);
  expect(tenThousand).toBeLessThan(80);
});
