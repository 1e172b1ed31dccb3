/** A plan entry's target in words: the target, what its parameters say, and for how long. */
import type { PlanEntry } from '../sim/scenario.ts';

export const describeTarget = (entry: PlanEntry): string => {
  const parameters = Object.entries(entry.with ?? {}).map(([name, value]) => {
    if (typeof value !== 'object') return `${name}: ${String(value)}`;
    return value.every((item) => typeof item === 'string') ? value.join(' ') : `${value.length} ${name}`;
  });
  return [
    ...(entry.target === undefined ? [] : [entry.target]),
    ...parameters,
    ...(entry.forMs === undefined ? [] : [`for ${entry.forMs / 1000} s`]),
  ].join(', ');
};
