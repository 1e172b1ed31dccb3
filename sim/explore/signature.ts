/**
 * The state signature of a run: what kind of course it took, without its times, names and counts. Runs with a signature that was
 * seldom seen are where a search goes on.
 *
 * Always holds: the same report gives the same features, in the same order; a seed's own numbers never enter.
 */
import { type Lanes, lanesHex, rollText } from '../../engine/core/hash.ts';
import type { RunReport } from '../report.ts';

/** One thing that can be said of a run: `mark:tilt~2`, `fired:power~1`, `verdict:convergence=violated`. */
export type Feature = string;

/** Sorted, each once. */
export const featuresOf = (report: RunReport): readonly Feature[] => {
  const { ledger, syncs } = report;
  const features = new Set<Feature>([
    ...counted('mark', report.marks),
    ...counted('fired', report.fired),
    ...report.verdicts.filter(({ verdict }) => verdict !== 'holds' && verdict !== 'not exercised')
      .map(({ name, verdict }) => `verdict:${name}=${verdict}`),
    ...ledger.lostWrites.map(({ cause, permitted }) => `lost:${cause}${permitted ? '' : ' (bug)'}`),
    `losses~${magnitude(ledger.lost)}`,
    `full-syncs~${magnitude(syncs.full)}`, `partial-syncs~${magnitude(syncs.partialOk)}`, `refused-syncs~${magnitude(syncs.partialRefused)}`,
    `outage~${magnitude(Math.floor(report.unavailableMs / 1000))}`,
    ...(report.failovers ?? []).map(({ outcome }) => `failover:${outcome}`),
    `failovers~${magnitude(report.failovers?.length ?? 0)}`,
    // Which node ended as what tells nothing new, only how many did.
    ...endings(report).map(([ending, count]) => `ended:${ending}~${count}`),
  ]);
  return [...features].sort();
};

/** 16 hex digits from a run's features. */
export const signatureOf = (features: readonly Feature[]): string => {
  const lanes: Lanes = { lo: 0x6a09e667, hi: 0x3c6ef372 };
  for (const feature of features) rollText(lanes, feature);
  return lanesHex(lanes);
};

const counted = (what: string, counts: Readonly<Record<string, number>>): readonly Feature[] =>
  Object.entries(counts).map(([name, count]) => `${what}:${name}~${magnitude(count)}`);

/** 0, 1, 2, 4, 8, …: the power of two that the count has reached. */
const magnitude = (count: number): number => (count <= 0 ? 0 : 1 << (31 - Math.clz32(count)));

const endings = ({ nodes }: RunReport): readonly (readonly [string, number])[] => {
  const counts = new Map<string, number>();
  for (const { state, role } of nodes) {
    const ending = `${state} ${role ?? 'nothing'}`;
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return [...counts];
};
