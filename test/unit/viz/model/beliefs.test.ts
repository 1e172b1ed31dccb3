import { expect, test } from 'vitest';
import { buildBeliefs } from '../../../../viz/model/beliefs.ts';
import { played } from './played.ts';

test('before a failover all believe in the old primary, after it in the new one', () => {
  const { recording, scenario } = played('sentinel/primary-killed');
  const { topology } = scenario;
  const addressOf = (name: string): string | null => {
    const process = topology.processes.find((one) => one.name === name);
    const machine = topology.machines.find((one) => one.name === process?.machine);
    return process === undefined || machine === undefined ? null : `${machine.address}:${process.port}`;
  };
  const beliefs = buildBeliefs(recording, 0, addressOf);
  const at = (believer: string, time: number): string | null | undefined =>
    beliefs.find((belief) => belief.believer === believer)?.spans.find(({ from, to }) => from <= time && time < to)?.primary;
  const old = addressOf('redis-main');
  for (const believer of ['redis-sentinel-1', 'redis-sentinel-2', 'redis-sentinel-3', 'C1']) {
    expect(at(believer, 15_000_000), believer).toBe(old);
    expect(at(believer, 39_000_000), believer).not.toBe(old);
  }
  expect(at('redis-main', 25_000_000)).toBeUndefined();
  for (const { spans } of beliefs) {
    for (let index = 1; index < spans.length; index++) {
      expect(spans[index]?.from).toBeGreaterThanOrEqual(spans[index - 1]?.to as number);
    }
  }
});
