/**
 * What makes a run interesting: it lost most, it was away longest, or nothing like it was seen. Each objective keeps a short list of
 * the best; they are what a report shows, and where a search goes on.
 *
 * Always holds: of equal runs the earlier one stays, so the lists follow from the order of the runs alone.
 */
import type { Candidate } from './candidate.ts';
import type { RunSummary } from './runSummary.ts';
import type { Feature } from './signature.ts';

export const OBJECTIVES = ['loss', 'outage', 'rare'] as const;

export type Objective = (typeof OBJECTIVES)[number];

/** How many runs an objective remembers. */
export const KEPT_MAX = 16;

/** A run that a search remembers. */
export interface Interesting extends Candidate {
  readonly traceHash: string;
  readonly entries: number;
  readonly lost: number;
  readonly unavailableMs: number;
  readonly signature: string;
  readonly features: readonly Feature[];
  /** How often the search went on from here. */
  readonly tried: number;
}

export type Best = Readonly<Record<Objective, readonly Interesting[]>>;

export const NOTHING_YET: Best = { loss: [], outage: [], rare: [] };

/** How many runs had the rarest of the features. `counts` has all features of all runs so far. */
export const rarityOf = (features: readonly Feature[], counts: ReadonlyMap<Feature, number>): number =>
  features.reduce((rarest, feature) => Math.min(rarest, counts.get(feature) ?? 0), Number.MAX_SAFE_INTEGER);

/** The lists with one more run. `counts` counts its features already. */
export const remember = (
  best: Best, candidate: Candidate, run: RunSummary, counts: ReadonlyMap<Feature, number>,
): Best => {
  const { traceHash, entries, lost, unavailableMs, signature, features } = run;
  const one: Interesting = { ...candidate, traceHash, entries, lost, unavailableMs, signature, features, tried: 0 };
  return {
    loss: lost === 0 ? best.loss : keep([...best.loss, one], (left, right) => right.lost - left.lost),
    outage: unavailableMs === 0 ? best.outage
      : keep([...best.outage, one], (left, right) => right.unavailableMs - left.unavailableMs),
    // One of each signature, or a single odd course would fill the list with its likes.
    rare: best.rare.some((known) => known.signature === signature) ? best.rare
      : keep([...best.rare, one], (left, right) => rarityOf(left.features, counts) - rarityOf(right.features, counts)),
  };
};

/** Sorting is stable: of equals the one that came first stays. */
const keep = (list: readonly Interesting[], order: (left: Interesting, right: Interesting) => number): readonly Interesting[] =>
  [...list].sort(order).slice(0, KEPT_MAX);
