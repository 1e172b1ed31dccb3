/** A worker thread of `faultline compare`: gets a scenario and a seed at a time, answers each with a virtual run's measures. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError } from '../../../engine/core/errors.ts';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import { measureVirtual } from './measureVirtual.ts';

export interface VirtualJob {
  /** Of the scenario among those that the worker was started with. */
  readonly place: number;
  readonly seed: number;
}

parentPort?.on('message', ({ place, seed }: VirtualJob) => {
  const scenario = (workerData as readonly ResolvedScenario[])[place];
  if (scenario === undefined) throw new InvariantError(`there is no scenario ${place}`);
  parentPort?.postMessage(measureVirtual(scenario, seed));
});
