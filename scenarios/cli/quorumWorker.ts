/** A worker thread of the availability tables: gets cells one at a time, answers each with its row. */
import { parentPort, workerData } from 'node:worker_threads';
import { runClusterCell } from '../quorum/clusterCellRun.ts';
import type { ClusterCell } from '../quorum/clusterCells.ts';
import { type ClusterRow, clusterRow } from '../quorum/clusterTable.ts';
import type { QuorumCell } from '../quorum/cells.ts';
import { runCell } from '../quorum/cellRun.ts';
import { type QuorumRow, quorumRow } from '../quorum/table.ts';

export interface QuorumSetup {
  readonly firstSeed: number;
  readonly seeds: number;
  /** A cluster's run takes longer, and varies less. */
  readonly clusterSeeds: number;
}

export type QuorumJob =
  | { readonly kind: 'sentinel'; readonly cell: QuorumCell }
  | { readonly kind: 'cluster'; readonly cell: ClusterCell };

export type QuorumResult =
  | { readonly kind: 'sentinel'; readonly row: QuorumRow }
  | { readonly kind: 'cluster'; readonly row: ClusterRow };

const { firstSeed, seeds, clusterSeeds } = workerData as QuorumSetup;

const over = <Run>(count: number, run: (seed: number) => Run): readonly Run[] =>
  Array.from({ length: count }, (_, index) => run(firstSeed + index));

const work = (job: QuorumJob): QuorumResult => (job.kind === 'sentinel'
  ? { kind: 'sentinel', row: quorumRow(job.cell, over(seeds, (seed) => runCell(job.cell, seed))) }
  : { kind: 'cluster', row: clusterRow(job.cell, over(clusterSeeds, (seed) => runClusterCell(job.cell, seed))) });

parentPort?.on('message', (job: QuorumJob) => parentPort?.postMessage(work(job)));
