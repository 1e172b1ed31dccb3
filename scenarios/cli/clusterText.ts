/** The cluster's availability table as text: a line for each deployment and order, a column for each number of failures. */
import type { ClusterRow } from '../quorum/clusterTable.ts';
import { type Style, indent, plural, table } from './tables.ts';

const DIFFERENCES_SHOWN = 3;

export const clusterText = (style: Style, rows: readonly ClusterRow[], seeds: number, quiet: boolean): string => {
  const { bold, dim, green, red } = style.colours;
  const differing = rows.filter(({ differs }) => differs.length > 0);
  const verdict = differing.length === 0
    ? green(`ok  all ${rows.length} cells of the cluster are as counting says (${plural(seeds, 'seed')} each)`)
    : red(`FAILED  ${plural(differing.length, 'cell')} of ${rows.length} of the cluster not as counting says`);
  if (quiet) return verdict;
  return [
    bold('What a cluster serves after some of its primaries failed'), '',
    grid(style, rows), '',
    indent(dim('a time: all slots are served again so long after the last failure, median; node timeout 5000 ms')), '',
    ...differing.flatMap((row) => row.differs.slice(0, DIFFERENCES_SHOWN).map(({ seed, what }) =>
      red(`${row.primaries} primaries, ${row.replicas} replicas each, ${row.failed} failed ${row.order}, full coverage `
        + `${row.fullCoverage ? 'yes' : 'no'}, seed ${seed}: ${what}`))),
    verdict,
  ].join('\n');
};

const grid = (style: Style, rows: readonly ClusterRow[]): string => {
  const failedMax = Math.max(...rows.map(({ failed }) => failed));
  const head = ['primaries', 'replicas each', 'full coverage', 'they fail',
    ...Array.from({ length: failedMax }, (_, index) => `${index + 1} failed`)];
  const lines = new Map<string, ClusterRow[]>();
  for (const row of rows) {
    const key = `${row.primaries}/${row.replicas}/${row.fullCoverage}/${row.order}`;
    lines.set(key, [...lines.get(key) ?? [], row]);
  }
  return table(style, head, [...lines.values()].map((cells) => {
    const [first] = cells as [ClusterRow];
    const texts = Array.from({ length: failedMax }, (_, index) => {
      const cell = cells.find(({ failed }) => failed === index + 1);
      return cell === undefined ? '' : cellText(style, cell);
    });
    return [String(first.primaries), String(first.replicas), first.fullCoverage ? 'yes' : 'no', first.order, ...texts];
  }));
};

const cellText = (style: Style, row: ClusterRow): string => {
  const { green, red, yellow } = style.colours;
  switch (row.state) {
    case 'all': return green(row.recoveredMs === null ? 'all' : `${(row.recoveredMs.median / 1000).toFixed(1)} s`);
    case 'part': return yellow('part');
    case 'nothing': return red('nothing');
    case 'mixed': return red('mixed');
  }
};
