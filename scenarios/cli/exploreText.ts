/** What a search says, as text: failures by the way in which they fail, distributions, the most interesting runs, what was not tried. */
import { tallyFrom } from '../../sim/explore/campaignState.ts';
import { histogram } from '../../sim/explore/histogram.ts';
import { OBJECTIVES, type Objective } from '../../sim/explore/objectives.ts';
import type { ExploreReport, FailedRow, NotExercised } from './exploreReport.ts';
import type { Explored } from './exploreRun.ts';
import type { Style } from './tables.ts';
import { grouped, indent, plural, seconds, table, wrap } from './tables.ts';

const SEEDS_SHOWN_MAX = 8;
const MARKS_SHOWN_MAX = 20;

const TITLES: Readonly<Record<Objective, string>> = { loss: 'worst loss', outage: 'longest outage', rare: 'rarest course' };

/** `wallMs`: how long this process took; runs of an earlier one, which it went on from, are not counted in the rate. */
export const exploreText = (style: Style, report: ExploreReport, { state }: Explored, wallMs: number, runsNow: number): string => {
  const { colours } = style;
  const { lost, unavailableMs, failoverMs } = state.tallies;
  const charts: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
    ['Lost writes a run', lost], ['Milliseconds without writes', unavailableMs], ['Milliseconds from the begin of a failover to its switch', failoverMs],
  ];
  return [
    `${colours.bold(report.scenario)}  ${plural(report.runs, 'run')} in ${plural(report.rounds, 'round')}`,
    ...report.failed.map((row) => failureText(style, row)),
    ...charts.filter(([, counts]) => Object.keys(counts).length > 0)
      .map(([title, counts]) => `${colours.bold(title)}\n${indent(histogram(tallyFrom(counts)).join('\n'))}`),
    interestingText(style, report),
    notExercisedText(style, report.notExercised),
    [
      report.ok ? colours.green(`OK: no failure in ${plural(report.runs, 'run')} with ${plural(report.signatures, 'signature')}`)
        : colours.red(`NOT OK: ${plural(report.failedRuns, 'run')} of ${grouped(report.runs)} failed in ${plural(report.failed.length, 'way')}`),
      `${seconds(report.virtualMs)} of virtual time, ${plural(report.events, 'event')}; ${plural(runsNow, 'run')} in ${seconds(wallMs)}`
        + ` (${((runsNow * 1000) / Math.max(1, wallMs)).toFixed(1)} a second)`,
    ].join('\n'),
  ].filter((section) => section !== '').join('\n\n');
};

const failureText = (style: Style, row: FailedRow): string => {
  const { colours } = style;
  const shown = row.seeds.slice(0, SEEDS_SHOWN_MAX).join(', ');
  const size = `${plural(row.entries, 'entry').replace('entrys', 'entries')}, ${plural(row.processes, 'process').replace('processs', 'processes')}, `
    + plural(row.clients, 'client');
  return [
    colours.red(`${row.check}  ${plural(row.runs, 'run')}`),
    indent(wrap(style, row.cause)),
    indent(wrap(style, `the smallest: ${row.detail}`, 2)),
    indent(`seeds ${shown}${row.runs > SEEDS_SHOWN_MAX ? ', …' : ''}`),
    indent(row.shrunk === null ? `not shrunk: ${size}`
      : `shrunk from ${grouped(row.entriesFound)} to ${size} in ${plural(row.shrinkRuns, 'run')}`),
    indent(`test: ${row.test}`),
    indent(`again: ${row.replay}`),
  ].join('\n');
};

const interestingText = (style: Style, { worst }: ExploreReport): string => {
  const rows = OBJECTIVES.flatMap((objective) => {
    const row = worst[objective];
    return row === null ? [] : [[
      TITLES[objective], grouped(row.lost), seconds(row.unavailableMs), String(row.entries), grouped(row.rarity), row.replay,
    ]];
  });
  return rows.length === 0 ? '' : [
    style.colours.bold('The most interesting runs'),
    table(style, ['', 'lost', 'no writes for', 'entries', 'shared by', 'again'], rows),
  ].join('\n');
};

const notExercisedText = (style: Style, list: readonly NotExercised[]): string => {
  if (list.length === 0) return '';
  const names = (kind: NotExercised['kind']): readonly string[] => list.flatMap((one) => (one.kind === kind ? [one.name] : []));
  const marks = list.flatMap((one) => (one.kind === 'mark' ? [[one.name, one.means]] : []));
  const line = (title: string, given: readonly string[]): readonly string[] =>
    (given.length === 0 ? [] : [indent(wrap(style, `${title}: ${given.join(', ')}`, 2))]);
  return [
    style.colours.bold('Never exercised'),
    ...line('faults and actions', names('fault')),
    ...line('checks', names('check')),
    ...(marks.length === 0 ? [] : [indent('states that this deployment could reach:'),
      table(style, ['state', 'what it means'], marks.slice(0, MARKS_SHOWN_MAX))]),
    ...(marks.length > MARKS_SHOWN_MAX ? [indent(`and ${marks.length - MARKS_SHOWN_MAX} more (--json has them all)`)] : []),
  ].join('\n');
};
