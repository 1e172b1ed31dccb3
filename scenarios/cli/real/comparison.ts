/**
 * Two worlds side by side: verdicts, figures and the order of events of many runs of one scenario, and whether they differ.
 *
 * A verdict differs when a world shows one that the first never showed; what a world cannot observe, or had no occasion to judge,
 * contradicts nothing. A figure differs when the medians are further apart than the tolerance, by share and by amount. An order differs
 * when one world always has an event before another and the other world always after it, or when every run of one world has an event
 * and no run of the other.
 */
import type { Tolerance, Verdict } from '../../../sim/scenario.ts';
import type { Figures } from './figures.ts';
import { type PartOrders, partsOf, orderDifferences } from './orders.ts';

/** What is compared of one run. */
export interface MeasuredRun {
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly figures: Figures;
  /** What the plan names and this world could not do. */
  readonly notDone: readonly string[];
}

export interface Column {
  /** `virtual`, `real`, … */
  readonly world: string;
  readonly runs: readonly MeasuredRun[];
}

export interface Spread {
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface FigureRow {
  readonly name: string;
  readonly unit: 'ms' | '%';
  /** By world; null: the figure did not come about in any run. */
  readonly spreads: Readonly<Record<string, Spread | null>>;
  /** Of the medians, to the first world's. */
  readonly differences: Readonly<Record<string, number>>;
  /** Of the first world's runs, the share that is not above the other's median, in percent. */
  readonly ranks: Readonly<Record<string, number>>;
  /** Two medians that are nearer than this could not have been told apart by so many runs. */
  readonly smallestShown: Readonly<Record<string, number>>;
  readonly differs: boolean;
}

export interface VerdictRow {
  readonly name: string;
  /** By world: how often each verdict came. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly differs: boolean;
}

export interface Comparison {
  readonly scenario: string;
  readonly worlds: readonly string[];
  readonly tolerance: Required<Tolerance>;
  readonly verdicts: readonly VerdictRow[];
  readonly figures: readonly FigureRow[];
  readonly orders: readonly { readonly part: string; readonly orders: Readonly<Record<string, readonly string[]>> }[];
  readonly notDone: readonly string[];
  /** One line each; none: the worlds agree. */
  readonly differences: readonly string[];
  readonly ok: boolean;
}

/** Where the scenario does not say otherwise. */
export const TOLERANCE: Required<Tolerance> = { percent: 20, ms: 500, points: 1 };

const FIGURES: readonly { readonly name: string; readonly unit: FigureRow['unit']; readonly of: (figures: Figures) => number | null }[] = [
  { name: 'acknowledged writes lost', unit: '%', of: ({ lostPercent }) => lostPercent },
  { name: 'failover', unit: 'ms', of: ({ failoverMs }) => failoverMs },
  { name: 'write outage', unit: 'ms', of: ({ unavailableMs }) => unavailableMs },
];

/** The first column is what the others are held against. */
export const compareWorlds = (scenario: string, columns: readonly Column[], stated: Tolerance = {}): Comparison => {
  const tolerance = { ...TOLERANCE, ...stated };
  const verdicts = verdictRows(columns);
  const figures = FIGURES.map(({ name, unit, of }) => figureRow({ name, unit, tolerance }, columns, of));
  const parts = new Map(columns.map(({ world, runs }) => [world, partsOf(runs.map((run) => run.figures.orders))] as const));
  const [first, ...others] = columns;
  const orderLines = first === undefined ? [] : others.flatMap(({ world }) =>
    orderDifferences(parts.get(first.world) ?? [], parts.get(world) ?? []).map((line) => `${first.world} and ${world}: ${line}`));
  const differences = [
    ...verdicts.filter(({ differs }) => differs).map(({ name, counts }) => `${name}: ${columns.map(({ world }) =>
      `${world} ${Object.keys(counts[world] ?? {}).join(' or ')}`).join(', ')}`),
    ...figures.filter(({ differs }) => differs).map((row) => `${row.name}: ${columns.map(({ world }) =>
      `${world} ${shown(row.spreads[world] ?? null, row.unit)}`).join(', ')} in the median`),
    ...orderLines,
  ];
  return {
    scenario, worlds: columns.map(({ world }) => world), tolerance, verdicts, figures, orders: orderRows(columns, parts),
    notDone: [...new Set(columns.flatMap(({ runs }) => runs.flatMap(({ notDone }) => notDone)))], differences, ok: differences.length === 0,
  };
};

const shown = (spread: Spread | null, unit: string): string => (spread === null ? 'none' : `${rounded(spread.median)} ${unit}`);

export const rounded = (value: number): number => Math.round(value * 100) / 100;

const verdictRows = (columns: readonly Column[]): readonly VerdictRow[] => {
  const names = [...new Set(columns.flatMap(({ runs }) => runs.flatMap(({ verdicts }) => Object.keys(verdicts))))];
  return names.map((name) => {
    const counts: Record<string, Record<string, number>> = {};
    for (const { world, runs } of columns) {
      const count: Record<string, number> = {};
      for (const { verdicts } of runs) {
        const verdict = verdicts[name];
        if (verdict !== undefined) count[verdict] = (count[verdict] ?? 0) + 1;
      }
      counts[world] = count;
    }
    const seen = columns.map(({ world }) => Object.keys(counts[world] ?? {}).flatMap((verdict) => comparable(verdict) ?? []));
    const [first = [], ...others] = seen;
    return { name, counts, differs: first.length > 0 && others.some((other) => other.some((verdict) => !first.includes(verdict))) };
  });
};

/** What a verdict says that another world's can contradict. A check that had nothing to judge found nothing wrong. Null: nothing. */
const comparable = (verdict: string): string | null => {
  if (verdict === 'not observable') return null;
  return verdict === 'not exercised' ? 'holds' : verdict;
};

const figureRow = (
  { name, unit, tolerance }: Pick<FigureRow, 'name' | 'unit'> & Pick<Comparison, 'tolerance'>, columns: readonly Column[],
  of: (figures: Figures) => number | null,
): FigureRow => {
  const values = columns.map(({ runs }) => sorted(runs.flatMap(({ figures }) => of(figures) ?? [])));
  const [first = []] = values;
  const base = spreadOf(first);
  const spreads: Record<string, Spread | null> = {};
  const differences: Record<string, number> = {};
  const ranks: Record<string, number> = {};
  const smallestShown: Record<string, number> = {};
  let differs = false;
  for (const [index, { world }] of columns.entries()) {
    const own = values[index] ?? [];
    const spread = spreadOf(own);
    spreads[world] = spread;
    if (index === 0) continue;
    if (spread === null || base === null) {
      // It never came about in one world, and in every run of the other.
      differs ||= (spread === null) !== (base === null) && (own.length === columns[index]?.runs.length || first.length === columns[0]?.runs.length);
      continue;
    }
    differences[world] = rounded(spread.median - base.median);
    ranks[world] = Math.round((first.filter((value) => value <= spread.median).length * 100) / first.length);
    smallestShown[world] = rounded(uncertainty(own) + uncertainty(first));
    differs ||= !isWithin(base.median, spread.median, unit, tolerance);
  }
  return { name, unit, spreads, differences, ranks, smallestShown, differs };
};

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((left, right) => left - right);

const spreadOf = (values: readonly number[]): Spread | null => {
  const [min] = values;
  const max = values.at(-1);
  return min === undefined || max === undefined ? null : { runs: values.length, min, median: medianOf(values), max };
};

const medianOf = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2;
  return ((values[Math.floor(middle)] ?? 0) + (values[Math.ceil(middle)] ?? 0)) / 2;
};

export const isWithin = (left: number, right: number, unit: FigureRow['unit'], tolerance: Required<Tolerance> = TOLERANCE): boolean => {
  const apart = Math.abs(left - right);
  return apart <= (unit === 'ms' ? tolerance.ms : tolerance.points) || apart <= (Math.abs(left) * tolerance.percent) / 100;
};

const NORMAL_95 = 1.96;

/**
 * How far the true median may lie from that of these runs, 19 times of 20: by order statistics, of which few runs have none but
 * the outermost.
 */
const uncertainty = (values: readonly number[]): number => {
  const count = values.length;
  const median = medianOf(values);
  const below = Math.max(0, Math.floor((count - NORMAL_95 * Math.sqrt(count)) / 2));
  return Math.max(median - (values[below] ?? median), (values[count - 1 - below] ?? median) - median);
};

const orderRows = (columns: readonly Column[], parts: ReadonlyMap<string, readonly PartOrders[]>): Comparison['orders'] => {
  const names = [...new Set([...parts.values()].flat().map(({ part }) => part))].sort();
  return names.map((part) => ({
    part, orders: Object.fromEntries(columns.map(({ world }) =>
      [world, parts.get(world)?.find((one) => one.part === part)?.usual ?? []])),
  }));
};
