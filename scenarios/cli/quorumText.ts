/** The availability table as text for a terminal: a line for each quorum, a column for each number of failed sentinels. */
import { PREMISES } from '../quorum/cells.ts';
import type { QuorumReport, QuorumRow } from '../quorum/table.ts';
import { type Style, indent, plural, table, wrap } from './tables.ts';

export const quorumText = (style: Style, report: QuorumReport, seeds: number, quiet: boolean): string => {
  const { bold, dim, green, red } = style.colours;
  const differing = report.sentinel.filter(({ differs }) => differs.length > 0);
  const verdict = differing.length === 0
    ? green(`ok  all ${report.sentinel.length} cells are as counting says (${plural(seeds, 'seed')} each)`)
    : red(`FAILED  ${plural(differing.length, 'cell')} of ${report.sentinel.length} not as counting says`);
  if (quiet) return verdict;
  return [
    bold('Which failures of sentinels a quorum survives, when the primary dies with them'), '',
    grid(style, report.sentinel), '',
    indent(dim('a time: the failover happened, median over the seeds; no ODOWN: too few to detect it;')),
    indent(dim('no majority: detected, but too few to elect a leader; none left: no sentinel lives')), '',
    bold('The source document'), documentTable(style, report), '',
    bold('Where the quorum is read as more than it is'),
    ...report.misreadings.map(({ text, verdict: shown }) => indent(wrap(style, `${mark(style, shown)}  ${text}`, 2))), '',
    bold('Premises'), ...PREMISES.map((premise) => indent(wrap(style, `- ${premise}`, 2))), '',
    ...differing.flatMap((row) => row.differs.slice(0, DIFFERENCES_SHOWN).map(({ seed, what }) =>
      red(`${row.sentinels} sentinels, quorum ${row.quorum}, ${row.failed} failed, seed ${seed}: ${what}; `
        + `again: npx faultline quorum --only sentinel --sentinels ${row.sentinels} --seed ${seed} --seeds 1`))),
    verdict,
  ].join('\n');
};

const DIFFERENCES_SHOWN = 3;

const mark = (style: Style, verdict: string): string =>
  (verdict === 'shown' ? style.colours.green('shown') : verdict === 'not run' ? style.colours.dim('not run') : style.colours.red('not shown'));

const grid = (style: Style, rows: readonly QuorumRow[]): string => {
  const failedMax = Math.max(...rows.map(({ failed }) => failed));
  const head = ['sentinels', 'quorum', 'needs', ...Array.from({ length: failedMax + 1 }, (_, failed) => `${failed} failed`)];
  const lines = new Map<string, QuorumRow[]>();
  for (const row of rows) {
    const key = `${row.sentinels}/${row.quorum}`;
    lines.set(key, [...lines.get(key) ?? [], row]);
  }
  return table(style, head, [...lines.values()].map((cells) => {
    const [first] = cells as [QuorumRow];
    const needs = Math.max(first.quorum, Math.floor(first.sentinels / 2) + 1);
    return [String(first.sentinels), String(first.quorum), `${needs} living`, ...cells.map((cell) => cellText(style, cell))];
  }));
};

const cellText = (style: Style, row: QuorumRow): string => {
  const { green, red, yellow, dim } = style.colours;
  const { runs } = row;
  if (runs.failover > 0 && runs.failover < runs.seeds) return red(`${runs.failover}/${runs.seeds}`);
  if (row.failover && row.failoverMs !== null) return green(`${(row.failoverMs.median / 1000).toFixed(1)} s`);
  if (row.failed === row.sentinels) return dim('none left');
  return row.odown ? yellow('no majority') : red('no ODOWN');
};

const documentTable = (style: Style, report: QuorumReport): string =>
  table(style, ['servers', 'quorum', 'said to survive', 'measured', 'the document is'], report.document.map((row) => [
    String(row.servers), String(row.quorum), String(row.survives), row.measured === null ? '-' : String(row.measured),
    row.verdict === 'right' ? style.colours.green('right') : row.verdict === 'wrong' ? style.colours.red('wrong') : row.verdict,
  ]));
