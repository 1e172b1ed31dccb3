/** The words for a run that was not the same twice. */
import { seconds } from './tables.ts';

/** The first event of two runs of one seed that was not the same. */
export interface TraceDifference {
  readonly event: number;
  readonly atMs: number;
  readonly first: string;
  readonly second: string;
}

export const describeDifference = (difference: TraceDifference): string =>
  `not deterministic: event ${difference.event} at ${seconds(difference.atMs)} differs: `
  + `first ${difference.first}, then ${difference.second}`;
