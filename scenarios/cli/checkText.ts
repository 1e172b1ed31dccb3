/** What `faultline check` prints: a row for each failure, what is wrong with the deployment, and both tables where it was mended. */
import type { Finding } from '../check/findings/finding.ts';
import { type Judgement, shareText } from '../check/requirements.ts';
import type { CheckReport, CheckRow, CheckVerdict } from '../check/table.ts';
import { type Colours, type Style, indent, plural, table, wrap } from './tables.ts';

/** What became of the mended files. */
export interface Fixed {
  readonly report: CheckReport;
  readonly written: readonly string[];
}

export interface CheckResult {
  readonly report: CheckReport;
  readonly findings: readonly Finding[];
  /** Null: nothing was mended. */
  readonly fixed: Fixed | null;
  /** Null: nothing was required. */
  readonly judgement: Judgement | null;
  readonly ok: boolean;
  readonly files: readonly string[];
  /** The command that shows one run of a cell, without its seed. */
  readonly show: (cell: string) => string;
}

export const checkJson = ({ report, findings, fixed, judgement, ok, show }: CheckResult): string => {
  const faults = report.faults.map((row) => ({ ...row, replay: `${show(row.cell)} --seed ${row.seed}` }));
  const required = judgement === null ? null : { ok: judgement.ok, line: judgement.line, broken: judgement.broken.map(({ cell }) => cell) };
  return JSON.stringify({ ...report, faults, findings, required, ...(fixed === null ? {} : { fixed }), ok }, null, 2);
};

const VERDICTS: readonly CheckVerdict[] = ['serves on', 'recovers', 'needs a hand', 'loses data'];

const paint = (colours: Colours, verdict: CheckVerdict): ((text: string) => string) => {
  if (verdict === 'serves on') return colours.green;
  return verdict === 'recovers' ? colours.cyan : verdict === 'needs a hand' ? colours.yellow : colours.red;
};

/** `quiet`: the verdict lines only. */
export const checkText = (style: Style, result: CheckResult, quiet: boolean): string => {
  const { report, findings, fixed, judgement, show } = result;
  const { faults } = report;
  const singles = faults.filter(({ kinds }) => kinds.length === 1);
  const pairs = faults.filter(({ kinds }) => kinds.length > 1);
  const parts = quiet ? [] : [
    head(style, report),
    ...(singles.length === 0 ? [] : [section(style, `One failure, ${plural(report.seeds.singles, 'seed')} each`, singles)]),
    ...(pairs.length === 0 ? [] : [section(style, `Two at once, ${plural(report.seeds.pairs, 'seed')} each`, pairs)]),
    legend(style, report),
    worst(style, faults, show),
    ...(findings.length === 0 ? [] : [findingsText(style, findings)]),
    ...(fixed === null ? [] : [fixedText(style, report, fixed)]),
  ].filter((part) => part !== '');
  return [...parts, lastLines(result, singles.length === 0 ? pairs : singles, quiet, judgement)].join('\n\n');
};

const lastLines = ({ report, findings }: CheckResult, rows: readonly CheckRow[], quiet: boolean, judgement: Judgement | null): string => [
  summary(rows), ...(findings.length === 0 ? [] : [`${plural(findings.length, 'finding')}: ${findings.map(({ id }) => id).join(', ')}`]),
  ...(judgement === null ? [] : [judgement.line]),
  ...(judgement === null || quiet ? [] : judgement.broken.map((row) => `  ${row.cell}: ${rowWords(row)}`)),
  ...report.faults.flatMap((row) => row.problems.map((problem) => `PROBLEM  ${row.cell}: ${problem}`)),
].join('\n');

const head = (style: Style, { topology, warnings, notes }: CheckReport): string => [
  style.colours.bold(topology), ...warnings.map((warning) => indent(wrap(style, `! ${warning}`, 2))),
  ...notes.map((note) => indent(style.colours.dim(wrap(style, `- ${note}`, 2)))),
].join('\n');

const section = (style: Style, title: string, rows: readonly CheckRow[]): string => {
  const { colours } = style;
  const quiet = rows.filter(isUneventful);
  // Links that nobody misses are many: one row stands for them.
  const folded = quiet.length < FOLDED_MIN ? [] : quiet;
  const body = rows.filter((row) => !folded.includes(row)).map((row) => [
    row.component, row.fault, paint(colours, row.verdict)(row.verdict), `${row.recovered}/${row.runs}`, lostText(row), outageText(row),
    row.readOutageMs.max === 0 ? '-' : secondsOf(row.readOutageMs.max), String(row.seed),
  ]);
  if (folded.length > 0) body.push([`${folded.length} others`, faultsOf(folded), colours.green('serves on'), '', '-', '-', '-', '']);
  return `${colours.bold(title)}\n${table(style, ['component', 'failure', 'verdict', 'alive', 'lost', 'no writes for', 'no reads for', 'seed'], body)}`;
};

/** Fewer than this are shown as they are. */
const FOLDED_MIN = 4;

/** What includes a link, or is a pair, and does nothing at all. */
const isUneventful = ({ kinds, verdict, readOutageMs }: CheckRow): boolean =>
  verdict === 'serves on' && readOutageMs.max === 0 && (kinds.length > 1 || kinds.includes('links'));

const faultsOf = (rows: readonly CheckRow[]): string => {
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  return faults.length === 1 ? faults[0] ?? '' : 'of several kinds';
};

