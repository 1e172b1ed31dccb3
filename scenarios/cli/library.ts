/**
 * Faultline in somebody else's tests. A manual:
 *
 *     import { test } from 'vitest';
 *     import { expectHolds, explore, sentinelTopology } from 'faultline';
 *
 *     test('our deployment loses nothing that it does not have to', async () => {
 *       const topology = sentinelTopology({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', restart: 'always' });
 *       expectHolds(await explore({ topology, seeds: 50 }));
 *     });
 *
 * **What is run.** `scenario`: one of ours by its name, or one that was built from the exported helpers. `topology`: somebody's own,
 * built, or imported by `deployment('compose.yaml')`; it gets the clients that fit it and a plan of chaos. Either way `seeds` says
 * how often, each time with another seed: a number of seeds from 1 on, or a list of them.
 *
 * **What must hold.** The invariants that no correct Redis breaks, always; what the scenario expects; `property`, which looks at each
 * run's report and returns what is wrong with it, or nothing; and checks of one's own, which follow the run from inside (`Check`,
 * `CheckFactory`). Workloads of one's own are programs on the simulated host (`WorkloadFactory`).
 *
 * **Threads.** Own checks and workloads come as modules, by URL: each worker loads them for itself. Functions cannot cross to a worker:
 * with any of these everything runs on this one thread, and `notes` says so. `property` always runs here, and costs no worker.
 *
 * **Failures.** `expectHolds` throws with the seed, the plan as it was drawn, what failed, and the command that runs it again; the run
 * is saved under `saveTo` for that command, which names the modules too. Functions are in no file: `seeds: [SEED]` in the same test has
 * them, and a run with such a workload is not saved at all.
 *
 * What always holds: results stand in the order of their seeds, whatever the number of workers.
 */
import { availableParallelism } from 'node:os';
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScenarioError } from '../../engine/core/errors.ts';
import {
  type CheckFactory, type NeverExercised, NO_COVERAGE, type ResolvedScenario, type RunReport, type Scenario, type Topology,
  type WorkloadFactory, addCoverage, expandScenario, importDeployment, neverExercised,
} from '../../sim/index.ts';
import { chaosOn } from '../chaosOn.ts';
import { findScenario, resolve, saveRun } from '../index.ts';
import { readTextFile, readerBeside, readerIn, writeTextFile } from './files.ts';
import { type FailedRun, failureText } from './libraryFailure.ts';
import { type LibrarySetup, type SeedResult, loadOwn, runSeed } from './libraryRun.ts';
import { runJobs } from './workerPool.ts';

export * from '../../sim/index.ts';
export * from '../index.ts';
export * from '../plan.ts';
export { CHAOS } from '../chaos.ts';
export { chaosOn } from '../chaosOn.ts';
export { clusterHolds, everythingHolds, sentinelsHold } from '../expectations.ts';
export { clusterTopology, sentinelTopology, topologyOf } from '../topologies.ts';
export type { FailedRun } from './libraryFailure.ts';

/** What to look for, and how hard. Exactly one of `scenario` and `topology`. */
export interface ExploreOptions {
  readonly scenario?: string | Scenario;
  readonly topology?: Topology;
  /** How many, from 1 on; or which. */
  readonly seeds: number | readonly number[];
  /** Threads; as many as there are cores when absent. */
  readonly workers?: number;
  /** Looks at one run: what is wrong with it, or nothing (`null`, `undefined`). */
  readonly property?: (report: RunReport) => string | null | undefined;
  readonly checks?: readonly (CheckFactory | URL)[];
  readonly workloads?: readonly (WorkloadFactory | URL)[];
  /** Where failed runs are saved; null: nowhere. `faultline-failures` when absent. */
  readonly saveTo?: string | null;
  /** Bugs to plant in the engine, by name: whether one's own checks would see them. */
  readonly bugs?: readonly string[];
  readonly onProgress?: (done: number) => void;
}

/** What came of it. */
export interface Exploration {
  readonly scenario: string;
  readonly runs: number;
  readonly failed: readonly FailedRun[];
  /** What none of the runs reached: a search that tested nothing must not look green. */
  readonly never: NeverExercised;
  /** What the reader must know of how it was done. */
  readonly notes: readonly string[];
}

/** Thrown by `expectHolds`; its message is the report of the first failures. */
export class FoundFailure extends Error {
  override readonly name = 'FoundFailure';
  readonly exploration: Exploration;

  constructor(exploration: Exploration) {
    super(failureText(exploration));
    this.exploration = exploration;
  }
}

/** Runs every seed. Throws `ScenarioError` for options that cannot be used, never for a run that failed. */
export const explore = async (options: ExploreOptions): Promise<Exploration> => {
  const scenario = scenarioOf(options);
  const seeds = seedsOf(options.seeds);
  const { results, notes } = await runAll(scenario, seeds, options);
  let coverage = NO_COVERAGE;
  const failed: FailedRun[] = [];
  for (const result of results) {
    if ('report' in result) coverage = addCoverage(coverage, result.report);
    const failures = failuresOf(result, options);
    if (failures.length > 0) failed.push(failedRun(scenario, result, failures, options));
  }
  return { scenario: scenario.name, runs: results.length, failed, never: neverExercised(coverage, scenario), notes };
};

