/** TCP as applications see it: handshakes, order, loss, partitions, ends, bounds. */
import { describe, expect, it } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import type { Connection, NetError } from '../../../../engine/host.ts';
import { RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES } from '../../../../sim/net/limits.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { makeWorld, PORT, type World, must } from '../echo.ts';

interface Side {
  connection: Connection | null;
  data: string[];
  times: number[];
  writable: number;
  closed: (NetError | null)[];
  /** What to do at the next turn. */
  act: (() => void)[];
}

const newSide = (): Side => ({ connection: null, data: [], times: [], writable: 0, closed: [], act: [] });

interface Pair {
  readonly world: World;
  readonly server: SimProcess;
  readonly client: SimProcess;
  readonly atServer: Side;
  readonly atClient: Side;
  readonly opened: { result: string; at: number }[];
}

const makePair = (seed = 1, keepAliveMs = 0, isServing = true): Pair => {
  const world = makeWorld(seed);
  const atServer = newSide();
  const atClient = newSide();
  const opened: { result: string; at: number }[] = [];
  const handlers = (side: Side) => ({
    onData: (chunk: Bytes): void => { side.data.push(chunk); side.times.push(world.kernel.now); },
    onWritable: (): void => { side.writable++; },
    onClose: (error: NetError | null): void => { side.closed.push(error); },
  });
  const poll = (side: Side) => (host: Parameters<SimProcess['program']>[0]): void => {
    const tick = (): void => {
      host.setTimer(ms(1), tick);
      for (const act of side.act.splice(0)) act();
    };
    tick();
  };
  const server = world.process('server', (host) => {
    poll(atServer)(host);
    if (isServing) {
      host.listen(bytes(''), PORT, (connection) => {
        atServer.connection = connection;
        return handlers(atServer);
      }, () => undefined);
    }
  });
  const client = world.process('client', (host) => {
    poll(atClient)(host);
    host.connect(server.machine.address, PORT, { keepAliveMs: ms(keepAliveMs), bind: null }, handlers(atClient),
      (result) => {
        opened.push({ result: typeof result === 'string' ? result : 'open', at: world.kernel.now });
        if (typeof result !== 'string') atClient.connection = result;
      });
  });
  server.start();
  world.run(0.001);
  client.start();
  return { world, server, client, atServer, atClient, opened };
};

const send = (side: Side, ...chunks: string[]): void => {
  side.act.push(() => { for (const chunk of chunks) must(side.connection).write(bytes(chunk)); });
};

describe('connecting', () => {
  it('takes a round trip', () => {
    const { world, opened, atServer } = makePair();
    world.run(0.1);
    expect(opened).toHaveLength(1);
    expect(must(opened[0]).result).toBe('open');
    expect(must(opened[0]).at).toBeGreaterThan(1000 + 2 * 80);
    expect(must(opened[0]).at).toBeLessThan(1000 + 2 * 2000 + 100);
    expect(atServer.connection?.localPort).toBe(PORT);
  });

  it('is refused by a live machine without a listener', () => {
    const { world, opened } = makePair(1, 0, false);
    world.run(0.1);
    expect(opened.map(({ result }) => result)).toEqual(['refused']);
  });

  it('is silent towards a dead machine, for 127 s', () => {
    const { world, server, opened } = makePair();
    server.machine.power();
    world.run(126);
    expect(opened).toEqual([]);
    world.run(3);
    expect(opened.map(({ result }) => result)).toEqual(['timeout']);
    expect(Math.floor(must(opened[0]).at / 1e6)).toBe(127);
  });

  it('gets through at a retry after 1, 3, 7 s when a partition heals', () => {
    const { world, server, client, opened } = makePair();
    const partition = world.network.cut([[server.machine.stack], [client.machine.stack]]);
    world.run(2);
    partition.heal();
    world.run(0.9);
    expect(opened).toEqual([]);
    world.run(1);
    expect(opened.map(({ result }) => result)).toEqual(['open']);
    expect(Math.floor(must(opened[0]).at / 1e6)).toBe(3);
  });
});

