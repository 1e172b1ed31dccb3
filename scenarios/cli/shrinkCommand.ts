/**
 * `faultline shrink`: the smallest plan, workload and deployment with which a run still fails in the same way. Exit status 1 where it
 * was shrunk (the failure stands), 2 where there is no failure to shrink.
 */
import { ConfigError } from '../../engine/core/errors.ts';
import { failureClasses } from '../../sim/explore/failureClass.ts';
import { SHRINK_RUNS_MAX, type ShrinkStep, type Shrunk, shrink } from '../../sim/explore/shrink.ts';
import { expandScenario } from '../../sim/fault/expandPlan.ts';
import { describeTarget } from '../describeEntry.ts';
import { OUT_DEFAULT, parsePlanted } from './exploreOptions.ts';
import { type FailureFiles, writeFailure } from './failureFiles.ts';
import { loadInput } from './inputs.ts';
import { parseCount, parseSeed } from './options.ts';
import { runnerFor } from './runWith.ts';
import { seconds, styleFor, table } from './tables.ts';

export interface ShrinkFlags {
  readonly seed?: string;
  readonly check?: string;
  readonly runs?: string;
  readonly out?: string;
  readonly plant?: string;
  readonly module?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const RUNS_MAX = 100_000;

export const shrinkCommand = async (target: string, flags: ShrinkFlags): Promise<number> => {
  const input = loadInput(target);
  const runsMax = flags.runs === undefined ? SHRINK_RUNS_MAX : parseCount(flags.runs, '--runs', RUNS_MAX);
  const planted = flags.plant === undefined ? input.planted : parsePlanted(flags.plant);
  if (flags.seed !== undefined && input.seed !== null) throw new ConfigError(`--seed: ${target} is a saved run and has its own, ${input.seed}`);
  const seed = input.seed ?? (flags.seed === undefined ? 1 : parseSeed(flags.seed));
  const runWith = { planted, modules: flags.module ?? [] };
  const run = await runnerFor(runWith);
  const scenario = expandScenario(input.scenario, seed);
  const failures = failureClasses(run(scenario, seed));
  const failure = flags.check === undefined ? input.failure ?? failures[0] : failures.find(({ check }) => check === flags.check);
  if (failure === undefined) {
    const known = [...new Set(failures.map(({ check }) => check))].join(', ');
    throw new ConfigError(`shrink: ${target} with seed ${seed} ${flags.check === undefined || known === '' ? 'does not fail'
      : `does not fail at ${flags.check}; it does at ${known}`}`);
  }
  const isShown = flags.quiet !== true && flags.json !== true;
  const result = shrink(scenario, seed, failure, run, {
    runsMax, onProgress: (step) => {
      if (isShown) process.stderr.write(`${stepText(step)}\n`);
    },
  });
  const files = writeFailure(flags.out ?? OUT_DEFAULT, result, runWith);
  process.stdout.write(`${flags.json === true ? JSON.stringify(document(result, files, scenario.plan.length), null, 2)
    : text(result, files, scenario.plan.length)}\n`);
  return 1;
};

const stepText = ({ pass, runs, entries, processes, clients }: ShrinkStep): string =>
  `run ${runs}: ${pass}: ${entries} entries, ${processes} processes, ${clients} clients`;

const document = ({ steps, ...result }: Shrunk, files: FailureFiles, entriesFound: number): unknown => ({
  seed: result.seed, check: result.check, cause: result.cause, detail: result.detail, shrunk: files.file, test: files.test,
  entries: result.scenario.plan.length, entriesFound, runs: result.runs, steps, traceHash: result.traceHash,
  scenario: result.scenario, replay: files.replay,
});

const text = ({ scenario, seed, check, cause, detail, runs }: Shrunk, files: FailureFiles, entriesFound: number): string => {
  const style = styleFor(process.stdout);
  const rows = scenario.plan.map((entry) => [
    'atMs' in entry.when ? seconds(entry.when.atMs) : 'atMicros' in entry.when ? seconds(entry.when.atMicros / 1000) : `after ${entry.when.after.kind}`,
    entry.do, describeTarget(entry),
  ]);
  return [
    style.colours.bold(`${scenario.name}  seed ${seed}: ${check}`), `  ${cause}`, `  ${detail}`, '',
    `From ${entriesFound} to ${scenario.plan.length} entries in ${runs} runs`,
    ...(rows.length === 0 ? ['  nothing needs to be done to it'] : [table(style, ['at', 'do', 'target'], rows)]),
    `Deployed: ${scenario.topology.processes.map(({ name }) => name).join(', ')}`,
    `Clients: ${scenario.workload.clients.map(({ name }) => name).join(', ') || 'none'}`,
    `${seconds(scenario.durationMs)} of faults, ${seconds(scenario.settlingMs)} of settling`, '',
    `test: ${files.test}`, `again: ${files.replay}`,
  ].join('\n');
};
