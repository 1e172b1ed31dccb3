/**
 * The speed of the whole virtual world: virtual seconds per wall second, on one core, with three clients at 10 operations a
 * second, hash and online checks on: `replication/primary-power-loss` as it is, and 60 seconds of the deployment with sentinels.
 *
 * The targets, 2000 and 1500, were set on a machine whose bare heap made 4.5 million events a second; here it is scaled by the bare
 * heap of the same moment, so the ratio says the same on any machine. Events per virtual second by kind stand beside it:
 * the cheapest way to be fast is to do less, and a drop there must be explained.
 */
import { readerIn } from '../../scenarios/cli/files.ts';
import { resolve } from '../../scenarios/index.ts';
import { primaryPowerLoss } from '../../scenarios/replication/primaryPowerLoss.ts';
import { primaryKilled } from '../../scenarios/sentinel/primaryDies.ts';
import { type Scenario, runScenario } from '../../sim/index.ts';
import { bareHeapRate } from './bareHeap.ts';
import type { BenchRow } from './server.ts';

const REPLICATION_TARGET = 2000;
const SENTINEL_TARGET = 1500;
const SENTINEL_MS = 60_000;
const TARGET_BARE_HEAP_RATE = 4_500_000;
const BARE_HEAP_EVENTS = 2_000_000;
const REPETITIONS = 7;
/** A repetition runs seed after seed for at least this long: one run alone would measure the clock. */
const REPETITION_MS_MIN = 1000;

export interface ScenarioRow extends BenchRow {
  readonly eventsPerVirtualSecond: Readonly<Record<string, number>>;
}

export const replicationBench = (onProgress: Progress): ScenarioRow =>
  measure('replication scenario, three clients', primaryPowerLoss, REPLICATION_TARGET, onProgress);

export const sentinelBench = (onProgress: Progress): ScenarioRow => measure('sentinel deployment, three clients',
  { ...primaryKilled, plan: [], durationMs: SENTINEL_MS, settlingMs: 0 }, SENTINEL_TARGET, onProgress);

export type Progress = (line: string) => void;

export const measure = (name: string, unresolved: Scenario, target: number, onProgress: Progress): ScenarioRow => {
  const scenario = resolve(unresolved, readerIn(null));
  const repetitions = [];
  let seed = 1;
  // The first one warms up the compiler.
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const heapRate = bareHeapRate(BARE_HEAP_EVENTS);
    const against = (target * heapRate) / TARGET_BARE_HEAP_RATE;
    const started = performance.now();
    let virtualMs = 0;
    while (performance.now() - started < REPETITION_MS_MIN) virtualMs += runScenario(scenario, seed++, {}).virtualMs;
    const value = virtualMs / (performance.now() - started);
    if (repetition > 0) repetitions.push({ value, against, ratio: value / against });
    onProgress(`${name}: ${Math.round(value)} virtual seconds a second, bare heap ${Math.round(heapRate)} a second`);
  }
  const median = repetitions.sort((left, right) => left.ratio - right.ratio)[Math.floor(REPETITIONS / 2)];
  if (median === undefined) throw new Error('no repetition was measured');
  const report = runScenario(scenario, 1, {});
  return {
    name, unit: 'virtual seconds/second', target: 1, ...median,
    eventsPerVirtualSecond: Object.fromEntries(Object.entries(report.eventsByKind).map(
      ([kind, count]) => [kind, Math.round((count * 100_000) / report.virtualMs) / 100])),
  };
};
