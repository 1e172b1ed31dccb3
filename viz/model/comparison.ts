/** Two runs side by side in a few figures and verdicts: what one change did. */
import { type RunReport, clusterFailovers, sentinelFailovers } from '../../sim/report.ts';

export type PairName =
  | 'acknowledged' | 'lost' | 'bugs' | 'unknown' | 'unavailableMs' | 'failovers' | 'failoverMs' | 'fullSyncs' | 'staleMs' | 'violated';

export interface FigurePair {
  readonly name: PairName;
  /** Null: there was nothing to measure. */
  readonly left: number | null;
  readonly right: number | null;
  readonly isMs: boolean;
  /** Which of the two did better; null: they are equal, or it cannot be said. */
  readonly better: 'left' | 'right' | null;
}

/** A check whose verdicts differ. */
export interface VerdictPair {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

export interface Comparison {
  readonly figures: readonly FigurePair[];
  readonly verdicts: readonly VerdictPair[];
}

interface Measure {
  readonly name: PairName;
  readonly of: (report: RunReport) => number | null;
  readonly isMs: boolean;
  /** True: the less of it the better; null: neither. */
  readonly isBad: boolean | null;
}

const MEASURES: readonly Measure[] = [
  { name: 'acknowledged', of: ({ ledger }) => ledger.acknowledged, isMs: false, isBad: false },
  { name: 'lost', of: ({ ledger }) => ledger.lost, isMs: false, isBad: true },
  { name: 'bugs', of: ({ ledger }) => ledger.bugs, isMs: false, isBad: true },
  { name: 'unknown', of: ({ ledger }) => ledger.unknown, isMs: false, isBad: true },
  { name: 'unavailableMs', of: ({ unavailableMs }) => unavailableMs, isMs: true, isBad: true },
  { name: 'failovers', of: (report) => switchTimes(report).length, isMs: false, isBad: null },
  { name: 'failoverMs', of: (report) => greatest(switchTimes(report)), isMs: true, isBad: true },
  { name: 'fullSyncs', of: ({ syncs }) => syncs.full, isMs: false, isBad: true },
  { name: 'staleMs', of: ({ staleness }) => (staleness.reads === 0 ? null : staleness.maxMs), isMs: true, isBad: true },
  { name: 'violated', of: ({ verdicts }) => verdicts.filter(({ verdict }) => verdict === 'violated').length, isMs: false, isBad: true },
];

/** From the beginning of each failover that came so far, to the switch. Virtual ms. */
const switchTimes = (report: RunReport): readonly number[] =>
  [...sentinelFailovers(report), ...clusterFailovers(report)].flatMap(({ atMs, switchedMs }) => (switchedMs === null ? [] : [switchedMs - atMs]));

const greatest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));

/** What neither run has to show is left out. */
export const compareReports = (left: RunReport, right: RunReport): Comparison => {
  const figures = MEASURES.map(({ name, of, isMs, isBad }): FigurePair => {
    const [one, other] = [of(left), of(right)];
    return { name, left: one, right: other, isMs, better: betterOf(one, other, isBad) };
  }).filter((pair) => pair.left !== null || pair.right !== null);
  const names = [...new Set([...left.verdicts, ...right.verdicts].map(({ name }) => name))];
  const verdicts = names.map((name): VerdictPair => ({ name, left: verdictOf(left, name), right: verdictOf(right, name) }))
    .filter((pair) => pair.left !== pair.right);
  return { figures, verdicts };
};

const betterOf = (left: number | null, right: number | null, isBad: boolean | null): FigurePair['better'] => {
  if (left === null || right === null || isBad === null || left === right) return null;
  return (left < right) === isBad ? 'left' : 'right';
};

const verdictOf = ({ verdicts }: RunReport, name: string): string => verdicts.find((one) => one.name === name)?.verdict ?? '–';
