/** Lanes from lines of a trace. */
import { expect, test } from 'vitest';
import type { Topology } from '../../../sim/topology/topology.ts';
import { LaneBuilder } from '../../../viz/laneBuilder.ts';

const topology: Topology = {
  name: 't',
  machines: [{ name: 'm', zone: 'z', address: '10.0.0.1' }],
  processes: [{
    name: 'a', kind: 'redis', machine: 'm', port: 6379, aliases: [], directives: [], restart: 'no', persistentData: false, origin: 't',
  }],
  warnings: [],
};

const record = (atMs: number, kind: string, node: string, detail: object = {}): string =>
  JSON.stringify({ id: 1, at: atMs * 1000, parent: 0, kind, node, a: 0, b: 0, ...detail });

test('a node is what its notes say until it is paused, killed or without power', () => {
  const builder = new LaneBuilder(topology, ['C1'], 35);
  builder.line(JSON.stringify({ trace: 'faultline', version: 1, seed: 1 }));
  builder.line(record(1, 'note', 'a', { note: { kind: 'role', role: 'primary', primary: null, because: [] } }));
  builder.line(record(5, 'complete', 'C1', { outcome: 'ok' }));
  builder.line(record(10, 'pause', 'a'));
  builder.line(record(12, 'complete', 'C1', { outcome: 'unknown' }));
  builder.line(record(20, 'unpause', 'a'));
  builder.line(record(21, 'segment', 'a'));
  builder.line(record(30, 'power', 'machine/m'));
  builder.line(record(36, 'complete', 'C1', { outcome: 'ok' }));
  expect(builder.finish(40)).toEqual([
    {
      name: 'a',
      spans: [
        { state: 'dead', fromMs: 0, toMs: 1 }, { state: 'primary', fromMs: 1, toMs: 10 }, { state: 'paused', fromMs: 10, toMs: 20 },
        { state: 'primary', fromMs: 20, toMs: 30 }, { state: 'dead', fromMs: 30, toMs: 40 },
      ],
    },
    {
      name: 'C1',
      spans: [
        { state: 'idle', fromMs: 0, toMs: 5 }, { state: 'served', fromMs: 5, toMs: 12 }, { state: 'outage', fromMs: 12, toMs: 35 },
      ],
    },
  ]);
});
