/** Entrypoints in a small world: sentinels that answer or not, ports that open or not, and the directives that come out. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ReplyDecoder, encodeReply } from '../../../../engine/index.ts';
import type { ProcessEnd, Program } from '../../../../sim/node/simProcess.ts';
import { SimProcess } from '../../../../sim/node/simProcess.ts';
import { runEntrypoint } from '../../../../sim/topology/entrypoint.ts';
import type { AskSentinels, ProcessSpec } from '../../../../sim/topology/topology.ts';
import { SECOND, type World, makeWorld } from '../echo.ts';

type Directives = ProcessSpec['directives'];

const SENTINEL_PORT = 26379;

/** Answers every request with the address; null: it knows none. */
const sentinelThatSays = (address: readonly [string, number] | null, heard: string[] = []): Program => (host) => {
  const answer = address === null ? null : [bytes(address[0]), bytes(String(address[1]))];
  host.listen(bytes(''), SENTINEL_PORT, (connection) => {
    const decoder = new ReplyDecoder();
    return {
      onData: (chunk: Bytes): void => {
        decoder.push(chunk);
        for (let request = decoder.next(); request !== undefined; request = decoder.next()) {
          heard.push(String(request));
          connection.write(encodeReply(answer, 2));
        }
      },
      onWritable: () => undefined,
      onClose: () => undefined,
    };
  }, () => undefined);
};

const openPort = (port: number, afterMs: number): Program => (host) => {
  host.setTimer(afterMs as never, () => {
    host.listen(bytes(''), port, () => ({ onData: () => {}, onWritable: () => {}, onClose: () => {} }), () => undefined);
  });
};

const ask: AskSentinels = {
  primaryName: 'mymain', sentinels: ['machine-s1:26379', 'machine-s2:26379'], password: null, tries: 1, pauseMs: 5000,
  otherwise: 'exit',
};

const node: ProcessSpec = {
  name: 'n1', kind: 'redis', machine: 'machine-n1', port: 6379, aliases: ['node-one'],
  directives: [['appendonly', 'yes'], ['replicaof', '10.0.0.9', '6379']], restart: 'no', persistentData: false, origin: 'test',
};

interface Outcome {
  world: World;
  started: { directives: Directives; atMs: number }[];
  ends: ProcessEnd[];
}

/** Runs the entrypoint beside other processes, each on its own machine from 10.0.0.1 on; it comes last. */
const run = (spec: ProcessSpec, others: Readonly<Record<string, Program>>, seconds: number, startsBefore = 1): Outcome => {
  const world = makeWorld(3);
  for (const [name, program] of Object.entries(others)) {
    const process = world.process(name, program);
    world.network.names.set(bytes(`machine-${name}`), [process.machine.address], 0);
    process.start();
  }
  const started: Outcome['started'] = [];
  const ends: ProcessEnd[] = [];
  const machine = world.machine('machine-n1');
  const process = new SimProcess(machine, {
    name: 'n1',
    program: (host) => runEntrypoint(host, spec, machine.address, startsBefore, (directives) => {
      started.push({ directives, atMs: Math.floor(world.kernel.now / 1000) });
    }),
    onExit: (_, end) => { ends.push(end); },
  });
  process.start();
  world.run(seconds);
  return { world, started, ends };
};

const EXIT: ProcessEnd = { kind: 'exit', status: 1 };

