/** One run of one cell of the cluster's table: primaries fail at once, or one by one, each 40 s after the one before. */
import { type ClusterOutcome, type PlanEntry, type ResolvedScenario, observeCluster } from '../../sim/index.ts';
import { at, kill } from '../plan.ts';
import { clusterTopology } from '../topologies.ts';
import type { ClusterCell } from './clusterCells.ts';

export const CLUSTER_NODE_TIMEOUT_MS = 5000;

export interface ClusterCellRun extends ClusterOutcome {
  readonly seed: number;
}

/** Forming the cluster takes some ten seconds. */
const STRIKE_MS_MIN = 25_000;
const STRIKE_MS_SPREAD = 5000;
const STRIKE_MS_STEP = 3929;
/** Long enough for a failover and for the failed one's FAIL to be known to all. */
const BETWEEN_MS = 40_000;
/** Two votes that split are asked for again after four node timeouts; twice that is enough. */
const HORIZON_MS = 60_000;

export const runClusterCell = (cell: ClusterCell, seed: number): ClusterCellRun => {
  const firstStrikeMs = STRIKE_MS_MIN + ((seed * STRIKE_MS_STEP) % STRIKE_MS_SPREAD);
  const times = Array.from({ length: cell.failed }, (_, index) => firstStrikeMs + (cell.order === 'at once' ? 0 : index * BETWEEN_MS));
  const lastStrikeMs = times.at(-1) ?? firstStrikeMs;
  return { seed, ...observeCluster({
    scenario: clusterCellScenario(cell, times), firstStrikeMs, lastStrikeMs, horizonMs: HORIZON_MS,
  }, seed) };
};

/** The cell as a scenario: data that `faultline run` takes too. */
export const clusterCellScenario = (cell: ClusterCell, timesMs: readonly number[]): ResolvedScenario => ({
  name: `quorum/cluster-${cell.primaries}-${cell.replicas}-${cell.failed}-${cell.order.replaceAll(' ', '-')}`,
  teaches: `${cell.primaries} primaries with ${cell.replicas} replicas each: ${cell.failed} of them fail ${cell.order}`,
  topology: clusterTopology({
    primaries: cell.primaries, replicasEach: cell.replicas, nodeTimeoutMs: CLUSTER_NODE_TIMEOUT_MS,
    directives: [['repl-diskless-sync-delay', '0'], ['cluster-require-full-coverage', cell.fullCoverage ? 'yes' : 'no'],
      ['cluster-allow-replica-migration', 'no']],
  }),
  workload: { clients: [], probes: [] },
  plan: timesMs.map((timeMs, index): PlanEntry => kill(at(timeMs), `n${index + 1}`)),
  durationMs: (timesMs.at(-1) ?? 0) + HORIZON_MS,
  settlingMs: 0,
  expects: { verdicts: {} },
});
