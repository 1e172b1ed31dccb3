/** Numbers that people like: what shrinking turns times and rates into. */

const STEPS: readonly number[] = [1, 2, 5];
const MS_PER_SECOND = 1000;
/** Whole seconds that are rounder than others. */
const SECONDS: readonly number[] = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600];

/** 1, 2, 5, 10, 20, … below `value`, the smallest first. */
export const rounderBelow = (value: number): readonly number[] => {
  const found: number[] = [];
  for (let power = 1; power < value; power *= 10) for (const step of STEPS) if (power * step < value) found.push(power * step);
  return found;
};

/** Round times in ms below `ms`, the smallest first. */
export const rounderMsBelow = (ms: number): readonly number[] =>
  SECONDS.map((seconds) => seconds * MS_PER_SECOND).filter((round) => round < ms);

/** How round a time is: 0 for the roundest. A shrinker moves times only towards rounder ones. */
export const roughness = (ms: number): number => {
  const steps = [10_000, 5000, MS_PER_SECOND, 500, 100, 10, 1];
  const place = steps.findIndex((step) => ms % step === 0);
  return place < 0 ? steps.length : place;
};

/** The nearest times that are rounder than `ms`, the roundest first; down before up. */
export const rounderMs = (ms: number): readonly number[] => {
  const found: number[] = [];
  for (const step of [10_000, 5000, MS_PER_SECOND, 500, 100, 10, 1]) {
    for (const round of [Math.floor(ms / step) * step, Math.ceil(ms / step) * step]) {
      if (round >= 0 && roughness(round) < roughness(ms) && !found.includes(round)) found.push(round);
    }
  }
  return found;
};
