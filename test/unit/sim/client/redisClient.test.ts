/** The simulated client: answers in order, what becomes of open requests, and its attempts to connect. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Connection, type Host, type Reply, bytes } from '../../../../engine/index.ts';
import { type Greeting, RedisClient, parseServerName } from '../../../../sim/client/redisClient.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { PORT, type World, makeWorld, must } from '../echo.ts';

interface Setup {
  readonly world: World;
  readonly server: SimProcess;
  readonly client: RedisClient;
  readonly log: string[];
  readonly answers: (Reply | undefined)[];
  act(what: (client: RedisClient) => void): void;
}

/** A server that answers by `respond`, and a client of it. */
const setUp = (
  respond: (connection: Connection, chunk: Bytes) => void, connectTimeoutMs = 1000, greetings: readonly Greeting[] = [],
): Setup => {
  const world = makeWorld(1);
  const server = world.process('server', (host) => {
    host.listen(bytes(''), PORT, (connection) => ({
      onData: (chunk) => respond(connection, chunk), onWritable: () => undefined, onClose: () => connection.close(),
    }), () => undefined);
  });
  world.network.names.set(bytes('redis'), [server.machine.address]);
  server.start();
  let client: RedisClient | null = null;
  const log: string[] = [];
  const process = world.process('client', (host: Host) => {
    client = new RedisClient(host, connectTimeoutMs, {
      opened: () => log.push('opened'), lost: (reason) => log.push(reason),
      message: (channel, text) => log.push(`${channel}: ${text}`),
    }, greetings);
  });
  process.start();
  world.run(0.1);
  return {
    world, server, client: must(client as RedisClient | null), log, answers: [],
    act: (what) => {
      process.submit(() => what(must(client as RedisClient | null)));
      world.run(0.05);
    },
  };
};

const REDIS = parseServerName(`redis:${PORT}`);
const PING = [bytes('PING')];

describe('RedisClient', () => {
  test('a server name', () => {
    expect(parseServerName('redis-main:6379')).toEqual({ host: 'redis-main', port: 6379 });
    expect(parseServerName('::1:6379')).toEqual({ host: '::1', port: 6379 });
  });

  test('answers come in the order of requests, however they are cut; nil is an answer', () => {
    const { act, answers, log } = setUp((connection) => {
      for (const part of ['+ON', 'E\r\n$-1\r', '\n:3\r\n']) connection.write(bytes(part));
    });
    act((client) => client.open(REDIS));
    act((client) => client.send([bytes('MGET')], (reply) => answers.push(reply)));
    expect(answers.map((reply) => (reply !== null && typeof reply === 'object' && 'text' in reply ? reply.text : reply))).toEqual(['ONE']);
    // Two more answers came than were asked for: the connection is out of step and goes.
    expect(log).toEqual(['opened', 'an answer to nothing']);
  });

  test('several requests at once', () => {
    const { act, answers } = setUp((connection, chunk) => {
      for (let index = 0; index < chunk.split('PING').length - 1; index++) connection.write(bytes(`:${index}\r\n`));
    });
    act((client) => client.open(REDIS));
    act((client) => {
      for (let index = 0; index < 3; index++) client.send(PING, (reply) => answers.push(reply));
    });
    expect(answers).toEqual([0, 1, 2]);
  });

  test.each([
    ['the client closes', (setup: Setup) => setup.act((client) => client.close('enough')), 'enough'],
    ['the server is killed', (setup: Setup) => {
      setup.server.kill();
      setup.world.run(1);
    }, 'closed by the server'],
  ] as const)('open requests end without an answer when %s', (_name, end, reason) => {
    const setup = setUp(() => {});
    setup.act((client) => client.open(REDIS));
    setup.act((client) => client.send(PING, (reply) => setup.answers.push(reply)));
    expect(setup.answers).toEqual([]);
    end(setup);
    expect(setup.answers).toEqual([undefined]);
    expect(setup.client).toMatchObject({ isOpen: false, isOpening: false, remoteAddress: null });
    expect(setup.log).toEqual(['opened', reason]);
  });

  test('an answer that closes the connection ends the ones behind it', () => {
    const { act, answers, client } = setUp((connection) => void connection.write(bytes(':1\r\n:2\r\n')));
    act((one) => one.open(REDIS));
    act((one) => {
      one.send(PING, (reply) => {
        answers.push(reply);
        one.close('first is enough');
      });
      one.send(PING, (reply) => answers.push(reply));
    });
    expect(answers).toEqual([1, undefined]);
    expect(client.isOpen).toBe(false);
  });

  test('garbage closes it', () => {
    const { act, answers, log } = setUp((connection) => void connection.write(bytes('what?\r\n')));
    act((client) => client.open(REDIS));
    act((client) => client.send(PING, (reply) => answers.push(reply)));
    expect(answers).toEqual([undefined]);
    expect(log.length).toBe(2);
  });

  test('an unknown name, a closed port, a silent machine; then it connects', () => {
    const { act, log, server, world, client } = setUp(() => {}, 300);
    act((one) => one.open({ host: bytes('nobody'), port: PORT }));
    act((one) => one.open({ host: server.machine.address, port: PORT + 1 }));
    act((one) => one.open({ host: bytes('10.99.99.99'), port: PORT }));
    expect(client.isOpening).toBe(true);
    // A second attempt beside the first is none.
    act((one) => one.open(REDIS));
    world.run(1);
    expect(log).toEqual(['name not found', 'refused', 'connect timeout']);
    act((one) => one.open(REDIS));
    expect(log.at(-1)).toBe('opened');
    expect(client.remoteAddress).toBe(server.machine.address);
  });

  test('an attempt that was given up never opens', () => {
    const { act, log, world } = setUp(() => {});
    act((client) => {
      client.open(REDIS);
      client.close('changed my mind');
    });
    world.run(2);
    expect(log).toEqual(['changed my mind']);
  });
});

