/** `faultline run … --world real`: every target on real processes, in turn; the same report, and what could not be done. */
import { ConfigError } from '../../../engine/core/errors.ts';
import { loadInput } from '../inputs.ts';
import { parseSeed } from '../options.ts';
import { progressBar } from '../progress.ts';
import { runReportText } from '../runReport.ts';
import { type Style, indent, styleFor, wrap } from '../tables.ts';
import { findPrograms } from './programs.ts';
import type { RealReport } from './realReport.ts';
import { RealRunner, checkGround } from './realRunner.ts';
import { networkKindOf } from './worldNetwork.ts';

export interface RealFlags {
  readonly world?: string;
  readonly server?: string;
  readonly sentinelServer?: string;
  readonly network?: string;
  readonly seed?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const MS_PER_SECOND = 1000;

/** Answers with the exit status. Throws `ConfigError` or `ScenarioError` when there was no run. */
export const runReal = async (targets: readonly string[], flags: RealFlags): Promise<number> => {
  if (flags.world !== 'real') throw new ConfigError(`--world: '${flags.world ?? ''}' is neither virtual nor real`);
  if (targets.length === 0) throw new ConfigError("run: name a scenario or a file; 'faultline list' shows the scenarios");
  const inputs = targets.map(loadInput);
  const seed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  const programs = findPrograms(flags.server ?? null, flags.sentinelServer ?? null);
  const network = networkKindOf(flags.network);
  await checkGround(network);
  const runner = new RealRunner();
  const reports: RealReport[] = [];
  try {
    for (const { scenario, argument } of inputs) {
      const lastsMs = scenario.durationMs + scenario.settlingMs;
      const bar = progressBar(Math.ceil(lastsMs / MS_PER_SECOND), flags.quiet === true, 'seconds');
      const report = await runner.run({
        scenario, seed, programs, network, replay: replayLine(argument, flags),
        onProgress: (ms) => bar.update(Math.min(Math.ceil(lastsMs / MS_PER_SECOND), Math.floor(ms / MS_PER_SECOND))),
      }).finally(() => bar.stop());
      reports.push(report);
      if (flags.json === true) continue;
      process.stdout.write(`${flags.quiet === true ? summary(report) : realReportText(styleFor(process.stdout), scenario, report)}\n`);
    }
  } finally {
    runner.close();
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
};

const replayLine = (argument: string, { server, sentinelServer, network }: RealFlags): string =>
  `npx faultline run ${argument} --world real${server === undefined ? '' : ` --server '${server}'`}`
  + (sentinelServer === undefined ? '' : ` --sentinel-server '${sentinelServer}'`) + (network === undefined ? '' : ` --network ${network}`);

const summary = (report: RealReport): string => [
  `${report.ok ? 'ok' : 'FAILED'}  ${report.scenario}  real  ${report.ledger.lost} lost  ${report.unavailableMs} ms without writes`,
  ...report.failures, ...(report.ok ? [] : [`again: ${report.replay}`]),
].join('\n');

/** The report of any run, and above it what is said of this world alone. */
export const realReportText = (style: Style, scenario: Parameters<typeof runReportText>[1], report: RealReport): string => [
  style.colours.bold('On real processes'),
  indent(`${report.versions.server}${report.versions.sentinel === report.versions.server ? '' : `; sentinels: ${report.versions.sentinel}`}`),
  indent(wrap(style, `network: ${report.network}`, 2)),
  ...report.limits.map((limit) => indent(wrap(style, `- ${limit}`, 2))),
  indent(wrap(style, `disks: ${report.disks}`, 2)),
  ...report.notDone.map(({ entry, reason }) => indent(style.colours.yellow(wrap(style, `! not done: ${entry.do}: ${reason}`, 2)))),
  '',
  runReportText(style, scenario, report),
].join('\n');
