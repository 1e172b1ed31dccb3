/** One run for the timeline: the scenario as it was run, its recording, its report. */
import { expandScenario } from '../../sim/fault/expandPlan.ts';
import type { RunReport } from '../../sim/report.ts';
import { runInSteps } from '../../sim/run.ts';
import type { ExpandedScenario, ResolvedScenario } from '../../sim/scenario.ts';
import { Recording } from './recording.ts';

export interface Played {
  readonly scenario: ExpandedScenario;
  readonly seed: number;
  readonly recording: Recording;
  readonly report: RunReport;
}

/** Runs in steps of a virtual second; each says how many virtual ms have passed. Throws `ScenarioError` where it cannot be run. */
export function* play(resolved: ResolvedScenario, seed: number): Generator<number, Played> {
  const scenario = expandScenario(resolved, seed);
  const recording = new Recording();
  const report = yield* runInSteps(scenario, seed, { sink: recording });
  return { scenario, seed, recording, report };
}