describe('a stream', () => {
  it('carries what one turn wrote as one segment, in order', () => {
    const { world, atServer, atClient } = makePair();
    world.run(0.1);
    send(atClient, 'a', 'b', 'c');
    send(atClient, 'd');
    world.run(0.1);
    expect(atServer.data).toEqual(['abcd']);
    const segments = world.kernel.eventCounts().segment;
    for (let index = 0; index < 50; index++) {
      send(atClient, `${index};`);
      world.run(0.002);
    }
    world.run(0.1);
    expect(atServer.data.slice(1).join('')).toBe(Array.from({ length: 50 }, (_, index) => `${index};`).join(''));
    expect(must(world.kernel.eventCounts().segment) - must(segments)).toBe(50);
  });

  it('stalls in a partition and arrives, merged, with the next retransmission after it heals', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    const partition = world.network.cut([[server.machine.stack], [client.machine.stack]]);
    const start = world.kernel.now;
    send(atClient, 'one');
    world.run(0.3);
    send(atClient, 'two');
    world.run(1.5);
    partition.heal();
    world.run(1);
    expect(atServer.data).toEqual([]);
    world.run(1);
    expect(atServer.data).toEqual(['onetwo']);
    // Retransmissions leave 0.2, 0.6, 1.4 and 3.0 s after the first.
    expect(Math.round((must(atServer.times[0]) - start) / 1e5)).toBe(30);
    send(atClient, 'three');
    world.run(0.1);
    expect(atServer.data).toEqual(['onetwo', 'three']);
  });

  it('needs every overlapping partition healed', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    const groups = [[server.machine.stack], [client.machine.stack]];
    const first = world.network.cut(groups);
    const second = world.network.cutOneWay(must(groups[1]), must(groups[0]));
    send(atClient, 'x');
    world.run(0.1);
    first.heal();
    first.heal();
    world.run(5);
    expect(atServer.data).toEqual([]);
    second.heal();
    world.run(10);
    expect(atServer.data).toEqual(['x']);
  });

  it('still arrives when only the answers are lost, and the sender gives up after a quarter of an hour', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    world.network.cutOneWay([server.machine.stack], [client.machine.stack]);
    send(atClient, 'heard');
    world.run(900);
    expect(atServer.data).toEqual(['heard']);
    expect(atClient.closed).toEqual([]);
    world.run(30);
    expect(atClient.closed).toEqual(['timeout']);
    expect(atServer.closed).toEqual([]);
  });

  it('loses nothing on a lossy link, and takes longer on a clogged or slow one', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    const lossy = world.network.changeLinks([client.machine.stack], [server.machine.stack], { lossPerMillion: 300_000 });
    for (let index = 0; index < 40; index++) {
      send(atClient, `${index};`);
      world.run(0.05);
    }
    world.run(60);
    expect(atServer.data.join('')).toBe(Array.from({ length: 40 }, (_, index) => `${index};`).join(''));
    expect(world.kernel.eventCounts().retransmit).toBeGreaterThan(3);
    lossy.undo();
    const clog = world.network.changeLinks([client.machine.stack], [server.machine.stack], { clogMicros: 50_000 });
    let start = world.kernel.now;
    send(atClient, 'late');
    world.run(1);
    expect(must(atServer.times.at(-1)) - start).toBeGreaterThan(50_000);
    clog.undo();
    world.network.changeLinks([client.machine.stack], [server.machine.stack], { bandwidthBytesPerMs: 10 });
    start = world.kernel.now;
    send(atClient, 'x'.repeat(1000));
    world.run(1);
    expect(must(atServer.times.at(-1)) - start).toBeGreaterThan(100_000);
  });

  it('does not change the draws of other connections when a fault or a message goes', () => {
    const arrivals = (isDisturbed: boolean): number[] => {
      const { world, server, atServer, atClient } = makePair(7);
      const third = world.process('third', (host) => {
        host.connect(server.machine.address, PORT, { keepAliveMs: ms(0), bind: null }, {
          onData: () => undefined, onWritable: () => undefined, onClose: () => undefined,
        }, (result) => { if (typeof result !== 'string') for (let n = 0; n < 3; n++) result.write(bytes('noise')); });
      });
      world.run(0.05);
      if (isDisturbed) third.start();
      world.run(0.05);
      for (let index = 0; index < 10; index++) {
        send(atClient, 'x');
        world.run(0.01);
      }
      return atServer.times.slice(-10);
    };
    expect(arrivals(true)).toEqual(arrivals(false));
  });
});

