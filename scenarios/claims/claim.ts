/**
 * What a claim is: a statement of the operator's notes (`seeds/claims.md`), the runs that put it to the test, and what to look at in
 * them. Data and pure functions: who runs it hands in how scenarios get their files.
 *
 * Always holds: a verdict follows from what the runs showed, by `judge` alone. `expected` is what the record says of it: where a run
 * says something else, `faultline claims` fails, and the record is never what is printed.
 */
import type { Scenario } from '../../sim/scenario.ts';
import type { ClusterCell } from '../quorum/clusterCells.ts';
import type { ClusterRow } from '../quorum/clusterTable.ts';
import type { QuorumCell } from '../quorum/cells.ts';
import type { QuorumRow } from '../quorum/table.ts';
import type { SeenRun } from './seen.ts';

export const CLAIM_GROUPS = ['standalone', 'replication', 'sentinel', 'cluster', 'persistence', 'kubernetes'] as const;

export type ClaimGroup = (typeof CLAIM_GROUPS)[number];

/**
 * `holds`: in all cases. `holds if`: only where the claim's condition is met. `refuted`: not even there, or a case without a
 * condition speaks against it.
 */
export type ClaimVerdict = 'holds' | 'holds if' | 'refuted';

/** What a case showed: whether the statement was true in it, and the figures that say so. */
export interface Observation {
  readonly holds: boolean;
  readonly evidence: string;
}

interface CaseCommon {
  /** Whether the claim's condition is met here; absent: the case speaks of the statement as it stands. */
  readonly condition?: 'met' | 'not met';
}

/** A scenario over some seeds. */
export interface ScenarioCase extends CaseCommon {
  readonly scenario: Scenario;
  readonly sentinelCells?: never;
  readonly clusterCells?: never;
  /** It is run with the seeds 1 to this; 1 when absent. */
  readonly seeds?: number;
  /** Another scenario that is run for comparison, with seed 1. */
  readonly against?: Scenario;
  /** `first` is the run of seed 1; `other` that of `against`, and the same as `first` without one. */
  observe(first: SeenRun, runs: readonly SeenRun[], other: SeenRun): Observation;
}

/** Cells of the availability table of Sentinel. */
export interface SentinelCellsCase extends CaseCommon {
  readonly sentinelCells: readonly QuorumCell[];
  readonly scenario?: never;
  readonly clusterCells?: never;
  observe(rows: readonly QuorumRow[]): Observation;
}

/** Cells of that of Cluster. */
export interface ClusterCellsCase extends CaseCommon {
  readonly clusterCells: readonly ClusterCell[];
  readonly scenario?: never;
  readonly sentinelCells?: never;
  observe(rows: readonly ClusterRow[]): Observation;
}

export type ClaimCase = ScenarioCase | SentinelCellsCase | ClusterCellsCase;

export interface Claim {
  /** Its number in the notes, from 1. */
  readonly n: number;
  readonly group: ClaimGroup;
  readonly statement: string;
  /** What must be so for the statement to hold; only where cases are told apart by it. */
  readonly condition?: string;
  readonly cases: readonly ClaimCase[];
  readonly expected: ClaimVerdict;
}

/** A case that was run. */
export interface CaseResult extends Observation {
  readonly condition?: 'met' | 'not met';
  /** The command that runs it again. */
  readonly replay: string;
}

export interface ClaimResult {
  readonly n: number;
  readonly group: ClaimGroup;
  readonly statement: string;
  readonly verdict: ClaimVerdict;
  /** Under what it holds; only of `holds if`. */
  readonly condition?: string;
  readonly evidence: string;
  /** Runs the case that decided again. */
  readonly replay: string;
  readonly expected: ClaimVerdict;
  readonly cases: readonly CaseResult[];
}

/** The verdict that follows from the cases, and the case that decided. */
export const judge = (cases: readonly CaseResult[]): { readonly verdict: ClaimVerdict; readonly decisive: CaseResult | undefined } => {
  const against = cases.find(({ condition, holds }) => condition !== 'not met' && !holds);
  if (against !== undefined) return { verdict: 'refuted', decisive: against };
  const unmet = cases.find(({ condition, holds }) => condition === 'not met' && !holds);
  return unmet === undefined ? { verdict: 'holds', decisive: cases[0] } : { verdict: 'holds if', decisive: unmet };
};
