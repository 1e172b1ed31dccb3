/** The time from the kill of a primary to the switch: the median of virtual runs against that of real ones, measured here. */
import { describe, expect, it } from 'vitest';
import { runCell } from '../../scenarios/quorum/cellRun.ts';
import { type ServerProcess, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment } from '../support/sentinelDeployment.ts';

const TEST_MS = 240_000;
const REAL_RUNS = 9;
const VIRTUAL_RUNS = 20;
const TIMING = { downAfterMs: 2000, failoverTimeoutMs: 18_000 };
/** How far the medians may be apart. */
const TOLERANCE = 0.1;

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[values.length >> 1] as number;

const realRun = async (): Promise<number> => {
  let tookMs = 0;
  await Deployment.with({ servers: ['redis', 'redis'], sentinels: ['redis', 'redis', 'redis'], quorum: 2, ...TIMING }, async (deployment) => {
    const killedAt = Date.now();
    const old = deployment.servers[0] as ServerProcess;
    await old.stop();
    // Who asks is told of the new primary from its promotion on: the switch itself is an event of its own, a little later.
    const switches = await eventually(() => deployment.sentinels.flatMap(({ events }) =>
      events.filter(({ event }) => event === '+switch-master')), (events) => events.length > 0);
    tookMs = Math.min(...switches.map(({ atMs }) => atMs)) - killedAt;
  });
  return tookMs;
};

requireRedis(() => describe('from kill to switch', () => {
  it('the virtual median lies within a tenth of the real one', async () => {
    const real: number[] = [];
    for (let run = 0; run < REAL_RUNS; run++) real.push(await realRun());
    const virtual = Array.from({ length: VIRTUAL_RUNS }, (_, index) =>
      runCell({ sentinels: 3, quorum: 2, failed: 0 }, index + 1, TIMING).failoverMs ?? Infinity);
    const ratio = median(virtual) / median(real);
    expect(Math.abs(ratio - 1), `virtual ${virtual.join(' ')} ms, real ${real.join(' ')} ms`).toBeLessThan(TOLERANCE);
  }, TEST_MS);
}));
