/** A worker thread of the determinism campaign: gets seeds one at a time, answers each with the hashes of its two runs. */
import { parentPort } from 'node:worker_threads';
import { runTwice } from './twice.ts';

parentPort?.on('message', (seed: number) => parentPort?.postMessage(runTwice(seed)));
