/** What a search says: the JSON document that others build on. Everything in it follows from the runs, nothing from the clock. */
import { tallyFrom } from '../../sim/explore/campaignState.ts';
import { candidateOf } from '../../sim/explore/campaign.ts';
import { expandedOf } from '../../sim/explore/candidate.ts';
import { neverExercised } from '../../sim/explore/coverage.ts';
import { type Distribution, distribution } from '../../sim/explore/histogram.ts';
import { type Interesting, OBJECTIVES, type Objective, rarityOf } from '../../sim/explore/objectives.ts';
import type { ShrinkStep } from '../../sim/explore/shrink.ts';
import type { ExploreOptions } from './exploreOptions.ts';
import type { Explored, ExploredFailure } from './exploreRun.ts';
import { replayFile, writeFailure, writeInteresting } from './failureFiles.ts';
import { replayLine } from './replayLine.ts';

export interface FailedRow {
  readonly seed: number;
  readonly check: string;
  readonly cause: string;
  readonly detail: string;
  /** Runs of the search that failed in this way, and the seeds of the first ones. */
  readonly runs: number;
  readonly seeds: readonly number[];
  /** The saved run, as small as it could be made; null with `--no-shrink`, or where it fails only with its own plan's expectations. */
  readonly shrunk: string | null;
  /** The saved run: the shrunk one, else as it was found. */
  readonly file: string;
  readonly test: string;
  /** Entries of the plan in `file`, and of the plan that was found. */
  readonly entries: number;
  readonly entriesFound: number;
  readonly processes: number;
  readonly clients: number;
  readonly shrinkRuns: number;
  readonly steps: readonly ShrinkStep[];
  readonly replay: string;
}

export interface WorstRow {
  readonly seed: number;
  readonly lost: number;
  readonly unavailableMs: number;
  readonly entries: number;
  readonly signature: string;
  /** Runs that shared the rarest thing that can be said of it. */
  readonly rarity: number;
  readonly replay: string;
}

export type NotExercised =
  | { readonly kind: 'mark'; readonly name: string; readonly means: string }
  | { readonly kind: 'fault' | 'check'; readonly name: string };

export interface ExploreReport {
  readonly scenario: string;
  readonly runs: number;
  readonly rounds: number;
  readonly ok: boolean;
  readonly failedRuns: number;
  /** One for each way of failing, in the order in which they were found. */
  readonly failed: readonly FailedRow[];
  readonly worst: Readonly<Record<Objective, WorstRow | null>>;
  readonly notExercised: readonly NotExercised[];
  readonly lost: Distribution;
  readonly unavailableMs: Distribution;
  readonly failoverMs: Distribution;
  readonly signatures: number;
  readonly bugs: number;
  readonly virtualMs: number;
  readonly events: number;
}

/** Makes the report, and writes the files that it names. */
export const exploreReport = (explored: Explored, options: ExploreOptions): ExploreReport => {
  const { input: { scenario }, state } = explored;
  const { marks, kinds, checks } = neverExercised(state.coverage, scenario);
  const used = new Map<string, number>();
  return {
    scenario: scenario.name, runs: state.runs, rounds: state.rounds, ok: state.failedRuns === 0, failedRuns: state.failedRuns,
    failed: explored.failures.map((failure) => failedRow(explored, failure, options, used)),
    worst: Object.fromEntries(OBJECTIVES.map((objective) => [objective, worstRow(explored, objective, options)])) as ExploreReport['worst'],
    notExercised: [
      ...marks.map(({ name, means }): NotExercised => ({ kind: 'mark', name, means })),
      ...kinds.map((name): NotExercised => ({ kind: 'fault', name })),
      ...checks.map((name): NotExercised => ({ kind: 'check', name })),
    ],
    lost: distribution(tallyFrom(state.tallies.lost)), unavailableMs: distribution(tallyFrom(state.tallies.unavailableMs)),
    failoverMs: distribution(tallyFrom(state.tallies.failoverMs)), signatures: Object.keys(state.signatures).length,
    bugs: state.bugs, virtualMs: state.virtualMs, events: state.events,
  };
};

const failedRow = (
  { input: { scenario } }: Explored, { group, run, shrunk }: ExploredFailure, options: ExploreOptions, used: Map<string, number>,
): FailedRow => {
  const { check, cause } = group;
  const saved = shrunk ?? { scenario: expandedOf(scenario, candidateOf(run)), seed: run.seed, traceHash: run.traceHash, check, cause, detail: group.detail };
  const key = `${check} ${run.seed}`;
  const ordinal = used.get(key) ?? 0;
  used.set(key, ordinal + 1);
  const files = writeFailure(options.out, saved, options, ordinal);
  return {
    seed: run.seed, check, cause, detail: saved.detail, runs: group.count, seeds: group.runs.map(({ seed }) => seed),
    shrunk: shrunk === null ? null : files.file, file: files.file, test: files.test, entries: saved.scenario.plan.length,
    entriesFound: run.entries, processes: saved.scenario.topology.processes.length, clients: saved.scenario.workload.clients.length,
    shrinkRuns: shrunk?.runs ?? 0, steps: shrunk?.steps ?? [], replay: files.replay,
  };
};

/** A seed as it is runs again by its number; a plan of the search's own, and planted bugs, need a file. */
const worstRow = ({ input, state }: Explored, objective: Objective, options: ExploreOptions): WorstRow | null => {
  const [worst] = state.best[objective];
  if (worst === undefined) return null;
  const { seed, plan, lost, unavailableMs, entries, signature } = worst;
  const needsFile = plan !== undefined || options.planted.length > 0 || options.modules.length > 0;
  const replay = needsFile ? replayFile(writeInteresting(
    options.out, objective, expandedOf(input.scenario, candidateOf(worst)), seed, worst.traceHash, options), options.modules)
    : replayLine(input.argument, seed);
  return { seed, lost, unavailableMs, entries, signature, rarity: rarity(worst, state.features), replay };
};

const rarity = ({ features }: Interesting, counts: Readonly<Record<string, number>>): number =>
  rarityOf(features, new Map(Object.entries(counts)));
