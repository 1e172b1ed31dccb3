/**
 * `faultline run` and `faultline replay`: load what was named, run it, report, and answer with the exit status: 0 as
 * expected, 1 when an expectation or invariant failed. Bad input throws before anything is written.
 */
import { ConfigError } from '../../engine/core/errors.ts';
import { type OwnParts, runScenario, verifyScenario } from '../../sim/index.ts';
import type { RunReport } from '../../sim/report.ts';
import { failureClasses, sameFailure } from '../../sim/explore/failureClass.ts';
import { type SavedRun, saveRun } from '../index.ts';
import { campaignSeeds, runCampaign } from './campaign.ts';
import { campaignReport, campaignText } from './campaignReport.ts';
import { replayFile } from './failureFiles.ts';
import { FileWriter, writeTextFile } from './files.ts';
import type { Input } from './inputs.ts';
import { loadInput, loadSavedRun, savedInput } from './inputs.ts';
import type { RunFlags, RunOptions } from './options.ts';
import { parseRunFlags } from './options.ts';
import { progressBar } from './progress.ts';
import { replayLine } from './replayLine.ts';
import { runReportText } from './runReport.ts';
import { ownParts } from './runWith.ts';
import { readSinglePage, withRun } from './singlePage.ts';
import { styleFor } from './tables.ts';
import { describeDifference } from './verify.ts';

interface Outcome<Json = unknown> {
  readonly ok: boolean;
  readonly json: Json;
}

/** Runs every target in turn; with `--json` prints one document: the report, or a list where several were named. */
export const runCommand = async (targets: readonly string[], flags: RunFlags): Promise<number> => {
  if (flags.world !== undefined && flags.world !== 'virtual') {
    if (flags.html !== undefined) throw new ConfigError('--html: the page shows runs of the virtual world only');
    return (await import('./real/runReal.ts')).runReal(targets, flags);
  }
  const options = parseRunFlags(flags);
  if (targets.length === 0) throw new ConfigError("run: name a scenario or a file; 'faultline list' shows the scenarios");
  if (targets.length > 1 && (options.trace !== null || options.save !== null || options.html !== null)) {
    throw new ConfigError('--trace, --save and --html are for one scenario');
  }
  return runInputs(targets.map(loadInput), options);
};

