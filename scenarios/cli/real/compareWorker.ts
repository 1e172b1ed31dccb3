/** A worker thread of `faultline compare`: gets seeds one at a time, answers each with a virtual run's measures. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import { measureVirtual } from './measureVirtual.ts';

parentPort?.on('message', (seed: number) => parentPort?.postMessage(measureVirtual(workerData as ResolvedScenario, seed)));
