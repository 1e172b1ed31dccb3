/**
 * How virtual time lies on the picture: as it is, with idle gaps shrunk, or so that every record takes the same room. Each is a
 * monotone map from virtual microseconds to a place between 0 and 1, piecewise linear, and back.
 */
import type { Moment } from '../model/moments.ts';

export type TimeMode = 'real' | 'warped' | 'steps';

export interface TimeMap {
  readonly mode: TimeMode;
  /** 0 at the beginning, 1 at the end; outside of these beyond them. */
  place(at: number): number;
  /** The inverse of `place`. */
  at(place: number): number;
}

/** A gap without a moment counts as so many microseconds, however long it is. */
const GAP_SHOWN_MICROS = 1_500_000;

export const realTime = (endAt: number): TimeMap => piecewise('real', [0, Math.max(1, endAt)], [0, 1]);

/** Time between neighbouring moments counts up to `GAP_SHOWN_MICROS`. */
export const warpedTime = (endAt: number, moments: readonly Pick<Moment, 'at'>[]): TimeMap => {
  const ats = [0, ...moments.map(({ at }) => at), endAt].sort((left, right) => left - right);
  const breaks: number[] = [];
  const sums: number[] = [];
  let sum = 0;
  for (const at of ats) {
    const before = breaks.at(-1);
    if (before !== undefined && at <= before) continue;
    if (before !== undefined) sum += Math.min(at - before, GAP_SHOWN_MICROS);
    breaks.push(at);
    sums.push(sum);
  }
  return piecewise('warped', breaks, sums.map((each) => each / Math.max(1, sum)));
};

/** `samples`: times of records at equal distances, first and last included. */
export const stepOrder = (samples: Float64Array): TimeMap => {
  const breaks: number[] = [];
  const places: number[] = [];
  samples.forEach((at, index) => {
    const place = index / Math.max(1, samples.length - 1);
    // Many records of one instant: it stands where its last one does.
    if (breaks.at(-1) === at) places[places.length - 1] = place;
    else {
      breaks.push(at);
      places.push(place);
    }
  });
  return piecewise('steps', breaks, places);
};

const piecewise = (mode: TimeMode, breaks: readonly number[], places: readonly number[]): TimeMap => ({
  mode, place: (at) => interpolate(breaks, places, at), at: (place) => interpolate(places, breaks, place),
});

/** Linear between `from[i]` and `from[i + 1]`; beyond the ends it goes on as in the outermost piece. */
const interpolate = (from: readonly number[], to: readonly number[], value: number): number => {
  if (from.length < 2) return to[0] ?? 0;
  let low = 0;
  let high = from.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((from[middle] as number) <= value) low = middle;
    else high = middle;
  }
  const [x0, x1, y0, y1] = [from[low], from[high], to[low], to[high]] as [number, number, number, number];
  return x1 === x0 ? y0 : y0 + (value - x0) * (y1 - y0) / (x1 - x0);
};
