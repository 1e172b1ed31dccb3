/** Runs of real scenarios for the timeline's tests, each made once. */
import { type Played, play } from '../../../../viz/model/play.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const made = new Map<string, Played>();

export const played = (name: string, seed: number = 1): Played => {
  const key = `${name}/${seed}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const run = finished(play(resolvedScenario(name), seed));
  made.set(key, run);
  return run;
};