/** What `run` does once it knows what to run, and how. */
export const runInputs = async (inputs: readonly Input[], options: RunOptions): Promise<number> => {
  const outcomes: Outcome[] = [];
  for (const [index, input] of inputs.entries()) {
    if (index > 0 && !options.json) print('');
    outcomes.push(options.seeds === null ? await runOnce(input, options) : await runMany(input, options, options.seeds));
  }
  if (options.json) {
    const documents = outcomes.map((outcome) => outcome.json);
    print(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  }
  return outcomes.every((outcome) => outcome.ok) ? 0 : 1;
};

/** Runs a saved run again; it must come to the same trace hash, and a saved failure says whether it fails in the same way. */
export const replayCommand = async (path: string, flags: Pick<RunFlags, 'json' | 'quiet' | 'module'>): Promise<number> => {
  const saved = loadSavedRun(path);
  const input = savedInput(saved, path);
  const options = { ...parseRunFlags(flags), seed: saved.seed };
  const outcome = await runOnce(input, options, { modules: flags.module ?? [], hash: saved.traceHash });
  if (options.json) print(JSON.stringify({ ...outcome.json, replayed: replayedOf(saved, outcome.json) }, null, 2));
  else if (saved.failure !== undefined) {
    const { check, cause } = saved.failure;
    print(replayedOf(saved, outcome.json).failsAsSaved === true ? `fails in the same way as when it was saved: ${check} (${cause})`
      : `does not fail any more as it did when it was saved: ${check} (${cause})`);
  }
  return outcome.ok ? 0 : 1;
};

/** What became of a saved run: whether every event was the same, and whether a saved failure is still there; null: it was none. */
const replayedOf = (
  { traceHash, failure }: SavedRun, report: RunReport,
): { readonly hashAsSaved: boolean; readonly failsAsSaved: boolean | null } => ({
  hashAsSaved: report.traceHash === traceHash,
  failsAsSaved: failure === undefined ? null : failureClasses(report).some((one) => sameFailure(one, failure)),
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A saved run brings its seed along. */
const replayOf = ({ argument, seed: own, again }: Input, seed: number): string =>
  (again !== undefined ? `${again} --seed ${seed}` : own === null ? replayLine(argument, seed) : replayFile(argument));

/** What a replay knows besides the saved run. */
interface Replay {
  readonly modules: readonly string[];
  /** What the run must come to; null: whatever it does. */
  readonly hash: string | null;
}

const NO_REPLAY: Replay = { modules: [], hash: null };

const runOnce = async (
  input: Input, options: RunOptions, { modules, hash: expectedHash }: Replay = NO_REPLAY,
): Promise<Outcome<RunReport>> => {
  const seed = input.seed ?? options.seed;
  const page = options.html === null ? null : pageFor(input);
  const report = timedRun(input, seed, options.trace, await ownParts(modules));
  const failures = [
    ...report.failures,
    ...(options.verify ? verifyFailures(input, seed, report.traceHash) : []),
    ...(expectedHash === null || expectedHash === report.traceHash
      ? [] : [`the saved run came to ${expectedHash}: this is another build, or not deterministic`]),
  ];
  const ok = report.ok && failures.length === 0;
  const final: RunReport = { ...report, ok, failures };
  if (options.save !== null) {
    writeTextFile(options.save, JSON.stringify(savedOf(input, report), null, 2));
  }
  if (options.html !== null && page !== null) writeTextFile(options.html, withRun(page, savedOf(input, report)));
  if (!options.json) {
    const summary = `${ok ? 'ok' : 'FAILED'}  ${final.scenario}  seed ${seed}  ${final.traceHash}`;
    print(options.quiet ? [summary, ...failures, ...(ok ? [] : [`again: ${final.replay}`])].join('\n')
      : runReportText(styleFor(process.stdout), input.scenario, final));
    if (options.verify && ok) print('verified: two further runs gave the same trace');
  }
  return { ok, json: final };
};

/** The page that the run will be put into. Before the run, so that nobody waits for one that cannot be shown. */
const pageFor = ({ planted }: Input): string => {
  if (planted.length > 0) throw new ConfigError(`--html: the page has no planted bugs, and this run is made with ${planted.join(', ')}`);
  return readSinglePage();
};

/** A generator's plan is saved as the list that the seed made of it. */
const savedOf = ({ scenario, planted }: Input, report: RunReport): SavedRun => {
  const [failure] = failureClasses(report);
  return saveRun({ ...scenario, plan: report.plan }, report.seed, report.traceHash, { planted, ...(failure === undefined ? {} : { failure }) });
};

const timedRun = (input: Input, seed: number, tracePath: string | null, own: OwnParts): RunReport => {
  const writer = tracePath === null ? null : new FileWriter(tracePath);
  try {
    const started = performance.now();
    const report = runScenario(input.scenario, seed, {
      ...own, bugs: input.planted, ...(writer === null ? {} : { writeTrace: (line: string): void => writer.line(line) }),
    });
    const wallMs = Math.max(1, Math.round(performance.now() - started));
    writer?.commit();
    return { ...report, wallMs, replay: replayOf(input, seed) };
  } catch (error) {
    writer?.abandon();
    throw error;
  }
};

const verifyFailures = (input: Input, seed: number, traceHash: string): readonly string[] => {
  const result = verifyScenario(input.scenario, seed, input.planted);
  if (!result.equal) return [describeDifference(result.firstDifference)];
  return result.traceHash === traceHash ? [] : [`not deterministic: ${traceHash}, then ${result.traceHash}`];
};

const runMany = async (input: Input, options: RunOptions, count: number): Promise<Outcome> => {
  const seeds = campaignSeeds(options.seed, count, options.shard);
  if (seeds.length === 0) throw new ConfigError(`--shard: has no seed of ${count}`);
  const bar = progressBar(seeds.length, options.quiet);
  const started = performance.now();
  const runs = await runCampaign({
    scenario: input.scenario, planted: input.planted, verify: options.verify, seeds, workers: options.workers,
    onProgress: (done) => bar.update(done),
  }).finally(() => bar.stop());
  const report = campaignReport(input.scenario.name, runs, Math.max(1, Math.round(performance.now() - started)));
  if (!options.json) {
    const replay = (seed: number): string => replayOf(input, seed);
    print(options.quiet ? `${report.ok ? 'ok' : 'FAILED'}  ${report.scenario}  ${report.runs} seeds`
      : campaignText(styleFor(process.stdout), report, runs, replay));
    if (options.quiet) for (const seed of report.failed) print(`again: ${replay(seed)}`);
  }
  return { ok: report.ok, json: report };
};
