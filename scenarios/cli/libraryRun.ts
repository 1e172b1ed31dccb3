/**
 * One run of the library, on whichever thread: the scenario from a seed, with the checks and workloads of the user's modules.
 *
 * What always holds: a run that ends in an error is a failed run with that error as its failure; it does not end the search.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { type CheckFactory, type OwnParts, type RunReport, type WorkloadFactory, runScenario } from '../../sim/index.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';

/** What comes back from a seed: the report, or why there is none. */
export type SeedResult =
  | { readonly seed: number; readonly report: RunReport }
  | { readonly seed: number; readonly error: string };

/** What a worker is started with: plain data, and the modules by their addresses. */
export interface LibrarySetup {
  readonly scenario: ResolvedScenario;
  readonly modules: OwnModules;
  readonly bugs: readonly string[];
}

export const runSeed = (scenario: ResolvedScenario, seed: number, own: OwnParts, bugs: readonly string[]): SeedResult => {
  try {
    return { seed, report: runScenario(scenario, seed, { ...own, bugs }) };
  } catch (failure) {
    return { seed, error: failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure) };
  }
};

/** Addresses of modules: those that export `check`, and those that export `workload`. */
export interface OwnModules {
  readonly checks: readonly string[];
  readonly workloads: readonly string[];
}

/** Throws `ScenarioError` for a module that cannot be loaded, or lacks what it is named for. */
export const loadOwn = async ({ checks, workloads }: OwnModules): Promise<Required<OwnParts>> => ({
  checks: await loadEach<CheckFactory>(checks, 'check'), workloads: await loadEach<WorkloadFactory>(workloads, 'workload'),
});

const loadEach = async <Factory>(addresses: readonly string[], name: 'check' | 'workload'): Promise<readonly Factory[]> => {
  const factories: Factory[] = [];
  for (const address of addresses) {
    const factory = (await loadModule(address))[name];
    if (typeof factory !== 'function') throw new ScenarioError(`${address}: exports no function '${name}'`);
    factories.push(factory as Factory);
  }
  return factories;
};

/** Throws `ScenarioError` for one that cannot be loaded. */
export const loadModule = async (address: string): Promise<{ readonly check?: unknown; readonly workload?: unknown }> => {
  try {
    return await import(address) as { readonly check?: unknown; readonly workload?: unknown };
  } catch (failure) {
    throw new ScenarioError(`${address}: cannot be loaded: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
};
