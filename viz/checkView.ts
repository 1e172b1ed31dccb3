/**
 * The report of `faultline check`: component against failure as a map, coloured by what becomes of the service; pairs as a map of
 * failure against failure; what is wrong, and what mends it. A cell opens its worst run in the timeline below.
 */
import { cellScenario } from '../scenarios/check/cellScenario.ts';
import type { CheckDocument } from '../scenarios/check/checkDocument.ts';
import { cellCalled } from '../scenarios/check/failures.ts';
import type { Finding } from '../scenarios/check/findings/finding.ts';
import { shareText } from '../scenarios/check/requirements.ts';
import type { CheckReport, CheckRow, CheckVerdict } from '../scenarios/check/table.ts';
import { type Child, element } from './dom.ts';
import { text } from './texts/text.ts';

/** Opens the run of a cell: its scenario as JSON. */
export type OpenRun = (name: string, scenario: string, seed: number) => void;

/** A sign for each verdict, beside its colour. */
const SIGN: Readonly<Record<CheckVerdict, string>> = { 'serves on': '●', recovers: '◐', 'needs a hand': '▲', 'loses data': '✖' };
const CLASS: Readonly<Record<CheckVerdict, string>> = {
  'serves on': 'serves', recovers: 'recovers', 'needs a hand': 'hand', 'loses data': 'loses',
};

const verdictText = (verdict: CheckVerdict): string => text(`check.${CLASS[verdict]}` as 'check.serves');

const MS_PER_SECOND = 1000;
const secondsOf = (ms: number): string => `${(ms / MS_PER_SECOND).toFixed(1)} s`;

/** What stands in a cell, most important first. */
const figures = (row: CheckRow): string => [
  ...(row.lostShare.max > 0 ? [shareText(row.lostShare.max)] : []), ...(row.outageMs.max > 0 ? [secondsOf(row.outageMs.max)] : []),
].join(' · ');

const describe = (row: CheckRow): string => text('check.cell', {
  failure: row.cell, verdict: verdictText(row.verdict), alive: row.recovered, runs: row.runs, lost: shareText(row.lostShare.max),
  outage: secondsOf(row.outageMs.max), seed: row.seed,
});

export const checkView = (document: CheckDocument, open: OpenRun): readonly Node[] => {
  const { report, mended, findings, topology } = document;
  const cell = (row: CheckRow, isShort = false): HTMLElement => {
    // The name begins with what is seen.
    const made = element('button', { type: 'button', class: `cell ${CLASS[row.verdict]}`, title: describe(row) },
      element('span', { 'aria-hidden': 'true' }, SIGN[row.verdict]), ...(isShort || figures(row) === '' ? [] : [` ${figures(row)}`]),
      element('span', { class: 'unseen' }, ` ${describe(row)}`));
    made.addEventListener('click', () => open(
      `${row.cell}.json`, JSON.stringify(cellScenario(topology, cellCalled(topology, row.cell), report.withinMs)), row.seed));
    return made;
  };
  const pairs = report.faults.filter(({ kinds }) => kinds.length === 2);
  return [
    element('h2', {}, text('check.title', { topology: report.topology })),
    element('p', { class: 'quiet' }, text('check.explains', { seconds: report.withinMs / MS_PER_SECOND, runs: report.seeds.singles })),
    legend(),
    ...singlesMap(report, mended, cell),
    ...(pairs.length === 0 ? [] : [element('h3', {}, text('check.pairs', { runs: report.seeds.pairs })), pairsMap(pairs, cell)]),
    ...(findings.length === 0 ? [] : [element('h3', {}, text('check.findings')), ...findings.map(findingView)]),
    ...(report.warnings.length + report.notes.length === 0 ? [] : [element('h3', {}, text('check.warnings')),
      element('ul', {}, ...[...report.warnings, ...report.notes].map((warning) => element('li', {}, warning)))]),
  ];
};

const legend = (): HTMLElement => element('ul', { class: 'check-legend' }, ...(Object.keys(SIGN) as CheckVerdict[]).map((verdict) =>
  element('li', {}, element('span', { class: `cell ${CLASS[verdict]}`, 'aria-hidden': 'true' }, SIGN[verdict]), ` ${verdictText(verdict)}`)));

