/** Figures over many runs: nearest-rank percentiles and a small histogram. The order of the values does not matter. */
export interface Distribution {
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

export const distribution = (values: readonly number[]): Distribution => {
  const sorted = [...values].sort((left, right) => left - right);
  return { median: rank(sorted, 50), p90: rank(sorted, 90), max: sorted.at(-1) ?? 0 };
};

/** The smallest value that at least `percent` of the values do not exceed. */
const rank = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

const BUCKETS_MAX = 8;
const BAR_WIDTH = 32;

/** Lines `from..to  ####  count`, with buckets of one width (1, 2 or 5 times a power of ten). */
export const histogram = (values: readonly number[]): readonly string[] => {
  if (values.length === 0) return [];
  const least = Math.min(...values);
  const most = Math.max(...values);
  const width = bucketWidth(most - least + 1);
  const first = Math.floor(least / width);
  const counts = Array.from({ length: Math.floor(most / width) - first + 1 }, () => 0);
  for (const value of values) {
    const bucket = Math.floor(value / width) - first;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const highest = Math.max(...counts);
  const labels = counts.map((_, index) => {
    const from = (first + index) * width;
    return width === 1 ? String(from) : `${from}..${from + width - 1}`;
  });
  const labelWidth = Math.max(...labels.map((label) => label.length));
  return counts.map((count, index) => {
    const bar = '#'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / highest) * BAR_WIDTH)));
    return `${(labels[index] ?? '').padStart(labelWidth)}  ${bar.padEnd(BAR_WIDTH)}  ${count}`;
  });
};

/** The least round width with which `range` takes at most `BUCKETS_MAX` buckets. */
const bucketWidth = (range: number): number => {
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (range <= power * step * BUCKETS_MAX) return power * step;
  }
};
