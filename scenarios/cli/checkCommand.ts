/**
 * `faultline check`: what somebody's own deployment survives, and what it can lose: every single failure, and every pair, run over
 * seeds; what is wrong with it, each proved by a run; and with `--fix` the mended files, with both tables side by side. Exit status 1
 * where a requirement is not met, or where the check itself went wrong.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ConfigError } from '../../engine/core/errors.ts';
import type { DeploymentFile } from '../../sim/topology/importDeployment.ts';
import { importDeployment } from '../../sim/topology/importDeployment.ts';
import { applyPlacement } from '../../sim/topology/placement.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { cellScenario, withinOf } from '../check/cellScenario.ts';
import { type Cell, cellCalled, pairedFailures, singleFailures } from '../check/failures.ts';
import { checkDocument } from '../check/checkDocument.ts';
import { judgeRequirements } from '../check/requirements.ts';
import { type CheckReport, checkReport, rowOf } from '../check/table.ts';
import { type Deployment, type Found, findFindings } from './checkFindings.ts';
import { type CheckFlags, type CheckOptions, parseCheckFlags } from './checkOptions.ts';
import { CheckRuns } from './checkRuns.ts';
import { type CheckResult, type Fixed, checkJson, checkText } from './checkText.ts';
import { readTextFile, readerBeside, writeTextFile } from './files.ts';
import { parseRunFlags } from './options.ts';
import { quoteArgument } from './replayLine.ts';
import { runInputs } from './runCommand.ts';
import { readSinglePage, withCheck } from './singlePage.ts';
import { styleFor } from './tables.ts';

export const checkCommand = async (files: readonly string[], flags: CheckFlags): Promise<number> => {
  const options = parseCheckFlags(flags);
  const [first] = files;
  if (first === undefined) throw new ConfigError('check: name the files of your deployment: a compose file, Helm values, redis.conf, sentinel.conf');
  const deployment: Deployment = {
    files: files.map((file): DeploymentFile => ({ file, text: readTextFile(file) })),
    place: options.place === null ? null : readTextFile(options.place),
  };
  const load = (given: Deployment): Topology => loadTopology(given, dirname(first), options.place);
  const topology = load(deployment);
  if (flags.show !== undefined) return show(topology, files, flags, options.withinMs ?? withinOf(topology));
  const targets = options.fix ? mendedNames(files, options) : null;
  // Before the runs, so that nobody waits for a page that cannot be made or written.
  if (options.html !== null && !existsSync(dirname(options.html))) throw new ConfigError(`--html: ${dirname(options.html)}: no such directory`);
  const page = options.html === null ? null : readSinglePage();
  const runs = new CheckRuns(options.workers, options.firstSeed, options.quiet);
  try {
    const report = await tableOf(topology, options, runs);
    const found: Found = options.findings ? await findFindings(deployment, {
      load,
      run: (proofs, seeds) => runs.run(proofs.map(({ scenario }) => ({ scenario, seeds })), 'runs of findings'),
    }) : { findings: [], mended: null };
    const fixed = targets === null || found.mended === null ? null : await fix(deployment, found.mended, targets, load, options, runs);
    if (options.html !== null && page !== null) {
      writeTextFile(options.html, withCheck(page, checkDocument(topology, report, found.findings, fixed?.report ?? null)));
    }
    return finish({ report, findings: found.findings, fixed, judgement: judgementOf(options, report), files }, options);
  } finally {
    await runs.close();
  }
};

/** Throws `ScenarioError`. */
const loadTopology = ({ files, place }: Deployment, directory: string, placeFile: string | null): Topology => {
  const topology = importDeployment(files, readerBeside(directory));
  return place === null ? topology : applyPlacement(topology, place, placeFile ?? 'placement');
};

const judgementOf = ({ requirements }: CheckOptions, { faults }: CheckReport): CheckResult['judgement'] =>
  (requirements === null ? null : judgeRequirements(requirements, faults));

