/** What a campaign says: as text with distributions, and as the JSON document that others build on. */
import { type Distribution, distribution, histogram, tallyOf } from '../../sim/explore/histogram.ts';
import type { CampaignRun } from './campaign.ts';
import type { Style } from './tables.ts';
import { grouped, indent, plural, seconds, table } from './tables.ts';

/** Most failed seeds that the text shows; the JSON document has them all. */
const FAILED_SHOWN_MAX = 10;

export interface CampaignReport {
  readonly scenario: string;
  readonly runs: number;
  readonly ok: boolean;
  readonly lost: Distribution;
  readonly unavailableMs: Distribution;
  readonly failed: readonly number[];
  readonly bugs: number;
  readonly virtualMs: number;
  readonly wallMs: number;
}

export const campaignReport = (scenario: string, runs: readonly CampaignRun[], wallMs: number): CampaignReport => ({
  scenario,
  runs: runs.length,
  ok: runs.every((run) => run.ok),
  lost: distribution(tallyOf(runs.map((run) => run.lost))),
  unavailableMs: distribution(tallyOf(runs.map((run) => run.unavailableMs))),
  failed: runs.filter((run) => !run.ok).map((run) => run.seed),
  bugs: runs.reduce((sum, run) => sum + run.bugs, 0),
  virtualMs: runs.reduce((sum, run) => sum + run.virtualMs, 0),
  wallMs,
});

export const campaignText = (
  style: Style, report: CampaignReport, runs: readonly CampaignRun[], replay: (seed: number) => string,
): string => {
  const { colours } = style;
  const failed = runs.filter((run) => !run.ok);
  return [
    `${colours.bold(report.scenario)}  ${plural(report.runs, 'seed')}`,
    table(style, ['', 'median', 'p90', 'max'], [
      ['lost writes', grouped(report.lost.median), grouped(report.lost.p90), grouped(report.lost.max)],
      ['no writes for', seconds(report.unavailableMs.median), seconds(report.unavailableMs.p90),
        seconds(report.unavailableMs.max)],
    ]),
    colours.bold('Lost writes a run'),
    indent(histogram(tallyOf(runs.map((run) => run.lost))).join('\n')),
    colours.bold('Milliseconds without writes'),
    indent(histogram(tallyOf(runs.map((run) => run.unavailableMs))).join('\n')),
    ...failed.slice(0, FAILED_SHOWN_MAX).map((run) => [
      colours.red(`seed ${run.seed} failed`), ...run.failures.map((failure) => indent(failure)),
      indent(`again: ${replay(run.seed)}`),
    ].join('\n')),
    ...(failed.length > FAILED_SHOWN_MAX ? [`and ${failed.length - FAILED_SHOWN_MAX} more failed seeds`] : []),
    report.ok ? colours.green(`OK: all ${plural(report.runs, 'run')} as expected, ${report.bugs} bugs`)
      : colours.red(`NOT OK: ${failed.length} of ${plural(report.runs, 'run')} failed, ${plural(report.bugs, 'bug')}`),
    `${seconds(report.virtualMs)} of virtual time in ${seconds(report.wallMs)}`,
  ].join('\n');
};