describe('the end of a connection', () => {
  it('comes after the data, with null for a FIN', () => {
    const { world, atServer, atClient } = makePair();
    world.run(0.1);
    send(atClient, 'last words');
    atClient.act.push(() => must(atClient.connection).close());
    world.run(0.1);
    expect(atServer.data).toEqual(['last words']);
    expect(atServer.closed).toEqual([null]);
    expect(atClient.closed).toEqual([]);
  });

  it('is a reset when the peer drops it, or closes with input unread', () => {
    const first = makePair();
    first.world.run(0.1);
    first.atClient.act.push(() => must(first.atClient.connection).reset());
    first.world.run(0.1);
    expect(first.atServer.closed).toEqual(['reset']);
    const second = makePair();
    second.world.run(0.1);
    second.atServer.act.push(() => must(second.atServer.connection).pause());
    second.world.run(0.01);
    send(second.atClient, 'unread');
    second.world.run(0.01);
    second.atServer.act.push(() => must(second.atServer.connection).close());
    second.world.run(0.1);
    expect(second.atClient.closed).toEqual(['reset']);
  });

  it('follows a kill with what was held, then FIN', () => {
    const { world, client, atServer, atClient } = makePair();
    world.run(0.1);
    send(atClient, 'written before');
    world.run(0.0021);
    client.kill();
    world.run(0.1);
    expect(atServer.data).toEqual(['written before']);
    expect(atServer.closed).toEqual([null]);
  });

  it('is silence after a loss of power, and a RST for the next segment after the reboot', () => {
    const { world, server, atServer, atClient } = makePair();
    world.run(0.1);
    server.machine.power();
    world.run(5);
    expect(atClient.closed).toEqual([]);
    server.machine.boot();
    server.start();
    world.run(5);
    expect(atClient.closed).toEqual([]);
    send(atClient, 'still there?');
    world.run(0.1);
    expect(atClient.closed).toEqual(['reset']);
    expect(atServer.data).toEqual([]);
  });

  it('is not heard of in a partition', () => {
    const { world, server, client, atServer } = makePair();
    world.run(0.1);
    const partition = world.network.cut([[server.machine.stack], [client.machine.stack]]);
    client.kill();
    world.run(5);
    expect(atServer.closed).toEqual([]);
    partition.heal();
    world.run(10);
    expect(atServer.closed).toEqual([null]);
  });

  it('is found by keepalive when the other machine is gone', () => {
    const { world, server, atClient } = makePair(1, 30_000);
    world.run(100);
    expect(atClient.closed).toEqual([]);
    server.machine.power();
    world.run(29);
    expect(atClient.closed).toEqual([]);
    world.run(62);
    expect(atClient.closed).toEqual(['timeout']);
  });

  it('is a reset at both ends by the reset fault', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    expect(world.network.resetConnections([server.machine.stack], [client.machine.stack])).toBe(1);
    world.run(0.1);
    expect([atServer.closed, atClient.closed]).toEqual([['reset'], ['reset']]);
  });
});

describe('bounds', () => {
  it('a receiver that does not read stops the sender, and lets it go on', () => {
    const { world, atServer, atClient } = makePair();
    world.run(0.1);
    atServer.act.push(() => must(atServer.connection).pause());
    world.run(0.01);
    const chunk = 'x'.repeat(100_000);
    let written = 0;
    let hasRoom = true;
    const fill = (): void => {
      while (hasRoom && written < 20_000_000) {
        hasRoom = must(atClient.connection).write(bytes(chunk));
        written += chunk.length;
      }
    };
    for (let index = 0; index < 20; index++) {
      if (atClient.writable > 0) { hasRoom = true; atClient.writable = 0; }
      atClient.act.push(fill);
      world.run(0.05);
    }
    expect(hasRoom).toBe(false);
    expect(written).toBeGreaterThanOrEqual(SEND_BUFFER_BYTES);
    expect(written).toBeLessThan(SEND_BUFFER_BYTES + RECEIVE_BUFFER_BYTES + 300_000);
    atServer.act.push(() => must(atServer.connection).resume());
    world.run(2);
    expect(atServer.data.join('').length).toBe(written);
    expect(atClient.writable).toBe(1);
  });

  it('delivers megabytes in order at a slow line', () => {
    const { world, server, client, atServer, atClient } = makePair();
    world.run(0.1);
    world.network.changeLinks([client.machine.stack], [server.machine.stack], { bandwidthBytesPerMs: 10_000 });
    const text = Array.from({ length: 500_000 }, (_, index) => `${index},`).join('');
    send(atClient, text);
    world.run(0.2);
    expect(atServer.data.join('').length).toBeLessThan(text.length);
    world.run(3);
    expect(atServer.data.join('') === text).toBe(true);
  });
});

describe('a machine that moves', () => {
  it('is silent at its old address', () => {
    const { world, server, atClient } = makePair();
    world.run(0.1);
    server.machine.power();
    server.machine.boot(bytes('10.9.9.9'));
    send(atClient, 'anyone?');
    world.run(60);
    expect(atClient.closed).toEqual([]);
    expect(server.machine.address).toBe('10.9.9.9');
  });
});

describe('a process that dies in a long turn', () => {
  it('never sent what would have left at the turn\'s end', () => {
    const world = makeWorld(1);
    const got: string[] = [];
    const server = world.process('server', (host) => {
      host.listen(bytes(''), PORT, () => ({
        onData: (chunk) => { got.push(chunk); }, onWritable: () => undefined, onClose: (error) => { got.push(`${error}`); },
      }), () => undefined);
    });
    const client = world.process('client', (host) => {
      host.connect(server.machine.address, PORT, { keepAliveMs: ms(0), bind: null }, {
        onData: () => undefined, onWritable: () => undefined, onClose: () => undefined,
      }, (result) => {
        if (typeof result === 'string') return;
        result.write(bytes('first'));
        host.setTimer(ms(10), () => { result.write(bytes('second')); host.block(ms(100)); });
      });
    });
    server.start();
    world.run(0.001);
    client.start();
    world.run(0.05);
    client.kill();
    world.run(1);
    expect(got).toEqual(['first', 'null']);
  });
});
