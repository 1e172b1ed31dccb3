/** A worker thread of `faultline check`: gets scenarios with some of their seeds, answers with what became of each run. */
import { parentPort } from 'node:worker_threads';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { type CellOutcome, runCheckCell } from '../check/cellRun.ts';

export interface CheckJob {
  readonly scenario: ResolvedScenario;
  readonly firstSeed: number;
  readonly seeds: number;
}

const work = ({ scenario, firstSeed, seeds }: CheckJob): readonly CellOutcome[] =>
  Array.from({ length: seeds }, (_, index) => runCheckCell(scenario, firstSeed + index));

parentPort?.on('message', (job: CheckJob) => parentPort?.postMessage(work(job)));