describe('runEntrypoint', () => {
  test('starts at once without an entrypoint, and at the first start with one', () => {
    const asking = { ...node, entrypoint: { ask, waitForPrimaryMs: 30_000 } };
    for (const [spec, startsBefore] of [[node, 1], [asking, 0]] as const) {
      const { started, ends } = run(spec, {}, 60, startsBefore);
      expect(started).toEqual([{ directives: node.directives, atMs: 0 }]);
      expect(ends).toEqual([]);
    }
  });

  test('follows whom the first sentinel that knows names', () => {
    const heard: string[] = [];
    const { started } = run({ ...node, entrypoint: { ask, waitForPrimaryMs: 0 } }, {
      s1: sentinelThatSays(null), s2: sentinelThatSays(['10.0.0.7', 6380], heard),
    }, 5);
    expect(started.map(({ directives }) => directives)).toEqual([[['appendonly', 'yes'], ['replicaof', '10.0.0.7', '6380']]]);
    expect(heard).toEqual(['SENTINEL,get-master-addr-by-name,mymain']);
  });

  test.each(['10.0.0.2', 'n1', 'node-one'])('is the primary when they name itself (%s)', (own) => {
    const { started } = run({ ...node, entrypoint: { ask, waitForPrimaryMs: 30_000 } }, { s1: sentinelThatSays([own, 6379]) }, 5);
    expect(started.map(({ directives }) => directives)).toEqual([[['appendonly', 'yes']]]);
  });

  test('is not the primary when they name its machine with another port', () => {
    const { started } = run({ ...node, entrypoint: { ask, waitForPrimaryMs: 0 } }, { s1: sentinelThatSays(['n1', 6380]) }, 5);
    expect(started[0]?.directives).toContainEqual(['replicaof', 'n1', '6380']);
  });

  test('says the password first', () => {
    const heard: string[] = [];
    run({ ...node, entrypoint: { ask: { ...ask, password: 'tell' }, waitForPrimaryMs: 0 } }, {
      s1: sentinelThatSays(['10.0.0.7', 6379], heard),
    }, 5);
    expect(heard[0]).toBe('AUTH,tell');
  });

  test('ends with status 1 when nobody knows, after all tries', () => {
    const once = run({ ...node, entrypoint: { ask, waitForPrimaryMs: 0 } }, { s1: sentinelThatSays(null) }, 4);
    expect([once.started, once.ends]).toEqual([[], [EXIT]]);
    const heard: string[] = [];
    const thrice = { ...node, entrypoint: { ask: { ...ask, tries: 3 }, waitForPrimaryMs: 0 } };
    const early = run(thrice, { s1: sentinelThatSays(null, heard) }, 9);
    expect([early.ends, heard.length]).toEqual([[], 2]);
    expect(run(thrice, { s1: sentinelThatSays(null) }, 15).ends).toEqual([EXIT]);
  });

  test('takes itself for the primary when nobody knows, if the chart has it so', () => {
    const { started, ends } = run({ ...node, entrypoint: { ask: { ...ask, otherwise: 'primary' }, waitForPrimaryMs: 0 } }, {}, 5);
    expect(started.map(({ directives }) => directives)).toEqual([[['appendonly', 'yes']]]);
    expect(ends).toEqual([]);
  });

  test('waits for the port of the primary', () => {
    const waiting = {
      ...node, directives: [['replicaof', 'machine-p', '6379']], entrypoint: { ask: null, waitForPrimaryMs: 30_000 },
    };
    const { started, ends } = run(waiting, { p: openPort(6379, 4500) }, 40);
    expect(started.map(({ directives }) => directives)).toEqual([[['replicaof', 'machine-p', '6379']]]);
    expect(started[0]?.atMs).toBeGreaterThanOrEqual(4500);
    expect(started[0]?.atMs).toBeLessThan(6500);
    expect(ends).toEqual([]);
  });

  test('gives up waiting, and has not started then, whatever the primary does to it', () => {
    const waiting = {
      ...node, directives: [['replicaof', 'machine-p', '6379']], entrypoint: { ask: null, waitForPrimaryMs: 30_000 },
    };
    const refused = run(waiting, { p: openPort(6379, 31_000) }, 29);
    expect(refused.ends).toEqual([]);
    expect(run(waiting, { p: openPort(6379, 31_000) }, 40)).toMatchObject({ started: [], ends: [EXIT] });
    expect(run(waiting, {}, 40)).toMatchObject({ started: [], ends: [EXIT] });
  });

  test('a primary waits for nobody', () => {
    const { started } = run({ ...node, directives: [], entrypoint: { ask: null, waitForPrimaryMs: 30_000 } }, {}, 1);
    expect(started).toEqual([{ directives: [], atMs: 0 }]);
  });

  const watch: ProcessSpec = {
    ...node, name: 'n1-sentinel', kind: 'sentinel', port: SENTINEL_PORT, aliases: [],
    directives: [
      ['sentinel', 'announce-ip', 'pod-1.svc'], ['sentinel', 'monitor', 'mymain', 'pod-0.svc', '6379', '2'],
      ['sentinel', 'known-replica', 'mymain', 'pod-1.svc', '6379'],
      ['sentinel', 'known-replica', 'mymain', 'pod-2.svc', '6379'],
    ],
  };

  test('a sentinel watches whom the others name; the old primary is a replica then', () => {
    const { started } = run({ ...watch, entrypoint: { ask, waitForPrimaryMs: 0 } }, { s1: sentinelThatSays(['pod-2.svc', 6379]) }, 5);
    expect(started[0]?.directives).toEqual([
      ['sentinel', 'announce-ip', 'pod-1.svc'], ['sentinel', 'monitor', 'mymain', 'pod-2.svc', '6379', '2'],
      ['sentinel', 'known-replica', 'mymain', 'pod-1.svc', '6379'],
      ['sentinel', 'known-replica', 'mymain', 'pod-0.svc', '6379'],
    ]);
  });

  test('a sentinel watches the node beside it when the others know nothing', () => {
    const alone = { ...watch, entrypoint: { ask: { ...ask, otherwise: 'primary' as const }, waitForPrimaryMs: 0 } };
    expect(run(alone, {}, 5).started[0]?.directives[1]).toEqual(['sentinel', 'monitor', 'mymain', 'pod-1.svc', '6379', '2']);
    const unnamed = { ...alone, directives: alone.directives.slice(1) };
    expect(run(unnamed, {}, 5).started[0]?.directives[0]).toEqual(['sentinel', 'monitor', 'mymain', '10.0.0.1', '6379', '2']);
  });

  test('the same world gives the same events', () => {
    const spec = { ...node, entrypoint: { ask: { ...ask, tries: 3 }, waitForPrimaryMs: 0 } };
    const hash = (): string => {
      const { world } = run(spec, { s1: sentinelThatSays(null), s2: sentinelThatSays(['10.0.0.7', 6379]) }, 20);
      return `${world.kernel.now / SECOND} ${world.kernel.lastId}`;
    };
    expect(hash()).toBe(hash());
  });
});