const tableOf = async (topology: Topology, options: CheckOptions, runs: CheckRuns): Promise<CheckReport> => {
  const withinMs = options.withinMs ?? withinOf(topology);
  const chosen = (cells: readonly Cell[]): readonly Cell[] => (options.only === null ? cells : cells.filter(({ name }) => name.includes(options.only ?? '')));
  const singles = chosen(singleFailures(topology));
  const pairs = options.pairSeeds === 0 ? [] : chosen(pairedFailures(topology));
  const cells = [...singles, ...pairs];
  if (cells.length === 0) throw new ConfigError(`--only: no failure's name has '${options.only ?? ''}' in it`);
  const outcomes = await runs.run(cells.map((cell, index) => (
    { scenario: cellScenario(topology, cell, withinMs), seeds: index < singles.length ? options.seeds : options.pairSeeds })), 'runs');
  return checkReport(topology, withinMs, { singles: options.seeds, pairs: options.pairSeeds }, cells.map((cell, index) => rowOf(cell, outcomes[index] ?? [])));
};

/** Where mended files go; none of them may be there already. */
interface MendedNames {
  readonly files: readonly string[];
  readonly place: string;
}

const mendedNames = (files: readonly string[], { place }: CheckOptions): MendedNames => {
  const mended = (file: string): string => join(dirname(file), `${basename(file, extname(file))}.mended${extname(file)}`);
  const names = { files: files.map(mended), place: mended(place ?? join(dirname(files[0] ?? ''), 'place.yaml')) };
  const there = [...names.files, names.place].find((name) => existsSync(name));
  if (there !== undefined) throw new ConfigError(`--fix: ${there} is there already; move it away first`);
  return names;
};

/** Writes the mended files, all of them or none, and checks what they make. */
const fix = async (
  before: Deployment, mended: Deployment, names: MendedNames, load: (deployment: Deployment) => Topology, options: CheckOptions, runs: CheckRuns,
): Promise<Fixed> => {
  const report = await tableOf(load(mended), options, runs);
  const written = mended.files.flatMap(({ file, text }, index) => (text === before.files[index]?.text ? [] : [{ name: names.files[index] ?? file, text }]));
  const place = mended.place === null || mended.place === before.place ? [] : [{ name: names.place, text: mended.place }];
  for (const { name, text } of [...written, ...place]) writeTextFile(name, text.trimEnd());
  return { report, written: [...written, ...place].map(({ name }) => name) };
};

/** How to see one run of a cell in full. */
const showLine = (files: readonly string[], { place }: Pick<CheckOptions, 'place'>, cell: string): string =>
  `npx faultline check ${files.map(quoteArgument).join(' ')}${place === null ? '' : ` --place ${quoteArgument(place)}`} --show '${cell}'`;

/** One run of one cell, reported like any other. */
const show = (topology: Topology, files: readonly string[], flags: CheckFlags, withinMs: number): Promise<number> => {
  const cell = cellCalled(topology, flags.show ?? '');
  const { seed, html, save, json, quiet, place = null } = flags;
  return runInputs([{
    scenario: cellScenario(topology, cell, withinMs), argument: cell.name, seed: null, planted: [], failure: null,
    again: showLine(files, { place }, cell.name),
  }], parseRunFlags({
    ...(seed === undefined ? {} : { seed }), ...(html === undefined ? {} : { html }), ...(save === undefined ? {} : { save }),
    ...(json === undefined ? {} : { json }), ...(quiet === undefined ? {} : { quiet }),
  }));
};

const finish = (result: Omit<CheckResult, 'ok' | 'show'>, options: CheckOptions): number => {
  const { report, judgement, files } = result;
  const ok = judgement?.ok !== false && report.faults.every(({ problems }) => problems.length === 0);
  const whole: CheckResult = { ...result, ok, show: (cell) => showLine(files, options, cell) };
  // On the other stream: a document is alone on its own.
  if (options.fix && result.fixed === null) process.stderr.write('faultline: --fix: nothing was found that these files could mend; no file is written\n');
  process.stdout.write(`${options.json ? checkJson(whole) : checkText(styleFor(process.stdout), whole, options.quiet)}\n`);
  return ok ? 0 : 1;
};