/** Rows are components, columns what strikes them; mended tables have what became of the cell beside it. */
const singlesMap = (report: CheckReport, mended: CheckReport | null, cell: (row: CheckRow) => HTMLElement): readonly Node[] => {
  const rows = report.faults.filter(({ kinds }) => kinds.length === 1);
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  const components = [...new Map(rows.map((row) => [`${row.kinds[0] ?? ''} ${row.component}`, row])).values()];
  const after = (name: string): readonly Child[] => {
    const row = mended?.faults.find((one) => one.cell === name);
    const before = report.faults.find((one) => one.cell === name);
    const isSame = row?.verdict === before?.verdict && (row === undefined || before === undefined || figures(row) === figures(before));
    return row === undefined || isSame ? [] : [' → ', element('span', { class: `cell ${CLASS[row.verdict]}`, title: describe(row) }, `${SIGN[row.verdict]} ${figures(row)}`)];
  };
  const map = (shown: readonly CheckRow[]): HTMLElement => scrolled(element('table', { class: 'check-map' },
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, text('check.component')),
      ...faults.map((fault) => element('th', { scope: 'col' }, fault)))),
    element('tbody', {}, ...shown.map(({ component, kinds }) => element('tr', {},
      element('th', { scope: 'row' }, component, element('small', {}, ` ${kinds[0] ?? ''}`)),
      ...faults.map((fault) => {
        const row = rows.find((one) => one.component === component && one.kinds[0] === kinds[0] && one.fault === fault);
        return element('td', {}, ...(row === undefined ? [] : [element('div', {}, cell(row), ...after(row.cell))]));
      }))))), text('check.singles'));
  // Links that nobody misses are many.
  const idle = components.filter(({ kinds, verdict }) => kinds[0] === 'links' && verdict === 'serves on');
  const folded = idle.length < FOLDED_MIN ? [] : idle;
  return [map(components.filter((row) => !folded.includes(row))), ...(folded.length === 0 ? [] : [
    element('details', {}, element('summary', {}, text('check.links', { count: folded.length })), map(folded))])];
};

/** Fewer than this are shown as they are. */
const FOLDED_MIN = 4;

/** Both halves of the map say the same: only the lower one is filled. */
const pairsMap = (rows: readonly CheckRow[], cell: (row: CheckRow, isShort: boolean) => HTMLElement): HTMLElement => {
  const known = new Map(rows.map((row) => [row.cell, row]));
  const names = [...new Set(rows.flatMap((row) => row.cell.split(' + ')))];
  return scrolled(element('table', { class: 'check-map pairs' },
    element('thead', {}, element('tr', {}, element('td', {}), ...names.slice(0, -1).map((name) =>
      element('th', { scope: 'col' }, element('span', {}, name))))),
    element('tbody', {}, ...names.slice(1).map((name, index) => element('tr', {}, element('th', { scope: 'row' }, name),
      ...names.slice(0, index + 1).map((other) => {
        const row = known.get(`${other} + ${name}`) ?? known.get(`${name} + ${other}`);
        return element('td', {}, ...(row === undefined ? [] : [cell(row, true)]));
      }))))), text('check.pairsLabel'));
};

/** A wide table scrolls by itself, by keyboard too. */
const scrolled = (table: HTMLElement, label: string): HTMLElement =>
  element('div', { class: 'check-scroll', role: 'region', tabindex: '0', 'aria-label': label }, table);

const findingView = ({ id, says, where, proof, mend, advice }: Finding): HTMLElement => element('details', { class: 'finding' },
  element('summary', {}, element('b', {}, id), ` ${says}`),
  element('p', {}, text('check.where', { where: where.join('; ') })),
  element('p', {}, text('check.shown', { failure: proof.failure, seed: proof.seed, evidence: proof.evidence })),
  element('p', {}, mend === null ? advice === undefined ? text('check.noMend') : text('check.byHand', { advice }) : text(mend.verified ? 'check.mend' : 'check.mendFails', { change: mend.change, evidence: mend.evidence })),
  ...(mend?.verified === true ? [element('pre', {}, mend.edits.map(({ file, line, text: words }) => `${file}:${line}: ${words}`).join('\n'))] : []));
