/**
 * `faultline explore`: searches seeds and plans for violations, and for the worst that can happen; shrinks what it finds. Exit status
 * 1 where some run failed, 130 where it was interrupted.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../../engine/core/errors.ts';
import { githubLines, junitText } from './ciReports.ts';
import { type ExploreFlags, type ExploreOptions, parseExploreFlags } from './exploreOptions.ts';
import { exploreReport } from './exploreReport.ts';
import { Exploration, type Explored } from './exploreRun.ts';
import { exploreText } from './exploreText.ts';
import { writeTextFile } from './files.ts';
import { loadInput } from './inputs.ts';
import { ExploreProgress } from './progress.ts';
import { runnerFor } from './runWith.ts';
import { styleFor } from './tables.ts';

/** As a shell says of a program that SIGINT ended. */
const INTERRUPTED_STATUS = 130;

export const exploreCommand = async (targets: readonly string[], flags: ExploreFlags): Promise<number> => {
  const options = parseExploreFlags(flags);
  if (targets.length === 0) throw new ConfigError("explore: name a scenario or a file; 'faultline list' shows the scenarios");
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw new ConfigError(`explore: ${twice} is named twice`);
  const { junit } = options;
  if (junit !== null && !existsSync(dirname(junit))) throw new ConfigError(`--junit: ${junit}: no such directory`);
  // A module that cannot be used is found here, not by every worker.
  await runnerFor(options);
  const progress = new ExploreProgress(options.quiet);
  const exploration = new Exploration(targets.map(loadInput), options, progress);
  const started = performance.now();
  const runsBefore = exploration.runs;
  const explored = await untilInterrupted(exploration);
  if (explored === null) {
    progress.stop();
    process.stderr.write(`faultline: interrupted; ${options.resume === null ? 'nothing was saved: --resume FILE keeps the rounds that are finished'
      : `${exploration.runs} runs are in ${options.resume}, --resume goes on from there`}\n`);
    return INTERRUPTED_STATUS;
  }
  return report(explored, options, Math.round(performance.now() - started), exploration.runs - runsBefore);
};

/** Null where the user had enough of it: the workers are ended in the middle of their runs. */
const untilInterrupted = async (exploration: Exploration): Promise<readonly Explored[] | null> => {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<null>((resolve) => {
    interrupt = (): void => resolve(null);
  });
  process.once('SIGINT', interrupt);
  const exploring = exploration.run();
  try {
    const result = await Promise.race([exploring, interrupted]);
    if (result !== null) return result;
    // What it was doing is given up: that its workers end under it is no news.
    exploring.catch(() => undefined);
    await exploration.close();
    return null;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
};

const report = (explored: readonly Explored[], options: ExploreOptions, wallMs: number, runsNow: number): number => {
  const reports = explored.map((one) => exploreReport(one, options));
  if (options.junit !== null) writeTextFile(options.junit, junitText(reports).trimEnd());
  if (options.json) print(JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2));
  else if (options.quiet) {
    for (const { scenario, ok, runs, failedRuns, failed } of reports) {
      print(`${ok ? 'ok' : 'FAILED'}  ${scenario}  ${runs} runs${ok ? '' : `, ${failedRuns} failed`}`);
      for (const { check, seed, replay } of failed) print(`${check}, seed ${seed}, again: ${replay}`);
    }
  } else {
    const style = styleFor(process.stdout);
    print(reports.map((one, index) => exploreText(style, one, explored[index] as Explored, wallMs, runsNow)).join('\n\n'));
  }
  // Standard output holds the document alone.
  if (options.github) for (const line of githubLines(reports)) (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
};

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
