/**
 * `npm run bench`: every figure of speed that the project promises, each as a ratio to a yardstick measured in the same
 * run, medians of several repetitions. Progress goes to standard error; `--json` prints one document and nothing else.
 */
import { styleFor, table } from '../../scenarios/cli/tables.ts';
import { bareHeapRate } from './bareHeap.ts';
import { busMessageBench, clusterBench, hundredNodesBench } from './cluster.ts';
import { eventQueueRate, kernelRate } from './eventQueue.ts';
import { linearizabilityBench } from './linearizability.ts';
import { memoryBench } from './memory.ts';
import { measure as rdbBench } from './rdb.ts';
import { type ScenarioRow, replicationBench, sentinelBench } from './scenario.ts';
import type { BenchRow } from './server.ts';
import { serverBench } from './server.ts';
import { workersBench } from './workers.ts';

const EVENTS = 2_000_000;
const REPETITIONS = 7;

const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A rate against the bare heap, the two measured in turn. */
const againstBareHeap = (name: string, target: number, rate: (events: number) => number): BenchRow => {
  const repetitions = [];
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const against = bareHeapRate(EVENTS);
    const value = rate(EVENTS);
    if (repetition > 0) repetitions.push({ value, against, ratio: value / against });
    progress(`${name}: ${Math.round(value)} events a second, bare heap ${Math.round(against)}`);
  }
  const median = repetitions.sort((left, right) => left.ratio - right.ratio)[Math.floor(REPETITIONS / 2)];
  if (median === undefined) throw new Error('no repetition was measured');
  return { name, unit: 'events/s', target, ...median };
};

const main = async (): Promise<void> => {
  const scenarios = [replicationBench(progress), sentinelBench(progress), clusterBench(progress), hundredNodesBench(progress)];
  const rows: BenchRow[] = [
    againstBareHeap('event queue, 256 pending', 0.6, eventQueueRate),
    // No target of its own: it shows what numbering, causes and the hash cost.
    againstBareHeap('kernel with causes and hash', 0, kernelRate),
    ...scenarios,
    busMessageBench(progress),
    linearizabilityBench(progress),
  ];
  progress('workers: a campaign on one thread and on two');
  rows.push(await workersBench(progress));
  progress('server: redis-benchmark against both servers, in turn');
  const server = await serverBench();
  if (server === null) progress('server: skipped, redis-server is missing (apt-get install redis-server redis-tools)');
  else rows.push(...server);
  const memory = await memoryBench(progress);
  if (memory !== null) rows.push(memory);
  progress('snapshots: a million keys saved and loaded by both servers');
  const snapshots = await rdbBench(progress);
  if (snapshots !== null) rows.push(...snapshots);
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(rows, null, 2)}\n` : text(rows, scenarios));
};

const text = (rows: readonly BenchRow[], scenarios: readonly ScenarioRow[]): string => {
  const style = styleFor(process.stdout);
  const lines = rows.map((row) => [
    row.name, String(Math.round(row.value)), row.unit, String(Math.round(row.against)), row.ratio.toFixed(2),
    ...(row.target === 0 ? ['-', '-'] : [String(row.target), row.ratio >= row.target ? 'reached' : 'falls short']),
  ]);
  return [
    table(style, ['figure', 'value', 'unit', 'against', 'ratio', 'target', ''], lines),
    '',
    ...scenarios.flatMap(({ name, eventsPerVirtualSecond }) => [
      `Events per virtual second of the ${name}`,
      table(style, ['kind', 'events'], Object.entries(eventsPerVirtualSecond).map(([kind, rate]) => [kind, String(rate)])), '',
    ]),
  ].join('\n');
};

await main();
