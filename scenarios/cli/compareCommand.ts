/**
 * `faultline compare`: the same scenarios in the virtual world and on real processes, side by side. Exit status 1 where a verdict,
 * an order of events or a median differs; 2 where there could be no real run.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../../engine/core/errors.ts';
import { type Input, loadInput } from './inputs.ts';
import { WORKERS_MAX, parseCount, parseSeed } from './options.ts';
import { progressBar } from './progress.ts';
import { type Column, type Comparison, type MeasuredRun, compareWorlds } from './real/comparison.ts';
import { comparisonText } from './real/comparisonText.ts';
import { type Programs, findPrograms } from './real/programs.ts';
import type { VirtualJob } from './real/compareWorker.ts';
import type { RealReport } from './real/realReport.ts';
import { RealRunner, checkGround } from './real/realRunner.ts';
import { type NetworkKind, networkKindOf } from './real/worldNetwork.ts';
import { styleFor } from './tables.ts';
import { runJobs } from './workerPool.ts';

export interface CompareFlags {
  readonly runs?: string;
  readonly seeds?: string;
  readonly seed?: string;
  readonly parallel?: string;
  readonly server?: string;
  readonly sentinelServer?: string;
  readonly own?: boolean;
  readonly network?: string;
  readonly workers?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const RUNS_DEFAULT = 3;
const RUNS_MAX = 1000;
const SEEDS_DEFAULT = 20;
const SEEDS_MAX = 100_000;
const PARALLEL_MAX = 32;
const MS_PER_SECOND = 1000;

/** What is compared, and how often. */
export interface CompareOptions {
  readonly runs: number;
  readonly seeds: readonly number[];
  /** Real runs at the same time. */
  readonly parallel: number;
  readonly workers: number;
  readonly network: NetworkKind;
  /** The worlds of real processes, by name. */
  readonly worlds: readonly { readonly name: string; readonly programs: Programs }[];
  /** Seconds of real runs that are over. */
  onProgress(seconds: number): void;
}

export const compareCommand = async (targets: readonly string[], flags: CompareFlags): Promise<number> => {
  if (targets.length === 0) throw new ConfigError("compare: name a scenario; 'faultline list' shows the scenarios");
  const inputs = targets.map(loadInput);
  const count = (text: string | undefined, flag: string, otherwise: number, max: number): number =>
    (text === undefined ? otherwise : parseCount(text, flag, max));
  const runs = count(flags.runs, '--runs', RUNS_DEFAULT, RUNS_MAX);
  const seeds = count(flags.seeds, '--seeds', SEEDS_DEFAULT, SEEDS_MAX);
  const firstSeed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  const worlds = [
    ...(flags.own === true ? [{ name: 'ours on TCP', programs: ownPrograms() }] : []),
    { name: 'real', programs: findPrograms(flags.server ?? null, flags.sentinelServer ?? null) },
  ];
  const network = networkKindOf(flags.network);
  await checkGround(network);
  const total = inputs.reduce((sum, { scenario }) => sum + lengthSeconds(scenario), 0) * runs * worlds.length;
  const bar = progressBar(total, flags.quiet === true, 'seconds');
  const comparisons = await compareInputs(inputs, {
    runs, seeds: Array.from({ length: seeds }, (_, index) => firstSeed + index), worlds, network,
    parallel: count(flags.parallel, '--parallel', 1, PARALLEL_MAX),
    workers: count(flags.workers, '--workers', availableParallelism(), WORKERS_MAX), onProgress: (seconds) => bar.update(Math.min(total, seconds)),
  }).finally(() => bar.stop());
  if (flags.json === true) {
    const versions = Object.fromEntries(worlds.map(({ name, programs }) => [name, programs.versions]));
    const documents = comparisons.map((comparison) => ({ ...comparison, network, versions }));
    process.stdout.write(`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2)}\n`);
  } else {
    const style = styleFor(process.stdout);
    process.stdout.write(`${comparisons.map((comparison) => comparisonText(style, comparison, flags.quiet === true)).join('\n\n')}\n`);
  }
  return comparisons.every(({ ok }) => ok) ? 0 : 1;
};

/** This package's own server on real TCP. */
export const ownPrograms = (): Programs => {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  return findPrograms(`${process.execPath} ${main} server`, null);
};

const lengthSeconds = ({ durationMs, settlingMs }: Input['scenario']): number => Math.ceil((durationMs + settlingMs) / MS_PER_SECOND);

/** One comparison for each input, in their order. */
export const compareInputs = async (inputs: readonly Input[], options: CompareOptions): Promise<readonly Comparison[]> => {
  // Before the real runs, which a busy machine would disturb.
  const virtual = await virtualRuns(inputs, options);
  const jobs = inputs.flatMap((input) => options.worlds.flatMap((world) =>
    Array.from({ length: options.runs }, () => ({ input, world }))));
  const results = await realRuns(jobs, options);
  return inputs.map((input, place) => {
    const columns = options.worlds.map((world): Column => ({
      world: world.name,
      runs: results.filter((_, index) => jobs[index]?.input === input && jobs[index].world === world).map(measured),
    }));
    return compareWorlds(input.scenario.name, [{ world: 'virtual', runs: virtual[place] ?? [] }, ...columns],
      input.scenario.expects.tolerance);
  });
};

/** For each input the runs of all seeds. */
export const virtualRuns = async (inputs: readonly Input[], { seeds, workers }: Pick<CompareOptions, 'seeds' | 'workers'>): Promise<readonly (readonly MeasuredRun[])[]> => {
  const jobs = inputs.flatMap((_, place) => seeds.map((seed): VirtualJob => ({ place, seed })));
  const results = await runJobs<VirtualJob, MeasuredRun>({
    program: new URL('./real/compareWorker.js', import.meta.url), setup: inputs.map(({ scenario }) => scenario), jobs, workers,
    onProgress: () => undefined,
  });
  return inputs.map((_, place) => results.filter((_run, index) => jobs[index]?.place === place));
};

interface Job {
  readonly input: Input;
  readonly world: CompareOptions['worlds'][number];
}

const realRuns = async (jobs: readonly Job[], { parallel, seeds, network, onProgress }: CompareOptions): Promise<readonly RealReport[]> => {
  const runner = new RealRunner();
  const results: RealReport[] = [];
  const progress = jobs.map(() => 0);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      const { input, world } = jobs[index] as Job;
      results[index] = await runner.run({
        scenario: input.scenario, seed: seeds[0] ?? 1, programs: world.programs, network, replay: `npx faultline run ${input.argument} --world real`,
        onProgress: (ms) => {
          progress[index] = ms / MS_PER_SECOND;
          onProgress(Math.floor(progress.reduce((sum, one) => sum + one, 0)));
        },
      });
    }
  };
  const workers = Array.from({ length: Math.min(parallel, jobs.length) }, work);
  try {
    await Promise.all(workers);
  } finally {
    // One that failed ends the comparison; the others are waited for, since they clear away what is theirs.
    next = jobs.length;
    runner.stop();
    await Promise.allSettled(workers);
    runner.close();
  }
  return results;
};

/** What is compared of a real run. */
export const measured = ({ verdicts, figures, notDone }: RealReport): MeasuredRun => ({
  verdicts: Object.fromEntries(verdicts.map(({ name, verdict }) => [name, verdict])), figures,
  notDone: notDone.map(({ entry, reason }) => `${entry.do}: ${reason}`),
});
