/**
 * One run of one cell: a primary with a replica and its sentinels, each on a machine of its own; the primary and some sentinels
 * die at one instant; what the others then reach, and when.
 */
import { type FailoverOutcome, type PlanEntry, type ResolvedScenario, observeFailover } from '../../sim/index.ts';
import { at, kill } from '../plan.ts';
import { sentinelTopology } from '../topologies.ts';
import type { QuorumCell } from './cells.ts';

/** What the sentinels are configured with. */
export interface CellTiming {
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
}

export const TABLE_TIMING: CellTiming = { downAfterMs: 3000, failoverTimeoutMs: 18_000 };
export const TRIES_MAX = 3;

export interface CellRun extends FailoverOutcome {
  readonly seed: number;
}

/** The fault strikes between these, so that it meets every phase of the INFO and hello periods. */
const STRIKE_MS_MIN = 8000;
const STRIKE_MS_SPREAD = 10_000;
/** Spreads neighbouring seeds: coprime to the spread. */
const STRIKE_MS_STEP = 7919;

export const runCell = (cell: QuorumCell, seed: number, timing: CellTiming = TABLE_TIMING): CellRun => {
  const strikeMs = STRIKE_MS_MIN + ((seed * STRIKE_MS_STEP) % STRIKE_MS_SPREAD);
  return { seed, ...observeFailover({ scenario: cellScenario(cell, strikeMs, timing), strikeMs, triesMax: TRIES_MAX }, seed) };
};

/** The cell as a scenario: data that `faultline run` takes too. */
export const cellScenario = (
  { sentinels, quorum, failed }: QuorumCell, strikeMs: number, { downAfterMs, failoverTimeoutMs }: CellTiming = TABLE_TIMING,
): ResolvedScenario => ({
  name: `quorum/${sentinels}-${quorum}-${failed}`,
  teaches: `${sentinels} sentinels, quorum ${quorum}: ${failed} of them die with the primary`,
  topology: sentinelTopology({
    replicas: 1, sentinels, quorum, placement: 'apart', downAfterMs, failoverTimeoutMs,
    directives: [['repl-diskless-sync-delay', '0']],
  }),
  workload: { clients: [], probes: [] },
  plan: [kill(at(strikeMs), 'n1'), ...Array.from({ length: failed }, (_, index): PlanEntry => kill(at(strikeMs), `s${index + 1}`))],
  durationMs: strikeMs + (TRIES_MAX * 2 * failoverTimeoutMs),
  settlingMs: 0,
  expects: { verdicts: {} },
});
