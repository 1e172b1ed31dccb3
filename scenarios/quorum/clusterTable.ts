/** The rows of the cluster's availability table, made of the runs of its cells and held against counting. */
import type { ClusterCellRun } from './clusterCellRun.ts';
import { type ClusterCell, type Served, expectedService } from './clusterCells.ts';

/** One cell of the JSON document. */
export interface ClusterRow extends ClusterCell {
  /** What was served at the end, in every run; `mixed` where runs differ. */
  readonly state: Served | 'mixed';
  /** What counting says. */
  readonly expected: Served;
  /** From the last failure until all was served again; null where that did not happen. */
  readonly recoveredMs: { readonly median: number; readonly max: number } | null;
  readonly seeds: number;
  /** Runs that differ from counting, or violated a safety check: seed and what. */
  readonly differs: readonly { readonly seed: number; readonly what: string }[];
}

export const clusterRow = (cell: ClusterCell, runs: readonly ClusterCellRun[]): ClusterRow => {
  const expected = expectedService(cell);
  const states = new Set(runs.map(({ served }) => served));
  const [first] = states;
  const times = runs.map(({ recoveredMs }) => recoveredMs).filter((time) => time !== null).sort((left, right) => left - right);
  return {
    ...cell, expected, seeds: runs.length, state: states.size === 1 && first !== undefined ? first : 'mixed',
    recoveredMs: times.length === 0 ? null : { median: times[(times.length - 1) >> 1] as number, max: times.at(-1) as number },
    differs: runs.flatMap((run) => [
      ...(run.served === expected ? [] : [{ seed: run.seed, what: `served ${run.served}, counting says ${expected}` }]),
      ...run.violated.map((name) => ({ seed: run.seed, what: `${name} violated` })),
    ]),
  };
};
