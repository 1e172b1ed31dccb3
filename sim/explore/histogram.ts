/**
 * Figures over many runs: nearest-rank percentiles and a small histogram of text. The order of the values does not matter, so a
 * tally (how often each value came) is all that a campaign keeps.
 */

/** How often each value came. Values are whole and not negative. */
export type Tally = ReadonlyMap<number, number>;

export interface Distribution {
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

export const tallyOf = (values: readonly number[]): Tally => {
  const tally = new Map<number, number>();
  for (const value of values) tally.set(value, (tally.get(value) ?? 0) + 1);
  return tally;
};

export const distribution = (tally: Tally): Distribution => {
  const sorted = sortedEntries(tally);
  const count = sorted.reduce((sum, [, times]) => sum + times, 0);
  return { median: rank(sorted, count, 50), p90: rank(sorted, count, 90), max: sorted.at(-1)?.[0] ?? 0 };
};

const sortedEntries = (tally: Tally): readonly (readonly [number, number])[] =>
  [...tally].sort(([left], [right]) => left - right);

/** The smallest value that at least `percent` of the values do not exceed. */
const rank = (sorted: readonly (readonly [number, number])[], count: number, percent: number): number => {
  let left = Math.max(1, Math.ceil((count * percent) / 100));
  for (const [value, times] of sorted) {
    left -= times;
    if (left <= 0) return value;
  }
  return 0;
};

const BUCKETS_MAX = 8;
const BAR_WIDTH = 32;

/** Lines `from..to  ####  count`, with buckets of one width (1, 2 or 5 times a power of ten). */
export const histogram = (tally: Tally): readonly string[] => {
  const sorted = sortedEntries(tally);
  const least = sorted[0]?.[0];
  const most = sorted.at(-1)?.[0];
  if (least === undefined || most === undefined) return [];
  const width = bucketWidth(most - least + 1);
  const first = Math.floor(least / width);
  const counts = Array.from({ length: Math.floor(most / width) - first + 1 }, () => 0);
  for (const [value, times] of sorted) {
    const bucket = Math.floor(value / width) - first;
    counts[bucket] = (counts[bucket] ?? 0) + times;
  }
  const highest = Math.max(...counts);
  const labels = counts.map((_, index) => {
    const from = (first + index) * width;
    return width === 1 ? String(from) : `${from}..${from + width - 1}`;
  });
  const labelWidth = Math.max(...labels.map((label) => label.length));
  return counts.map((count, index) => {
    const bar = '#'.repeat(count === 0 ? 0 : Math.max(1, Math.floor((count / highest) * BAR_WIDTH + 0.5)));
    return `${(labels[index] ?? '').padStart(labelWidth)}  ${bar.padEnd(BAR_WIDTH)}  ${count}`;
  });
};

/** The least round width with which `range` takes at most `BUCKETS_MAX` buckets. */
const bucketWidth = (range: number): number => {
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (range <= power * step * BUCKETS_MAX) return power * step;
  }
};
