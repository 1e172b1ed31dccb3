/** What a browser must come to: the trace hash of a scenario of ours, run here. */
import { readerIn } from '../../scenarios/cli/files.ts';
import { findScenario, resolve } from '../../scenarios/index.ts';
import { runScenario } from '../../sim/index.ts';

export const hashOnNode = (name: string, seed: number): string => {
  const scenario = findScenario(name);
  if (scenario === null) throw new Error(`no scenario ${name}`);
  return runScenario(resolve(scenario, readerIn(null)), seed, {}).traceHash;
};