const lostText = ({ lostShare: { median, max } }: CheckRow): string => (max === 0 ? '-' : spreadText(shareText(median), shareText(max)));
const outageText = ({ outageMs: { median, max } }: CheckRow): string => (max === 0 ? '-' : spreadText(secondsOf(median), secondsOf(max)));
/** Median and worst; one of them where they are the same. */
const spreadText = (median: string, max: string): string => (median === max ? max : `${median} / ${max}`);

const MS_PER_SECOND = 1000;

const secondsOf = (ms: number): string => `${(ms / MS_PER_SECOND).toFixed(1)} s`;

const legend = (style: Style, { withinMs }: CheckReport): string => indent(wrap(style,
  `Each failure stands for ${withinMs / MS_PER_SECOND} s. serves on: not a probe failed in the best-placed zone; recovers: by itself, within that `
  + 'time; needs a hand: no writes until the failure is repaired, or not even then; loses data: acknowledged writes are gone in at least one run. '
  + 'alive: runs that served on or recovered. lost: share of the acknowledged writes, median / worst. seed: the worst run.', 0));

/** The commands that show the worst of each verdict. */
const worst = (style: Style, rows: readonly CheckRow[], show: (cell: string) => string): string => {
  const shown = (['loses data', 'needs a hand'] as const).flatMap((verdict) => {
    const [row] = rows.filter((one) => one.verdict === verdict).sort(byHarm);
    return row === undefined ? [] : [row];
  });
  if (shown.length === 0) return '';
  return [style.colours.bold('The worst, in full'), ...shown.map(({ cell, seed }) => `  ${show(cell)} --seed ${seed}`)].join('\n');
};

const byHarm = (left: CheckRow, right: CheckRow): number =>
  right.lostShare.max - left.lostShare.max || right.outageMs.max - left.outageMs.max;

const rowWords = (row: CheckRow): string => [
  row.verdict, `alive in ${row.recovered} of ${row.runs}`, `lost up to ${shareText(row.lostShare.max)}`, `no writes for up to ${secondsOf(row.outageMs.max)}`,
].join(', ');

const summary = (rows: readonly CheckRow[]): string => {
  const count = (verdict: CheckVerdict): number => rows.filter((row) => row.verdict === verdict).length;
  return `${plural(rows.length, 'failure')}: ${VERDICTS.map((verdict) => `${verdict} ${count(verdict)}`).join(', ')}`;
};

const findingsText = (style: Style, findings: readonly Finding[]): string => {
  const { colours } = style;
  const paragraphs = findings.map(({ id, says, where, afterMends, proof, mend, advice }) => [
    `  ${colours.bold(id)}${afterMends === true ? colours.dim('  once the others are mended') : ''}`,
    ...[
      says,
      `where: ${where.join('; ')}`,
      `shown by: ${proof.failure}, seed ${proof.seed}: ${proof.evidence} (${proof.bad} of ${proof.runs} runs)`,
      mend === null ? `mend: none that could be written into these files${advice === undefined ? '' : `; by hand: ${advice}`}` : `mend: ${mend.change}; then: ${mend.evidence}${mend.verified ? '' : ', so this does not mend it'}`,
    ].map((line) => indent(indent(wrap(style, line, 2)))),
    ...(mend?.verified === true ? mend.edits.map(({ file, line, text }) => colours.green(`      ${file}:${line}: ${text}`)) : []),
  ].join('\n'));
  return [colours.bold('What is wrong with it, each shown by a run'), ...paragraphs].join('\n');
};

/** Both tables side by side: only rows that changed, and those that are new; of pairs, which are many, only how many. */
const fixedText = (style: Style, before: CheckReport, { report, written }: Fixed): string => {
  const { colours } = style;
  const words = (row: CheckRow | undefined): readonly string[] =>
    (row === undefined ? ['-', '', ''] : [paint(colours, row.verdict)(row.verdict), lostText(row), outageText(row)]);
  const rows = report.faults.flatMap((after) => {
    const old = before.faults.find(({ cell }) => cell === after.cell);
    const isSame = old !== undefined && old.verdict === after.verdict && lostText(old) === lostText(after) && outageText(old) === outageText(after);
    return isSame || after.kinds.length > 1 ? [] : [[after.cell, ...words(old), '->', ...words(after)]];
  });
  const moved = (isWorse: boolean): readonly CheckRow[] => report.faults.filter((after) => {
    const old = before.faults.find(({ cell }) => cell === after.cell);
    return after.kinds.length > 1 && old !== undefined && (VERDICTS.indexOf(after.verdict) - VERDICTS.indexOf(old.verdict)) * (isWorse ? 1 : -1) > 0;
  });
  const [worse] = moved(true);
  return [
    colours.bold(`Mended: ${written.join(', ')}`),
    rows.length === 0 ? '  no row of the table differs'
      : table(style, ['failure', 'before', 'lost', 'no writes for', '', 'after', 'lost', 'no writes for'], rows),
    ...(report.seeds.pairs === 0 ? [] : [`  of pairs ${moved(false).length} are better than before, ${moved(true).length} are worse${
      worse === undefined ? '' : `: such as ${worse.cell}, which now ${worse.verdict}`}`]),
    `  before  ${summary(before.faults)}`, `  after   ${summary(report.faults)}`,
  ].join('\n');
};
