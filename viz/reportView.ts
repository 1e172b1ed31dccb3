/** The report as a page: the same facts as on the terminal, in the same order. Text is always set as text, never as HTML. */
import { describeTarget } from '../scenarios/describeEntry.ts';
import type { RunReport } from '../sim/report.ts';

type Cell = string | number;

export const showReport = (section: HTMLElement, report: RunReport): void => {
  section.replaceChildren();
  const outcome = element('p', report.ok ? 'OK: everything is as the scenario expects' : `Not OK: ${report.failures.join('; ')}`);
  outcome.className = report.ok ? 'good' : 'bad';
  section.append(outcome);
  section.append(
    heading('The plan, as it struck'),
    table(['at', 'do', 'target', 'was', 'outcome'], report.strikes.map((strike) => [
      strike.atMs === null ? 'never' : `${strike.atMs / 1000} s`, strike.entry.do, describeTarget(strike.entry),
      strike.resolved ?? '', strike.outcome])),
    ...ledger(report),
    ...readsAndSyncs(report),
    heading('Not available'),
    table(['zone', 'no writes for', 'no reads for'], report.zones.map(
      (zone) => [zone.zone, `${zone.writeMs / 1000} s`, `${zone.readMs / 1000} s`])),
    heading('The nodes at the end'),
    table(['node', 'state', 'role', 'follows', 'offset', 'data'], report.nodes.map((node) => [
      node.name, node.state, node.role ?? '', node.primary ?? '', node.offset ?? '', node.digest ?? ''])),
    heading('What the checks say'),
    table(['check', 'verdict', 'expected', 'detail'], report.verdicts.map(
      (each) => [each.name, each.verdict, each.expected ?? '', each.detail])),
    ...footer(report),
  );
};

const ledger = (report: RunReport): readonly HTMLElement[] => {
  const sums = report.ledger;
  const byCause = new Map<string, number>();
  for (const write of sums.lostWrites) {
    const cause = `${write.cause} (${write.permitted ? 'permitted' : 'BUG'})`;
    byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
  }
  return [
    heading('The write ledger'),
    table(['acknowledged', 'survived', 'superseded', 'lost', 'unknown', 'permitted', 'bugs'], [[
      sums.acknowledged, sums.survived, sums.superseded, sums.lost, sums.unknown, sums.permitted, sums.bugs]]),
    ...(sums.waited.acknowledged === 0 ? [] : [
      table(['acknowledged by WAIT too', 'of these lost'], [[sums.waited.acknowledged, sums.waited.lost]])]),
    ...(byCause.size === 0 ? [] : [table(['lost', 'because'], [...byCause].map(([cause, count]) => [count, cause]))]),
  ];
};

/** Only what there was. */
const readsAndSyncs = ({ staleness, syncs }: RunReport): readonly HTMLElement[] => [
  ...(staleness.reads === 0 ? [] : [
    heading('What readers saw'),
    table(['reads', 'out of date', 'at most', 'median'], [[
      staleness.reads, staleness.stale, `${staleness.maxMs / 1000} s`, `${staleness.medianMs / 1000} s`]]),
  ]),
  ...(syncs.full + syncs.partialOk + syncs.partialRefused === 0 ? [] : [
    heading('Synchronisations'),
    table(['full', 'partial', 'refused to resume'], [[syncs.full, syncs.partialOk, syncs.partialRefused]]),
  ]),
];

const footer = (report: RunReport): readonly HTMLElement[] => [
  element('p', `${report.events} events, ${report.virtualMs / 1000} s of virtual time in ${report.wallMs / 1000} s`),
  element('p', 'Trace hash ', element('code', report.traceHash)),
  element('p', 'Again: ', element('code', `npx faultline run ${report.scenario} --seed ${report.seed}`)),
];

const heading = (text: string): HTMLElement => element('h2', text);

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
  return scroll;
};
