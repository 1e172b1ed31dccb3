/**
 * How a campaign scales: runs a second of `sentinel/chaos` with two workers over those with one, against what two bare workers that
 * do nothing but compute give over one, measured in turn. The target: nine tenths of that. A machine without two free cores scales
 * neither.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { findScenario, resolve } from '../../scenarios/index.ts';
import type { ExploreJob, ExploreResult } from '../../scenarios/cli/exploreWorker.ts';
import { readerIn } from '../../scenarios/cli/files.ts';
import { WorkerPool } from '../../scenarios/cli/workerPool.ts';
import type { BenchRow } from './server.ts';

const SCENARIO = 'sentinel/chaos';
const RUNS_EACH = 12;
const BARE_STEPS = 200_000_000;
const REPETITIONS = 3;
const TARGET = 0.9;
const WORKERS = [1, 2] as const;

/** A worker that counts, and answers when it is done. */
const BARE_PROGRAM = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (steps) => {
    let state = 1;
    for (let step = 0; step < steps; step++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    parentPort.postMessage(state);
  });
`;

const poolOf = (workers: number): WorkerPool<ExploreJob, ExploreResult> => {
  const scenario = findScenario(SCENARIO);
  if (scenario === null) throw new Error(`no scenario is called ${SCENARIO}`);
  return new WorkerPool({
    program: new URL('../../scenarios/cli/exploreWorker.js', import.meta.url), workers,
    setup: { scenarios: [resolve(scenario, readerIn(null))], planted: [], modules: [] },
  });
};

/** Runs a second; the same seeds for each worker count, so that the work is the same. */
const campaignRate = async (pool: WorkerPool<ExploreJob, ExploreResult>): Promise<number> => {
  const jobs = Array.from({ length: RUNS_EACH }, (_, seed): ExploreJob => ({ kind: 'run', scenario: 0, candidate: { seed } }));
  const started = performance.now();
  await pool.run(jobs);
  return (RUNS_EACH * 1000) / (performance.now() - started);
};

const bareRate = async (bare: readonly Worker[]): Promise<number> => {
  const started = performance.now();
  await Promise.all(bare.map((worker) => new Promise((done) => {
    worker.once('message', done);
    worker.postMessage(BARE_STEPS / bare.length);
  })));
  return 1000 / (performance.now() - started);
};

export const workersBench = async (onProgress: (line: string) => void): Promise<BenchRow> => {
  const pools = WORKERS.map(poolOf);
  const bare = WORKERS.map((count) => Array.from({ length: count }, () => new Worker(BARE_PROGRAM, { eval: true })));
  const repetitions: Pick<BenchRow, 'value' | 'against' | 'ratio'>[] = [];
  try {
    // The first one starts the workers and warms up their compilers.
    for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
      const [one, two] = [await campaignRate(pools[0] as typeof pools[number]), await campaignRate(pools[1] as typeof pools[number])];
      const [bareOne, bareTwo] = [await bareRate(bare[0] ?? []), await bareRate(bare[1] ?? [])];
      const value = (100 * two) / one;
      const against = (100 * bareTwo) / bareOne;
      if (repetition > 0) repetitions.push({ value, against, ratio: value / against });
      onProgress(`workers: ${one.toFixed(1)} and ${two.toFixed(1)} runs a second, bare workers come to ${Math.round(against)} % of one`);
    }
  } finally {
    await Promise.all([...pools.map((pool) => pool.close()), ...bare.flat().map((worker) => worker.terminate())]);
  }
  const median = repetitions.sort((left, right) => left.ratio - right.ratio)[Math.floor(REPETITIONS / 2)];
  if (median === undefined) throw new Error('no repetition was measured');
  return { name: 'two workers over one, a campaign', unit: '% of one', target: TARGET, ...median };
};

/** `node dist/test/bench/workers.js`: this figure alone. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { value, against, ratio } = await workersBench((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`two workers: ${Math.round(value)} % of one, bare ones ${Math.round(against)} %, ratio ${ratio.toFixed(2)} (target ${TARGET})\n`);
}
