/** Determinism: the same seed gives the same hash, another seed another one, and who watches changes nothing. */
import { describe, expect, it } from 'vitest';
import { TraceWriter } from '../../../../sim/trace/traceWriter.ts';
import { echoClient, echoLog, echoServer, makeWorld, must } from '../echo.ts';

const runEcho = (seed: number, lines: string[] | null): { hash: string; received: number; events: number } => {
  const world = makeWorld(seed);
  if (lines !== null) world.kernel.attach(new TraceWriter((line) => lines.push(line), seed));
  const log = echoLog();
  const servers = ['s1', 's2', 's3'].map((name) => world.process(name, echoServer));
  const addresses = servers.map((server) => server.machine.address);
  const clients = ['c1', 'c2', 'c3'].map((name) => world.process(name, echoClient(addresses, 100, log)));
  for (const process of [...servers, ...clients]) process.start();
  world.run(2);
  const partition = world.network.cut([[must(world.machines[0]).stack], world.machines.slice(1).map(({ stack }) => stack)]);
  world.run(2);
  partition.heal();
  must(servers[1]).kill();
  world.run(1);
  must(servers[1]).start();
  must(servers[2]).machine.power();
  world.run(1);
  must(servers[2]).machine.boot();
  must(servers[2]).start();
  world.run(5);
  return { hash: world.kernel.hash, received: log.received.length, events: world.kernel.events };
};

describe('a world of echo programs', () => {
  it('is the same for the same seed and differs for another', () => {
    const first = runEcho(1, null);
    expect(runEcho(1, null)).toEqual(first);
    expect(runEcho(2, null).hash).not.toBe(first.hash);
    expect(first.received).toBeGreaterThan(500);
  });

  it('is not changed by a sink, and the trace is complete and the same', () => {
    const lines: string[] = [];
    const again: string[] = [];
    expect(runEcho(3, lines)).toEqual(runEcho(3, null));
    runEcho(3, again);
    expect(again).toEqual(lines);
    const records = lines.slice(1).map((line) => JSON.parse(line) as { id: number; at: number; parent: number });
    expect(JSON.parse(must(lines[0]))).toMatchObject({ trace: 'faultline', version: 1, seed: 3 });
    for (const [index, record] of records.entries()) {
      expect(record.id).toBe(index + 1);
      expect(record.parent).toBeLessThan(record.id);
    }
  });
});
