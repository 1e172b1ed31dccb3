/**
 * What MIGRATE sends, and what it makes of the answers, beside redis-server: the target is a socket of the test that notes the commands
 * of each connection and answers as told.
 */
import { type Server, type Socket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../../engine/core/bytes.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
/** Long enough for a time to live that is still the same number of digits when it is read. */
const FAR_MS = '500000000';

/** The bytes of an answer; `close` ends the connection; null says nothing. */
type Answer = string | null;

class Target {
  readonly heard: string[] = [];
  answer: (argv: readonly Bytes[]) => Answer = () => '+OK\r\n';
  private readonly server: Server;
  private readonly sockets: Socket[] = [];

  private constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  static async open(): Promise<Target> {
    const target = new Target();
    await new Promise<void>((resolve) => target.server.listen(0, '127.0.0.1', resolve));
    return target;
  }

  get port(): string {
    const address = this.server.address();
    return String(typeof address === 'object' && address !== null ? address.port : 0);
  }

  /** Says something on the connection that was opened last. */
  say(text: string): void {
    this.sockets.at(-1)?.write(text);
  }

  async dropAll(): Promise<void> {
    await Promise.all(this.sockets.splice(0).map((socket) => socket.destroyed ? null
      : new Promise<void>((resolve) => socket.once('close', () => resolve()).destroy())));
  }

  async close(): Promise<void> {
    await this.dropAll();
    this.server.close();
  }

  private serve(socket: Socket): void {
    const ordinal = this.sockets.push(socket);
    const decoder = new RequestDecoder();
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      decoder.push(chunk.toString('latin1') as Bytes);
      for (let argv = decoder.next(); argv !== null && !socket.destroyed; argv = decoder.next()) {
        this.heard.push(`${ordinal}: ${argv.join(' ').replace(/ [0-9]{9} /, ' <ttl> ')}`);
        const answer = this.answer(argv);
        if (answer === 'close') socket.destroy();
        else if (answer !== null) socket.write(answer);
      }
    });
  }
}

let servers: Readonly<Record<ServerKind, ServerProcess>>;

interface Bench {
  readonly target: Target;
  readonly said: string[];
  run(...words: readonly string[]): Promise<void>;
  migrate(...words: readonly string[]): Promise<void>;
}

/** Does the same with both, and compares what the target heard and the client was told. */
const compare = async (use: (bench: Bench) => Promise<void>): Promise<void> => {
  const outcomes: Partial<Record<ServerKind, unknown>> = {};
  for (const kind of KINDS) {
    const target = await Target.open();
    const client = await RawClient.open(servers[kind].port);
    const said: string[] = [];
    const run = async (...words: readonly string[]): Promise<void> => {
      said.push(`${words.join(' ').replaceAll(target.port, '<port>')} => ${encodeReply(await client.run(...words), 2)}`);
    };
    try {
      await run('FLUSHALL');
      await use({ target, said, run, migrate: (...words) => run('MIGRATE', '127.0.0.1', target.port, ...words) });
    } finally {
      client.close();
      await target.close();
    }
    expect(target.heard.length).toBeGreaterThan(0);
    outcomes[kind] = { said, heard: target.heard };
  }
  expect(outcomes.faultline).toEqual(outcomes.redis);
};

