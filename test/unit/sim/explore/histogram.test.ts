/** Percentiles and histograms of tallies. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distribution, histogram, tallyOf } from '../../../../sim/explore/histogram.ts';

test('percentiles are values that occurred', () => {
  expect(distribution(tallyOf([5, 1, 3, 2, 4]))).toEqual({ median: 3, p90: 5, max: 5 });
  expect(distribution(tallyOf([7]))).toEqual({ median: 7, p90: 7, max: 7 });
  expect(distribution(tallyOf([0, 0, 0, 9]))).toEqual({ median: 0, p90: 9, max: 9 });
  expect(distribution(tallyOf([]))).toEqual({ median: 0, p90: 0, max: 0 });
});

test('percentiles are those of the sorted values', () => {
  fc.assert(fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 60 }), (values) => {
    const sorted = [...values].sort((left, right) => left - right);
    const at = (percent: number): number | undefined => sorted[Math.ceil((sorted.length * percent) / 100) - 1];
    expect(distribution(tallyOf(values))).toEqual({ median: at(50), p90: at(90), max: sorted.at(-1) });
  }));
});

test('a histogram counts every value, in a few lines', () => {
  fc.assert(fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 100 }), (values) => {
    const lines = histogram(tallyOf(values));
    const counted = lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    expect(counted).toBe(values.length);
    expect(lines.length).toBeLessThanOrEqual(9);
  }));
});
