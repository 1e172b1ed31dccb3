/**
 * `faultline run` and `faultline replay`: load what was named, run it, report, and answer with the exit status: 0 as
 * expected, 1 when an expectation or invariant failed. Bad input throws before anything is written.
 */
import { ConfigError } from '../../engine/core/errors.ts';
import { runScenario, verifyScenario } from '../../sim/index.ts';
import type { RunReport } from '../../sim/report.ts';
import { saveRun } from '../index.ts';
import { campaignSeeds, runCampaign } from './campaign.ts';
import { campaignReport, campaignText } from './campaignReport.ts';
import { FileWriter, writeTextFile } from './files.ts';
import type { Input } from './inputs.ts';
import { loadInput, loadSavedRun } from './inputs.ts';
import type { RunFlags, RunOptions } from './options.ts';
import { parseRunFlags } from './options.ts';
import { progressBar } from './progress.ts';
import { runReportText } from './runReport.ts';
import { styleFor } from './tables.ts';
import { describeDifference } from './verify.ts';

interface Outcome {
  readonly ok: boolean;
  readonly json: unknown;
}

/** Runs every target in turn; with `--json` prints one document: the report, or a list where several were named. */
export const runCommand = async (targets: readonly string[], flags: RunFlags): Promise<number> => {
  const options = parseRunFlags(flags);
  if (targets.length === 0) throw new ConfigError("run: name a scenario or a file; 'faultline list' shows the scenarios");
  if (targets.length > 1 && (options.trace !== null || options.save !== null)) {
    throw new ConfigError('--trace and --save are for one scenario');
  }
  const inputs = targets.map(loadInput);
  const outcomes: Outcome[] = [];
  for (const [index, input] of inputs.entries()) {
    if (index > 0 && !options.json) print('');
    outcomes.push(options.seeds === null ? runOnce(input, options) : await runMany(input, options, options.seeds));
  }
  if (options.json) {
    const documents = outcomes.map((outcome) => outcome.json);
    print(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  }
  return outcomes.every((outcome) => outcome.ok) ? 0 : 1;
};

/** Runs a saved run again; it must come to the same trace hash. */
export const replayCommand = (path: string, flags: Pick<RunFlags, 'json' | 'quiet'>): number => {
  const saved = loadSavedRun(path);
  const input: Input = { scenario: saved.scenario, argument: path, seed: saved.seed };
  const options = { ...parseRunFlags(flags), seed: saved.seed };
  const outcome = runOnce(input, options, saved.traceHash);
  if (options.json) print(JSON.stringify(outcome.json, null, 2));
  return outcome.ok ? 0 : 1;
};

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const replayLine = (input: Input, seed: number): string => {
  const argument = /^[\w./:-]+$/.test(input.argument) ? input.argument : `'${input.argument.replaceAll("'", "'\\''")}'`;
  return `npx faultline run ${argument} --seed ${seed}`;
};

const runOnce = (input: Input, options: RunOptions, expectedHash: string | null = null): Outcome => {
  const seed = input.seed ?? options.seed;
  const report = timedRun(input, seed, options.trace);
  const failures = [
    ...report.failures,
    ...(options.verify ? verifyFailures(input, seed, report.traceHash) : []),
    ...(expectedHash === null || expectedHash === report.traceHash
      ? [] : [`the saved run came to ${expectedHash}: this is another build, or not deterministic`]),
  ];
  const ok = report.ok && failures.length === 0;
  const final: RunReport = { ...report, ok, failures };
  if (options.save !== null) {
    writeTextFile(options.save, JSON.stringify(saveRun(input.scenario, seed, report.traceHash), null, 2));
  }
  if (!options.json) {
    const summary = `${ok ? 'ok' : 'FAILED'}  ${final.scenario}  seed ${seed}  ${final.traceHash}`;
    print(options.quiet ? [summary, ...failures, ...(ok ? [] : [`again: ${final.replay}`])].join('\n')
      : runReportText(styleFor(process.stdout), input.scenario, final));
    if (options.verify && ok) print('verified: two further runs gave the same trace');
  }
  return { ok, json: final };
};

const timedRun = (input: Input, seed: number, tracePath: string | null): RunReport => {
  const writer = tracePath === null ? null : new FileWriter(tracePath);
  try {
    const started = performance.now();
    const report = runScenario(input.scenario, seed, writer === null ? {} : { writeTrace: (line) => writer.line(line) });
    const wallMs = Math.max(1, Math.round(performance.now() - started));
    writer?.commit();
    return { ...report, wallMs, replay: replayLine(input, seed) };
  } catch (error) {
    writer?.abandon();
    throw error;
  }
};

const verifyFailures = (input: Input, seed: number, traceHash: string): readonly string[] => {
  const result = verifyScenario(input.scenario, seed);
  if (!result.equal) return [describeDifference(result.firstDifference)];
  return result.traceHash === traceHash ? [] : [`not deterministic: ${traceHash}, then ${result.traceHash}`];
};

const runMany = async (input: Input, options: RunOptions, count: number): Promise<Outcome> => {
  const seeds = campaignSeeds(options.seed, count, options.shard);
  if (seeds.length === 0) throw new ConfigError(`--shard: has no seed of ${count}`);
  const bar = progressBar(seeds.length, options.quiet);
  const started = performance.now();
  const runs = await runCampaign({
    scenario: input.scenario, verify: options.verify, seeds, workers: options.workers,
    onProgress: (done) => bar.update(done),
  }).finally(() => bar.stop());
  const report = campaignReport(input.scenario.name, runs, Math.max(1, Math.round(performance.now() - started)));
  if (!options.json) {
    const replay = (seed: number): string => replayLine(input, seed);
    print(options.quiet ? `${report.ok ? 'ok' : 'FAILED'}  ${report.scenario}  ${report.runs} seeds`
      : campaignText(styleFor(process.stdout), report, runs, replay));
    if (options.quiet) for (const seed of report.failed) print(`again: ${replay(seed)}`);
  }
  return { ok: report.ok, json: report };
};
