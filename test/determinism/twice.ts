/** One drawn world, run twice. A run that ends in an error of ours must end in the same one again. */
import { runScenario } from '../../sim/index.ts';
import { drawnWorld } from './worlds.ts';

export interface TwoRuns {
  readonly seed: number;
  readonly topology: string;
  readonly events: number;
  readonly hashes: readonly [string, string];
}

export const runTwice = (seed: number): TwoRuns => {
  const world = drawnWorld(seed);
  const once = outcome(seed);
  return { seed, topology: world.topology.name, events: once.events, hashes: [once.hash, outcome(seed).hash] };
};

const outcome = (seed: number): { readonly hash: string; readonly events: number } => {
  try {
    const { traceHash, events } = runScenario(drawnWorld(seed), seed);
    return { hash: traceHash, events };
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return { hash: `${failure.name}: ${failure.message}`, events: 0 };
  }
};
