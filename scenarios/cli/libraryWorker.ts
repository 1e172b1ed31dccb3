/** A worker thread of the library: loads the user's modules once, then gets seeds one at a time and answers each with its result. */
import { parentPort, workerData } from 'node:worker_threads';
import { type LibrarySetup, loadOwn, runSeed } from './libraryRun.ts';

const { scenario, modules, bugs } = workerData as LibrarySetup;
const own = await loadOwn(modules);

parentPort?.on('message', (seed: number) => parentPort?.postMessage(runSeed(scenario, seed, own, bugs)));
