/**
 * How runs of a command are made besides scenario and seed: with bugs planted in the engine, and with checks and workloads of the
 * user's own. The same here and in every worker; modules come from the command line alone, never from a file that is read.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ScenarioError } from '../../engine/core/errors.ts';
import { type OwnParts, runScenario } from '../../sim/index.ts';
import type { RunReport } from '../../sim/report.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { loadModule, loadOwn } from './libraryRun.ts';

/** Plain data: it goes to workers. */
export interface RunWith {
  /** Names of bugs: see `PlantedBugs`, `SentinelBugs` and `ClusterBugs`. */
  readonly planted: readonly string[];
  /** Files of modules that export `check`, `workload`, or both. */
  readonly modules: readonly string[];
}

/** What the files export: `check`, `workload`, or both. Rejects with a `ScenarioError` where one cannot be used. */
export const ownParts = async (modules: readonly string[]): Promise<OwnParts> => {
  const checks: string[] = [];
  const workloads: string[] = [];
  for (const path of modules) {
    const { href } = pathToFileURL(resolve(path));
    const { check, workload } = await loadModule(href);
    if (check === undefined && workload === undefined) throw new ScenarioError(`${path}: exports neither a check nor a workload`);
    if (check !== undefined) checks.push(href);
    if (workload !== undefined) workloads.push(href);
  }
  return loadOwn({ checks, workloads });
};

export type Runner = (scenario: ResolvedScenario, seed: number) => RunReport;

/** Rejects with a `ScenarioError` where a module cannot be used. */
export const runnerFor = async ({ planted, modules }: RunWith): Promise<Runner> => {
  const own = await ownParts(modules);
  return (scenario, seed) => runScenario(scenario, seed, { ...own, bugs: planted });
};
