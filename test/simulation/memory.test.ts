/**
 * A world that goes on must not grow by what it does, only by what must be remembered. Probes overwrite a fixed set of keys
 * and leave no history of their own; what the disks hold (append-only files) is subtracted. What is left per write are the
 * streams and digests that checks compare with, and backlogs up to their bound.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { micros } from '../../engine/index.ts';
import { NO_ENGINE_BUGS } from '../../sim/node/serverProgram.ts';
import { World } from '../../sim/world.ts';
import { withPlan } from './resolved.ts';

const PROBES = 16;
const WRITES_PER_PROBE_MINUTE = 600;
const MICROS_PER_MINUTE = 60_000_000;
const WARM_MINUTES = 3;
const MEASURED_MINUTES = 4;
/** Measured: 70. While files and streams were kept as they were pieced together it was 490. */
const BYTES_PER_WRITE_MAX = 200;

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

test('memory grows by what is remembered of each write, and by nothing else', () => {
  const collect = collector();
  const minutes = WARM_MINUTES + MEASURED_MINUTES;
  const base = withPlan('replication/primary-power-loss', [], (minutes + 1) * 60_000, 10_000);
  const [first] = base.workload.probes;
  if (first === undefined) throw new Error('the scenario has no probe');
  const probes = Array.from({ length: PROBES }, (_, index) => ({ ...first, name: `P${index}` }));
  const world = new World({ ...base, workload: { clients: [], probes } }, 1, NO_ENGINE_BUGS, null);
  world.start();
  /** Bytes of the heap without what the disks hold. */
  const heapAt = (minute: number): number => {
    world.kernel.runUntil(micros(minute * MICROS_PER_MINUTE));
    collect();
    const disks = world.views.reduce((sum, view) => sum + view.process.directory.size(), 0);
    return process.memoryUsage().heapUsed - disks;
  };
  const before = heapAt(WARM_MINUTES);
  const written = world.views.map((view) => view.offset);
  const growth = heapAt(minutes) - before;
  expect(world.views.every((view, place) => view.offset > (written[place] as number))).toBe(true);
  expect(world.probes.every((probe) => probe.write.failures === 0)).toBe(true);
  const perWrite = growth / (PROBES * WRITES_PER_PROBE_MINUTE * MEASURED_MINUTES);
  expect(perWrite).toBeLessThan(BYTES_PER_WRITE_MAX);
});
