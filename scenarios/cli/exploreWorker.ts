/**
 * A worker thread of `faultline explore`: runs candidates and answers with what a campaign keeps of them, never with whole reports;
 * shrinks what failed.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Candidate, expandedOf, scenarioOf } from '../../sim/explore/candidate.ts';
import type { FailureClass } from '../../sim/explore/failureClass.ts';
import { type RunSummary, summaryOf, summaryOfError } from '../../sim/explore/runSummary.ts';
import { type Shrunk, shrink } from '../../sim/explore/shrink.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { type RunWith, runnerFor } from './runWith.ts';

export interface ExploreSetup extends RunWith {
  readonly scenarios: readonly ResolvedScenario[];
}

/** `scenario` is the place in the setup's list. */
export type ExploreJob =
  | { readonly kind: 'run'; readonly scenario: number; readonly candidate: Candidate }
  | { readonly kind: 'shrink'; readonly scenario: number; readonly candidate: Candidate; readonly failure: FailureClass };

export type ExploreResult =
  | { readonly kind: 'run'; readonly summary: RunSummary }
  /** Null: it did not fail again. */
  | { readonly kind: 'shrink'; readonly shrunk: Shrunk | null };

const setup = workerData as ExploreSetup;
const run = await runnerFor(setup);

const summarise = (scenario: ResolvedScenario, candidate: Candidate): RunSummary => {
  try {
    return summaryOf(scenario, candidate, run(scenarioOf(scenario, candidate), candidate.seed));
  } catch (error) {
    return summaryOfError(error);
  }
};

const shrinkFailure = (scenario: ResolvedScenario, candidate: Candidate, failure: FailureClass): Shrunk | null => {
  try {
    return shrink(expandedOf(scenario, candidate), candidate.seed, failure, run);
  } catch {
    // Its expanded plan does not fail in this way: the report then shows the run as it was.
    return null;
  }
};

parentPort?.on('message', (job: ExploreJob) => {
  const scenario = setup.scenarios[job.scenario] as ResolvedScenario;
  const result: ExploreResult = job.kind === 'run' ? { kind: 'run', summary: summarise(scenario, job.candidate) }
    : { kind: 'shrink', shrunk: shrinkFailure(scenario, job.candidate, job.failure) };
  parentPort?.postMessage(result);
});