describe('MIGRATE beside redis-server', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    if (redis === undefined || faultline === undefined) throw new Error('both are needed');
    servers = { redis, faultline };
  });
  afterAll(async () => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  });

  it('sends RESTORE over one connection, and SELECT only when the database changes', () => compare(async ({ run, migrate }) => {
    await run('SET', 'a', '1');
    await run('SET', 'b', '2', 'PX', FAR_MS);
    await run('RPUSH', 'c', '1', 'x', '3.5');
    await run('SADD', 'd', '1', '2');
    await migrate('a', '0', '1000');
    await migrate('b', '0', '1000', 'COPY');
    await migrate('b', '3', '0', 'COPY', 'REPLACE');
    await migrate('', '3', '1000', 'KEYS', 'b', 'none', 'c', 'd');
    await run('DBSIZE');
  }));

  it('keeps the keys that the target refuses', () => compare(async ({ target, run, migrate }) => {
    await run('MSET', 'a', '1', 'b', '2', 'c', '3');
    target.answer = (argv) => (argv[1] === 'b' ? '-BUSYKEY Target key name already exists.\r\n' : '+OK\r\n');
    await migrate('', '0', '1000', 'KEYS', 'a', 'b', 'c');
    await run('EXISTS', 'a', 'c');
    await run('EXISTS', 'b');
    await migrate('b', '0', '1000');
  }));

  it('passes the password on, and keeps the keys where it is wrong', () => compare(async ({ target, run, migrate }) => {
    await run('MSET', 'a', '1', 'b', '2');
    target.answer = (argv) => (argv[0] === 'AUTH' && argv.length === 3 ? '-WRONGPASS no\r\n' : '+OK\r\n');
    await migrate('a', '0', '1000', 'AUTH', 'secret');
    await migrate('b', '0', '1000', 'AUTH2', 'user', 'secret');
    await run('EXISTS', 'b');
    target.answer = (argv) => (argv[0] === 'SELECT' ? '-ERR DB index is out of range\r\n' : '+OK\r\n');
    await migrate('b', '99', '1000', 'COPY');
  }));

  it('tries again where the connection ends before the first answer, and once only', () => compare(async ({ target, run, migrate }) => {
    await run('SET', 'a', '1');
    let drops = 1;
    target.answer = (argv) => (argv[0] === 'RESTORE' && drops-- > 0 ? 'close' : '+OK\r\n');
    await migrate('a', '0', '1000');
    await run('SET', 'a', '1');
    drops = 2;
    await migrate('a', '0', '1000');
    await run('EXISTS', 'a');
  }));

  it('deletes what was acknowledged before the connection ended, and no more', () => compare(async ({ target, run, migrate }) => {
    await run('MSET', 'a', '1', 'b', '2', 'c', '3');
    target.answer = (argv) => (argv[1] === 'b' ? 'close' : '+OK\r\n');
    await migrate('', '0', '1000', 'KEYS', 'a', 'b', 'c');
    await run('EXISTS', 'a');
    await run('EXISTS', 'b', 'c');
  }));

  it('opens a new connection where the old one was closed meanwhile', () => compare(async ({ target, run, migrate }) => {
    await run('MSET', 'a', '1', 'b', '2');
    await migrate('a', '0', '1000');
    await target.dropAll();
    await migrate('b', '0', '1000');
    await run('DBSIZE');
  }));

  it('gives up where the target says nothing in time', () => compare(async ({ target, run, migrate }) => {
    await run('SET', 'a', '1');
    target.answer = () => null;
    await migrate('a', '0', '100');
    await run('EXISTS', 'a');
  }));

  it('lets nobody see a key that is on its way', async () => {
    for (const kind of KINDS) {
      const target = await Target.open();
      const [mover, reader] = await Promise.all([RawClient.open(servers[kind].port), RawClient.open(servers[kind].port)]);
      await mover.run('SET', 'k', '1');
      const order: string[] = [];
      const read = new Promise<void>((resolve) => {
        target.answer = (argv) => {
          if (argv[0] !== 'RESTORE') return '+OK\r\n';
          void reader.run('GET', 'k').then((reply) => {
            order.push(`read ${String(reply)}`);
            resolve();
          });
          answerLater(target, 100);
          return null;
        };
      });
      await mover.run('MIGRATE', '127.0.0.1', target.port, 'k', '0', '5000').then(() => order.push('moved'));
      await read;
      expect({ kind, order }).toEqual({ kind, order: ['moved', 'read null'] });
      mover.close();
      reader.close();
      await target.close();
    }
  });
}));

/** Answers some turns of the event loop later: the question of the reader has long left by then. */
const answerLater = (target: Target, turns: number): void => {
  if (turns === 0) target.say('+OK\r\n');
  else setImmediate(() => answerLater(target, turns - 1));
};
