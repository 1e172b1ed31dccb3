/** Durations in classes of two digits, the steps that LATENCY HISTOGRAM shows, and percentiles. */
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../../../engine/server/latencyHistogram.ts';

const histogramOf = (durations: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const micros of durations) histogram.record(micros);
  return histogram;
};

test('steps double, are named by their last microsecond, and count all that was no longer', () => {
  expect(histogramOf([1, 1, 2, 3, 20, 33, 500]).steps()).toEqual([[1, 2], [2, 3], [4, 4], [33, 6], [528, 7]]);
  expect(histogramOf([0]).steps()).toEqual([[1, 1]]);
  expect(histogramOf([]).steps()).toEqual([]);
  expect(histogramOf([10 ** 9]).calls).toBe(1);
});

test('percentiles are as redis-server prints them: 7 microseconds are 7.007', () => {
  expect(histogramOf([7]).percentile(50)).toBe(7007);
  expect(histogramOf([130]).percentile(99)).toBe(130_047);
  const many = histogramOf(Array.from({ length: 100 }, (_, index) => index + 1));
  expect([50, 99, 100].map((percent) => Math.floor(many.percentile(percent) / 1000))).toEqual([50, 99, 100]);
});
