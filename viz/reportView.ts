/** The report as a page: the same facts as on the terminal, in the same order. Text is always set as text, never as HTML. */
import { describeTarget } from '../scenarios/describeEntry.ts';
import type { RunReport } from '../sim/report.ts';
import { number, reported, text } from './texts/text.ts';

type Cell = string | number;

/** `isNamed`: the command line makes this run from its scenario's name and seed; any other must be saved first. */
export const showReport = (section: HTMLElement, report: RunReport, isNamed: boolean): void => {
  section.replaceChildren();
  const outcome = element('p', report.ok ? text('report.ok') : text('report.notOk', { failures: report.failures.map(reported).join('; ') }));
  outcome.className = report.ok ? 'good' : 'bad';
  section.append(outcome);
  section.append(
    heading(text('report.plan')),
    table([text('report.at'), text('report.do'), text('report.target'), text('report.was'), text('report.outcome')], report.strikes.map((strike) => [
      strike.atMs === null ? text('report.never') : seconds(strike.atMs), strike.entry.do, reported(describeTarget(strike.entry)),
      strike.resolved ?? '', reported(strike.outcome)])),
    ...ledger(report),
    ...readsAndSyncs(report),
    heading(text('report.notAvailable')),
    table([text('report.zone'), text('report.noWrites'), text('report.noReads')], report.zones.map(
      (zone) => [zone.zone, seconds(zone.writeMs), seconds(zone.readMs)])),
    heading(text('report.nodes')),
    table([text('report.node'), text('report.state'), text('report.role'), text('report.follows'), text('report.offset'), text('report.data')], report.nodes.map((node) => [
      node.name, text(`state.${node.state}`), node.role === null ? '' : text(`state.${node.role}`), node.primary ?? '', node.offset ?? '', node.digest ?? ''])),
    heading(text('report.checks')),
    table([text('report.check'), text('report.verdict'), text('report.expected'), text('report.detail')], report.verdicts.map(
      (each) => [each.name, text(`verdict.${each.verdict}`), each.expected === null ? '' : text(`verdict.${each.expected}`), reported(each.detail)])),
    ...footer(report, isNamed),
  );
};

const ledger = (report: RunReport): readonly HTMLElement[] => {
  const sums = report.ledger;
  const byCause = new Map<string, number>();
  for (const write of sums.lostWrites) {
    const cause = `${reported(write.cause)} (${text(write.permitted ? 'ledger.permitted' : 'ledger.bug')})`;
    byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
  }
  return [
    heading(text('ledger.title')),
    table([text('ledger.acknowledged'), text('ledger.survived'), text('ledger.superseded'), text('ledger.lost'), text('ledger.unknown'),
      text('ledger.permitted'), text('ledger.bugs')], [[
      sums.acknowledged, sums.survived, sums.superseded, sums.lost, sums.unknown, sums.permitted, sums.bugs]]),
    ...(sums.waited.acknowledged === 0 ? [] : [
      table([text('ledger.waited'), text('ledger.waitedLost')], [[sums.waited.acknowledged, sums.waited.lost]])]),
    ...(byCause.size === 0 ? [] : [table([text('ledger.lost'), text('ledger.because')], [...byCause].map(([cause, count]) => [count, cause]))]),
  ];
};

/** Only what there was. */
const readsAndSyncs = ({ staleness, syncs }: RunReport): readonly HTMLElement[] => [
  ...(staleness.reads === 0 ? [] : [
    heading(text('report.reads')),
    table([text('report.readsCount'), text('report.stale'), text('report.atMost'), text('report.median')], [[
      staleness.reads, staleness.stale, seconds(staleness.maxMs), seconds(staleness.medianMs)]]),
  ]),
  ...(syncs.full + syncs.partialOk + syncs.partialRefused === 0 ? [] : [
    heading(text('report.syncs')),
    table([text('report.full'), text('report.partial'), text('report.refused')], [[syncs.full, syncs.partialOk, syncs.partialRefused]]),
  ]),
];

/** A command is the same in every language. */
const REPLAY = 'npx faultline replay run.json';

const footer = (report: RunReport, isNamed: boolean): readonly HTMLElement[] => [
  element('p', report.wallMs === 0 ? text('report.eventsOnly', { events: number(report.events), virtual: report.virtualMs / 1000 })
    : text('report.events', { events: number(report.events), virtual: report.virtualMs / 1000, wall: report.wallMs / 1000 })),
  element('p', `${text('report.traceHash')} `, element('code', report.traceHash)),
  isNamed ? element('p', `${text('report.again')} `, element('code', `npx faultline run ${report.scenario} --seed ${report.seed}`))
    : element('p', `${text('report.againSaved')} `, element('code', REPLAY)),
];

const seconds = (ms: number): string => text('report.seconds', { seconds: ms / 1000 });

const heading = (title: string): HTMLElement => element('h2', title);

const element = (name: string, ...children: readonly (string | HTMLElement)[]): HTMLElement => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement => {
  const cell = (value: Cell): HTMLElement => {
    const made = element('td', String(value));
    if (typeof value === 'number') made.className = 'number';
    return made;
  };
  const made = element(
    'table',
    element('thead', element('tr', ...head.map((title) => element('th', title)))),
    element('tbody', ...rows.map((row) => element('tr', ...row.map(cell)))),
  );
  const scroll = element('div', made);
  scroll.className = 'scroll';
  // What scrolls must be reached by keyboard.
  scroll.tabIndex = 0;
  return scroll;
};