describe('greetings', () => {
  const greeting = (word: string): Greeting => ({
    argv: [bytes(word)], refusal: (reply) => (reply === 'fine' ? null : `${word} was answered otherwise`),
  });
  const GREETINGS = [greeting('ONE'), greeting('TWO')];
  const fine = '$4\r\nfine\r\n';

  test('go out together, and the connection is open when all are accepted', () => {
    const chunks: Bytes[] = [];
    const setup = setUp((_connection, chunk) => void chunks.push(chunk), 1000, GREETINGS);
    setup.act((client) => client.open(REDIS));
    expect(chunks.join('')).toBe('*1\r\n$3\r\nONE\r\n*1\r\n$3\r\nTWO\r\n');
    expect(setup.client).toMatchObject({ isOpen: false, isOpening: true });
    expect(setup.log).toEqual([]);
    const answered = setUp((connection) => void connection.write(bytes(fine + fine)), 1000, GREETINGS);
    answered.act((client) => client.open(REDIS));
    expect(answered.client).toMatchObject({ isOpen: true, isOpening: false });
    expect(answered.log).toEqual(['opened']);
  });

  test.each([['ONE', '+OK\r\n'], ['TWO', `${fine}-ERR no\r\n`]])('%s refused: it never opens', (word, answer) => {
    const setup = setUp((connection) => void connection.write(bytes(answer)), 1000, GREETINGS);
    setup.act((client) => client.open(REDIS));
    setup.world.run(2);
    expect(setup.client).toMatchObject({ isOpen: false, isOpening: false, remoteAddress: null });
    expect(setup.log).toEqual([`${word} was answered otherwise`]);
  });

  test('unanswered for too long, the connection is dropped, and another attempt can begin', () => {
    let isOver = 0;
    const first: Connection[] = [];
    const setup = setUp((connection) => {
      if (isOver > 0) connection.write(bytes(fine + fine));
      else first.push(connection);
    }, 300, GREETINGS);
    setup.act((client) => client.open(REDIS));
    setup.world.run(1);
    expect(setup.log).toEqual(['connect timeout']);
    isOver++;
    setup.act((client) => client.open(REDIS));
    setup.world.run(1);
    expect(setup.log).toEqual(['connect timeout', 'opened']);
    // An answer that comes after all finds nobody.
    setup.server.submit(() => first[0]?.write(bytes(fine + fine)));
    setup.world.run(1);
    expect(setup.log.length).toBe(2);
    expect(setup.client.isOpen).toBe(true);
  });

  test('a server that goes in the midst of it', () => {
    const setup = setUp((connection) => connection.close(), 1000, GREETINGS);
    setup.act((client) => client.open(REDIS));
    setup.world.run(2);
    expect(setup.log).toEqual(['closed by the server']);
  });
});

describe('messages', () => {
  test('come between answers and are none', () => {
    const message = '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n';
    const setup = setUp((connection) => void connection.write(bytes(`${message}:1\r\n${message}`)));
    setup.act((client) => client.open(REDIS));
    setup.act((client) => client.send(PING, (reply) => setup.answers.push(reply)));
    expect(setup.answers).toEqual([1]);
    expect(setup.log).toEqual(['opened', 'news: hi', 'news: hi']);
  });
});
