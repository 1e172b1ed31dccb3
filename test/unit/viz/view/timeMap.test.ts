import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TimeMap, realTime, stepOrder, warpedTime } from '../../../../viz/view/timeMap.ts';

const END = 100_000_000;

const maps: readonly TimeMap[] = [
  realTime(END),
  warpedTime(END, [{ at: 20_000_000 }, { at: 20_500_000 }, { at: 21_000_000 }, { at: 90_000_000 }]),
  stepOrder(Float64Array.from([0, 0, 5, 1000, 1000, 50_000_000, END])),
];

describe.each(maps)('$mode', (map) => {
  test('runs from 0 to 1 and never back', () => {
    expect(map.place(END)).toBeCloseTo(1, 9);
    fc.assert(fc.property(fc.integer({ min: 0, max: END }), fc.integer({ min: 0, max: END }), (left, right) => {
      const [first, second] = left <= right ? [left, right] : [right, left];
      expect(map.place(first)).toBeLessThanOrEqual(map.place(second));
    }), { numRuns: 50 });
  });

  test('finds its way back', () => {
    fc.assert(fc.property(fc.integer({ min: 1001, max: END }), (at) => {
      expect(Math.abs(map.at(map.place(at)) - at)).toBeLessThan(1);
    }), { numRuns: 50 });
  });
});

test('a gap takes less room in warped time, and a burst more', () => {
  const [real, warped] = maps as [TimeMap, TimeMap];
  const share = (map: TimeMap, from: number, to: number): number => map.place(to) - map.place(from);
  expect(share(warped, 20_000_000, 21_000_000)).toBeGreaterThan(5 * share(real, 20_000_000, 21_000_000));
  expect(share(warped, 21_000_000, 90_000_000)).toBeLessThan(share(real, 21_000_000, 90_000_000));
});
