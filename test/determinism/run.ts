/**
 * `npm run determinism`: a thousand drawn worlds, each run twice, on all cores. Prints progress and a summary; exit status 1 with the
 * seed and the first event that differs where two runs of one seed are not the same.
 *
 *     npm run determinism -- [--runs N] [--first SEED] [--workers W]
 */
import { availableParallelism } from 'node:os';
import { describeDifference } from '../../scenarios/cli/verify.ts';
import { runJobs } from '../../scenarios/cli/workerPool.ts';
import { verifyScenario } from '../../sim/index.ts';
import { countOf, flagsOf } from '../support/flags.ts';
import type { TwoRuns } from './twice.ts';
import { drawnWorld } from './worlds.ts';

const PROGRESS_STEP = 50;

const { values } = flagsOf({ options: {
  runs: { type: 'string', default: '1000' }, first: { type: 'string', default: '1' }, workers: { type: 'string' },
} });
const runs = countOf('runs', values.runs);
const first = countOf('first', values.first);
const workers = values.workers === undefined ? availableParallelism() : countOf('workers', values.workers);
const seeds = Array.from({ length: runs }, (_, index) => first + index);

const results = await runJobs<number, TwoRuns>({
  program: new URL('./worker.js', import.meta.url), setup: null, jobs: seeds, workers,
  onProgress: (done) => {
    if (done % PROGRESS_STEP === 0 || done === runs) process.stderr.write(`${done} of ${runs}\n`);
  },
});
const differing = results.filter(({ hashes: [once, again] }) => once !== again);
const byTopology = new Map<string, number>();
for (const { topology } of results) byTopology.set(topology, (byTopology.get(topology) ?? 0) + 1);
for (const [topology, count] of [...byTopology].sort(([left], [right]) => (left < right ? -1 : 1))) {
  process.stdout.write(`${String(count).padStart(6)}  ${topology}\n`);
}
for (const { seed } of differing) {
  const verified = verifyScenario(drawnWorld(seed), seed);
  process.stdout.write(`seed ${seed}: ${verified.equal ? 'differed, and does not any more' : describeDifference(verified.firstDifference)}\n`);
}
const events = results.reduce((sum, one) => sum + one.events, 0);
process.stdout.write(`${runs} worlds run twice, ${events} events each time: ${differing.length} differ\n`);
process.exitCode = differing.length === 0 ? 0 : 1;
