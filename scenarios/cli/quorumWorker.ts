/** A worker thread of the availability table: gets cells one at a time, answers each with its row. */
import { parentPort, workerData } from 'node:worker_threads';
import type { QuorumCell } from '../quorum/cells.ts';
import { runCell } from '../quorum/cellRun.ts';
import { quorumRow } from '../quorum/table.ts';

export interface QuorumSetup {
  readonly firstSeed: number;
  readonly seeds: number;
}

const { firstSeed, seeds } = workerData as QuorumSetup;

parentPort?.on('message', (cell: QuorumCell) => {
  const runs = Array.from({ length: seeds }, (_, index) => runCell(cell, firstSeed + index));
  parentPort?.postMessage(quorumRow(cell, runs));
});
