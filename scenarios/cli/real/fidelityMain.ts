/**
 * `npm run fidelity`: runs a list of scenarios on real processes, holds them against virtual runs and writes `docs/fidelity.md`.
 * It can be interrupted at any time and goes on with `--resume`. Exit status as of `faultline compare`, 0 with differences too: the
 * page is what it is for.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { ConfigError, ScenarioError } from '../../../engine/core/errors.ts';
import { ownPrograms, virtualRuns } from '../compareCommand.ts';
import { parseBudget } from '../exploreOptions.ts';
import { type Input, loadInput } from '../inputs.ts';
import { WORKERS_MAX, parseCount } from '../options.ts';
import { progressBar } from '../progress.ts';
import { type Column, compareWorlds } from './comparison.ts';
import { type FidelityWorld, campaignSeconds, runCampaign } from './fidelity.ts';
import { FIDELITY_SCENARIOS } from './fidelityList.ts';
import { fidelityPage } from './fidelityPage.ts';
import { FidelityState, digestOf } from './fidelityState.ts';
import { findPrograms } from './programs.ts';
import { checkGround } from './realRunner.ts';

interface Flags {
  readonly runs: string;
  readonly ownRuns: string;
  readonly seeds: string;
  readonly parallel: string;
  readonly workers?: string;
  readonly state: string;
  readonly resume?: boolean;
  readonly budget?: string;
  readonly page?: boolean;
  readonly server?: string;
  readonly out: string;
}

const RUNS_MAX = 1000;
const SEEDS_MAX = 100_000;
const PARALLEL_MAX = 32;

const count = (text: string, flag: string, max: number): number => (text === '0' ? 0 : parseCount(text, flag, max));

const work = async (targets: readonly string[], flags: Flags): Promise<void> => {
  const inputs = (targets.length === 0 ? FIDELITY_SCENARIOS : targets).map(loadInput);
  const own = count(flags.ownRuns, '--own-runs', RUNS_MAX);
  const worlds: readonly FidelityWorld[] = [
    ...(own === 0 ? [] : [{ name: 'ours on TCP', programs: ownPrograms(), runs: own }]),
    { name: 'real', programs: findPrograms(flags.server ?? null, null), runs: count(flags.runs, '--runs', RUNS_MAX) },
  ];
  const seeds = Array.from({ length: count(flags.seeds, '--seeds', SEEDS_MAX) }, (_, index) => index + 1);
  const workers = flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX);
  const parallel = count(flags.parallel, '--parallel', PARALLEL_MAX);
  const budgetMs = flags.budget === undefined ? null : parseBudget(flags.budget);
  const state = new FidelityState(flags.state, flags.resume === true || flags.page === true);
  if (flags.page !== true) {
    await checkGround('namespaces');
    const total = campaignSeconds(inputs, worlds);
    const bar = progressBar(total, false, 'seconds of runs');
    await runCampaign({
      inputs, worlds, state, parallel, beginUntilMs: budgetMs === null ? null : performance.now() + budgetMs,
      onProgress: (seconds) => bar.update(Math.min(total, seconds)),
    }).finally(() => bar.stop());
  }
  writeFileSync(flags.out, await pageOf(inputs, worlds, state, seeds, workers));
};

const pageOf = async (
  inputs: readonly Input[], worlds: readonly FidelityWorld[], state: FidelityState, seeds: readonly number[], workers: number,
): Promise<string> => {
  const virtual = await virtualRuns(inputs, { seeds, workers });
  const comparisons = inputs.map(({ scenario }, place) => compareWorlds(scenario.name, [
    { world: 'virtual', runs: virtual[place] ?? [] },
    ...worlds.map(({ name }): Column => ({
      world: name, runs: state.of(scenario.name, digestOf(scenario), name, 'counted').flatMap(({ run }) => run ?? []),
    })).filter(({ world, runs }) => world === 'real' || runs.length > 0),
  ], scenario.expects.tolerance));
  const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return fidelityPage(comparisons, state.runs, manifest.version);
};

const program = new Command('fidelity').description('real runs of many scenarios, and docs/fidelity.md from them (root, Linux)')
  .argument('[targets...]', 'scenarios (default: the list of scenarios/cli/real/fidelityList.ts)')
  .option('--runs <count>', 'real runs of each', '10')
  .option('--own-runs <count>', "runs of each on Faultline's own server", '3')
  .option('--seeds <count>', 'virtual runs of each', '50')
  .option('--parallel <count>', 'real runs at the same time, of whatever scenarios', '2')
  .option('--workers <count>', 'worker threads for the virtual runs (default: the cores)')
  .option('--state <file>', 'where each finished run is kept', 'faultline-fidelity.jsonl')
  .option('--resume', 'go on with the runs that the state file has')
  .option('--budget <time>', 'begin no further run after this long: 60s, 40m, 1h')
  .option('--page', 'write the page from the runs that there are, and run nothing')
  .option('--server <path>', 'the server to start', undefined)
  .option('--out <file>', 'the page', 'docs/fidelity.md')
  .action(work);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof ScenarioError)) throw error;
  process.stderr.write(`fidelity: ${error.message}\n`);
  process.exitCode = 2;
}
