/** A comparison of worlds as text: figures side by side, verdicts, orders of events, and what differs. */
import { type Style, indent, table, wrap } from '../tables.ts';
import { type Comparison, type FigureRow, type Spread, rounded } from './comparison.ts';

export const comparisonText = (style: Style, comparison: Comparison, isQuiet: boolean): string => {
  const { colours } = style;
  const { scenario, ok, differences, notDone, worlds } = comparison;
  const head = `${ok ? colours.green('the same') : colours.red('DIFFERENT')}  ${colours.bold(scenario)}  ${worlds.join(', ')}`;
  const end = differences.map((line) => indent(colours.red(wrap(style, line, 2))));
  if (isQuiet) return [head, ...end].join('\n');
  return [
    head,
    ...notDone.map((line) => indent(colours.yellow(wrap(style, `! not done: ${line}`, 2)))),
    figuresText(style, comparison), verdictsText(style, comparison), ordersText(style, comparison), ...end,
  ].filter((text) => text !== '').join('\n');
};

const spreadText = (spread: Spread | null): string =>
  (spread === null ? 'none' : `${rounded(spread.median)} (${rounded(spread.min)} to ${rounded(spread.max)}; ${spread.runs})`);

const figuresText = (style: Style, { figures, worlds, tolerance }: Comparison): string => {
  const others = worlds.slice(1);
  const list = (row: FigureRow, of: (world: string) => string): string => others.map(of).join('; ') || row.unit;
  return table(style, ['figure', ...worlds, 'differ by', 'rank', 'shown from'], figures.map((row) => [
    `${row.name}, ${row.unit}`, ...worlds.map((world) => spreadText(row.spreads[world] ?? null)),
    list(row, (world) => String(row.differences[world] ?? '-') + (row.differs ? ' !' : '')),
    list(row, (world) => (row.ranks[world] === undefined ? '-' : `${row.ranks[world]} %`)),
    list(row, (world) => String(row.smallestShown[world] ?? '-')),
  ])) + `\n${indent(wrap(style, `median (least to most; runs); medians may differ by ${tolerance.percent} %, or by ${tolerance.ms} ms or `
    + `${tolerance.points} percentage point${tolerance.points === 1 ? '' : 's'}; 'rank': share of the virtual runs that are not above the median; 'shown from': a smaller `
    + 'difference could not have been told by so many runs'))}`;
};

const verdictsText = (style: Style, { verdicts, worlds }: Comparison): string =>
  table(style, ['check', ...worlds], verdicts.map(({ name, counts, differs }) => [
    differs ? style.colours.red(name) : name,
    ...worlds.map((world) => Object.entries(counts[world] ?? {}).map(([verdict, count]) => `${verdict} ${count}`).join(', ') || '-'),
  ]));

const ordersText = (style: Style, { orders, worlds }: Comparison): string => (orders.length === 0 ? '' : [
  indent('the commonest order of events'),
  ...orders.flatMap(({ part, orders: byWorld }) => [
    indent(`  ${part}`),
    ...worlds.map((world) => indent(indent(wrap(style, `  ${world}: ${byWorld[world]?.join(', ') ?? ''}`, 6)))),
  ]),
].join('\n'));
