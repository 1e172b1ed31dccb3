/** One run for the timeline: the scenario as it was run, its recording, its report. */
import { expandScenario } from '../../sim/fault/expandPlan.ts';
import type { RunReport } from '../../sim/report.ts';
import { runScenario } from '../../sim/run.ts';
import type { ExpandedScenario, ResolvedScenario } from '../../sim/scenario.ts';
import { Recording } from './recording.ts';

export interface Played {
  readonly scenario: ExpandedScenario;
  readonly seed: number;
  readonly recording: Recording;
  readonly report: RunReport;
}

/** Throws `ScenarioError` where the scenario cannot be run. `onProgress` hears of virtual ms. */
export const play = (resolved: ResolvedScenario, seed: number, onProgress?: (virtualMs: number) => void): Played => {
  const scenario = expandScenario(resolved, seed);
  const recording = new Recording();
  const report = runScenario(scenario, seed, { sink: recording, ...(onProgress === undefined ? {} : { onProgress }) });
  return { scenario, seed, recording, report };
};
