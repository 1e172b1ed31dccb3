/** The rows of `docs/fidelity.md`: one comparison a row, and below them what differs. Markdown. */
import { type Comparison, type FigureRow, rounded } from './comparison.ts';

/** Where and with what the comparisons were made. */
export interface FidelityContext {
  readonly machine: string;
  readonly date: string;
  /** By world, as the programs say them. */
  readonly versions: Readonly<Record<string, string>>;
}

const medians = ({ spreads, unit }: FigureRow, world: string): string => {
  const spread = spreads[world] ?? null;
  return spread === null ? '–' : `${rounded(spread.median)} ${unit} (${rounded(spread.min)}–${rounded(spread.max)})`;
};

const runsOf = ({ figures }: Comparison, world: string): number => Math.max(0, ...figures.map(({ spreads }) => spreads[world]?.runs ?? 0));

/** One row a world, under the scenario's name. */
const rowsOf = (comparison: Comparison): readonly string[] => comparison.worlds.map((world, index) => [
  index === 0 ? `\`${comparison.scenario}\`` : '', world, String(runsOf(comparison, world)), ...comparison.figures.map((row) => medians(row, world)),
  String(comparison.verdicts.filter(({ counts }) => (counts[world]?.['not observable'] ?? 0) > 0).length),
  index === 0 ? '' : comparison.ok ? 'the same' : 'different',
]).map((cells) => `| ${cells.join(' | ')} |`);

/** The whole table. Comparisons in the order in which they are best read; they have the same figures. */
export const fidelityTable = (comparisons: readonly Comparison[], { machine, date, versions }: FidelityContext): string => {
  const figures = comparisons[0]?.figures.map(({ name }) => name) ?? [];
  const head = ['scenario', 'world', 'runs', ...figures, 'checks not observable', 'verdict'];
  const different = comparisons.filter(({ differences }) => differences.length > 0);
  return [
    `Measured on ${machine}, ${date}. ${Object.entries(versions).map(([world, version]) => `${world}: ${version}`).join('; ')}.`,
    'Medians, least and most.',
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...comparisons.flatMap(rowsOf),
    ...different.flatMap(({ scenario, differences }) => ['', `\`${scenario}\`:`, '', ...differences.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
};