/** Throws `FoundFailure` unless every run was as it must be. */
export const expectHolds = (exploration: Exploration): void => {
  if (exploration.failed.length > 0) throw new FoundFailure(exploration);
};

/** Deployment files (Docker Compose, Helm values, redis.conf with what belongs to it) as one topology. Throws `ScenarioError`. */
export const deployment = (...paths: readonly string[]): Topology => {
  const [first = ''] = paths;
  // Names in messages are short where there is one file.
  if (paths.length === 1) return importDeployment([{ file: basename(first), text: readTextFile(first) }], readerBeside(dirname(first)));
  return importDeployment(paths.map((file) => ({ file, text: readTextFile(file) })), readerBeside('.'));
};

const scenarioOf = ({ scenario, topology }: ExploreOptions): ResolvedScenario => {
  if ((scenario === undefined) === (topology === undefined)) throw new ScenarioError('explore: give exactly one of scenario and topology');
  if (topology !== undefined) return chaosOn(topology);
  const found = typeof scenario === 'string' ? findScenario(scenario) : scenario ?? null;
  if (found === null) throw new ScenarioError(`explore: no scenario is called '${String(scenario)}'`);
  return resolve(found, readerIn(null));
};

const seedsOf = (seeds: number | readonly number[]): readonly number[] => {
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds;
  if (list.length === 0 || !list.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
    throw new ScenarioError('explore: seeds must be a number from 1, or a list of whole numbers from 0');
  }
  return list;
};

interface Outcome {
  readonly results: readonly SeedResult[];
  readonly notes: readonly string[];
}

const runAll = async (scenario: ResolvedScenario, seeds: readonly number[], options: ExploreOptions): Promise<Outcome> => {
  const { checks = [], workloads = [], bugs = [], onProgress = (): void => {} } = options;
  const own = [...checks, ...workloads];
  const modules = { checks: addresses(checks), workloads: addresses(workloads) };
  const isBound = modules.checks.length + modules.workloads.length < own.length;
  const workers = Math.min(options.workers ?? availableParallelism(), seeds.length);
  if (!isBound && workers > 1) {
    const setup: LibrarySetup = { scenario, modules, bugs };
    // A module that cannot be loaded is said before any thread begins.
    await loadOwn(modules);
    const program = new URL('./libraryWorker.js', import.meta.url);
    return { results: await runJobs<number, SeedResult>({ program, setup, jobs: seeds, workers, onProgress }), notes: [] };
  }
  const loaded = await loadOwn(modules);
  const parts = {
    checks: [...loaded.checks, ...checks.filter((part): part is CheckFactory => !(part instanceof URL))],
    workloads: [...loaded.workloads, ...workloads.filter((part): part is WorkloadFactory => !(part instanceof URL))],
  };
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    results.push(runSeed(scenario, seed, parts, bugs));
    onProgress(results.length);
    // Whoever waits beside us gets a turn.
    await Promise.resolve();
  }
  return { results, notes: isBound ? ['checks and workloads that are functions cannot cross to a worker: all runs were made on one thread'] : [] };
};

const addresses = (parts: readonly unknown[]): readonly string[] => parts.flatMap((part) => (part instanceof URL ? [part.href] : []));

const failuresOf = (result: SeedResult, { property }: ExploreOptions): readonly string[] => {
  if ('error' in result) return [result.error];
  const wrong = property?.(result.report) ?? null;
  return [...result.report.failures, ...(wrong === null ? [] : [`property: ${wrong}`])];
};

const failedRun = (
  scenario: ResolvedScenario, result: SeedResult, failures: readonly string[], options: ExploreOptions,
): FailedRun => {
  const { seed } = result;
  const traceHash = 'report' in result ? result.report.traceHash : '';
  const expanded = expandScenario(scenario, seed);
  const saved = saveRun(expanded, seed, traceHash, { planted: options.bugs ?? [] });
  const directory = options.saveTo === undefined ? SAVED_IN : options.saveTo;
  const own = [...options.checks ?? [], ...options.workloads ?? []];
  const modules = [...new Set(addresses(own).map((address) => relative('.', fileURLToPath(address))))];
  // A workload that is a function is part of the run and of no file: without it, it would be another run.
  const isWhole = (options.workloads ?? []).every((part) => part instanceof URL);
  const hasOwn = own.some((part) => !(part instanceof URL)) || options.property !== undefined;
  const common = { seed, plan: expanded.plan, failures, hasOwn };
  if (directory === null || !isWhole) return { ...common, replay: null };
  const file = join(directory, `${scenario.name.replace(/[^\w.-]+/g, '-')}-seed-${seed}.json`);
  mkdirSync(directory, { recursive: true });
  writeTextFile(file, JSON.stringify(saved, null, 2));
  return { ...common, replay: ['npx faultline replay', file, ...(modules.length === 0 ? [] : ['--module', ...modules])].join(' ') };
};

const SAVED_IN = 'faultline-failures';
