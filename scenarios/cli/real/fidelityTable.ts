/** The rows of `docs/fidelity.md`: one comparison a row for each world. Markdown. */
import { type Comparison, type FigureRow, rounded } from './comparison.ts';

const medians = ({ spreads, unit }: FigureRow, world: string): string => {
  const spread = spreads[world] ?? null;
  return spread === null ? '–' : `${rounded(spread.median)} ${unit} (${rounded(spread.min)}–${rounded(spread.max)})`;
};

const runsOf = ({ figures }: Comparison, world: string): number => Math.max(0, ...figures.map(({ spreads }) => spreads[world]?.runs ?? 0));

/** Worlds without a run say nothing. */
const isMeasured = (comparison: Comparison): boolean => comparison.worlds.every((world) => runsOf(comparison, world) > 0);

/** What differs, where every world was measured. */
export const differencesOf = (comparison: Comparison): readonly string[] => (isMeasured(comparison) ? comparison.differences : []);

const resultOf = (comparison: Comparison): string => {
  if (!isMeasured(comparison)) return 'not measured';
  return comparison.ok ? 'the same' : 'different';
};

/** One row a world, under the scenario's name. */
const rowsOf = (comparison: Comparison): readonly string[] => comparison.worlds.map((world, index) => [
  index === 0 ? `\`${comparison.scenario}\`` : '', world, String(runsOf(comparison, world)), ...comparison.figures.map((row) => medians(row, world)),
  String(comparison.verdicts.filter(({ counts }) => (counts[world]?.['not observable'] ?? 0) > 0).length),
  index === 0 ? '' : resultOf(comparison),
]).map((cells) => `| ${cells.join(' | ')} |`);

/** The whole table. Comparisons in the order in which they are best read; they have the same figures. */
export const fidelityTable = (comparisons: readonly Comparison[]): string => {
  const figures = comparisons[0]?.figures.map(({ name }) => name) ?? [];
  const head = ['scenario', 'world', 'runs', ...figures, 'checks not observable', 'result'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...comparisons.flatMap(rowsOf), ''].join('\n');
};
