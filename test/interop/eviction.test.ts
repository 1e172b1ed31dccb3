/** `maxmemory` beside redis-server's: what is refused, which keys go, and what readers of the stream and subscribers are told. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { RawClient, RawEvents, RawStream } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const KEYS = 600;
const VALUE = 'x'.repeat(400);
/** The hot half of the keys is asked for over and over, the other one never. */
const HOT = KEYS / 2;

let servers: readonly ServerProcess[] = [];
let clients: readonly RawClient[] = [];

const info = async (client: RawClient, name: string): Promise<number> =>
  Number(new RegExp(`^${name}:([0-9]+)`, 'm').exec(String(await client.run('INFO')))?.[1]);

const ask = (client: RawClient, commands: readonly (readonly string[])[]): Promise<Reply[]> =>
  Promise.all(commands.map((words) => client.run(...words)));

const REFUSALS: readonly (readonly string[])[] = [
  ['FLUSHALL'], ['SET', 'k', 'v'], ['LPUSH', 'l', 'a', 'b'], ['CONFIG', 'SET', 'maxmemory', '1'], ['SET', 'k', 'w'], ['GET', 'k'], ['LPOP', 'l'], ['LPUSH', 'l', 'x'],
  ['DEL', 'k'], ['HSET', 'h', 'f', 'v'], ['EXPIRE', 'l', '100'], ['MULTI'], ['GET', 'k'], ['EXEC'], ['MULTI'], ['DISCARD'], ['PING'], ['OBJECT', 'FREQ', 'l'],
  ['EVAL', "return redis.pcall('set', KEYS[1], 'b')", '1', 'a'], ['EVAL', "return redis.call('get', KEYS[1])", '1', 'a'], ['EVAL', '#!lua\nreturn 1', '0'],
  ['EVAL', "#!lua flags=allow-oom\nreturn redis.call('set', KEYS[1], 1)", '1', 'a'], ['EVAL', '#!lua flags=no-writes\nreturn 1', '0'],
  ['EVAL', "redis.call('del', KEYS[1]) return redis.call('set', KEYS[1], 'b')", '1', 'a'], ['DEL', 'a'],
  ['CONFIG', 'SET', 'maxmemory-policy', 'volatile-lfu'], ['PERSIST', 'l'], ['SET', 'k', 'v'], ['CONFIG', 'SET', 'maxmemory', '0'], ['SET', 'k', 'v'],
  ['OBJECT', 'FREQ', 'k'], ['OBJECT', 'IDLETIME', 'k'], ['OBJECT', 'FREQ', 'nothing'], ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
  ['OBJECT', 'FREQ', 'k'], ['CONFIG', 'SET', 'maxmemory-policy', 'x'], ['CONFIG', 'SET', 'maxmemory-clients', '5%'],
  ['CONFIG', 'GET', 'maxmemory-clients'], ['CONFIG', 'SET', 'maxmemory-clients', '101%'], ['CONFIG', 'SET', 'maxmemory-clients', 'x'],
  ['CONFIG', 'SET', 'maxmemory-clients', '1mb'], ['CONFIG', 'GET', 'maxmemory-clients'], ['CONFIG', 'SET', 'maxmemory-clients', '0'],
];

describe('eviction beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    servers = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600'])));
    clients = await Promise.all(servers.map(({ port }) => RawClient.open(port)));
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  test('what is refused without room, and by which words', async () => {
    const [theirs, ours] = await Promise.all(clients.map(async (client) => {
      const replies = await ask(client, REFUSALS);
      return replies.map((reply, index) => `${REFUSALS[index]?.join(' ')} -> ${encodeReply(reply, 2)}`);
    }));
    expect(ours).toEqual(theirs);
  });

  /** How many of the cold and of the hot keys are left when half of all had to go. `volatile`: every second key has an expiry. */
  const survivors = async (client: RawClient, policy: string): Promise<{ readonly cold: number; readonly hot: number; readonly persistent: number }> => {
    await ask(client, [['CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', policy, 'maxmemory-samples', '10'], ['FLUSHALL']]);
    const base = await info(client, 'used_memory');
    await ask(client, Array.from({ length: KEYS }, (_, index) => ['SET', `k${index}`, VALUE]));
    await ask(client, Array.from({ length: KEYS / 2 }, (_, index) => ['EXPIRE', `k${index * 2}`, String(10_000 + index)]));
    const used = await info(client, 'used_memory');
    // What lies idle for long: without waiting for it.
    const payload = String(await client.run('DUMP', 'k0'));
    if (policy.endsWith('lru')) {
      await ask(client, Array.from({ length: KEYS - HOT }, (_, index) =>
        ['RESTORE', `k${HOT + index}`, index % 2 === 0 ? '10000000' : '0', payload, 'REPLACE', 'IDLETIME', '1000']));
    }
    for (let round = 0; round < 3; round++) await ask(client, Array.from({ length: HOT }, (_, index) => ['GET', `k${index}`]));
    await client.run('CONFIG', 'SET', 'maxmemory', String(Math.floor(base + (used - base) * 0.7)));
    for (let tries = 0; tries < 50 && (await info(client, 'used_memory')) > base + (used - base) * 0.72; tries++) await client.run('PING');
    await client.run('CONFIG', 'SET', 'maxmemory', '0');
    const there = await ask(client, Array.from({ length: KEYS }, (_, index) => ['EXISTS', `k${index}`]));
    const count = (isMeant: (index: number) => boolean): number => there.filter((reply, index) => reply === 1 && isMeant(index)).length;
    return { cold: count((index) => index >= HOT), hot: count((index) => index < HOT), persistent: count((index) => index % 2 === 1) };
  };

  test.each<readonly [string, (kept: Awaited<ReturnType<typeof survivors>>) => void]>([
    ['allkeys-lru', ({ cold, hot }) => expect(hot).toBeGreaterThan(cold * 1.5)], ['allkeys-lfu', ({ cold, hot }) => expect(hot).toBeGreaterThan(cold * 1.5)],
    ['allkeys-random', ({ cold, hot }) => expect(Math.abs(hot - cold)).toBeLessThan(HOT / 4)],
    ['volatile-lru', ({ cold, hot, persistent }) => expect([persistent, hot > cold]).toEqual([KEYS / 2, true])],
    ['volatile-ttl', ({ cold, hot, persistent }) => expect([persistent, hot < cold]).toEqual([KEYS / 2, true])],
  ])('%s takes the right ones', async (policy, isRight) => {
    const kept = await Promise.all(clients.map((client) => survivors(client, policy)));
    for (const one of kept) {
      expect(one.cold + one.hot).toBeLessThan(KEYS * 0.85);
      expect(one.cold + one.hot).toBeGreaterThan(KEYS * 0.5);
      isRight(one);
    }
  }, 20_000);

  test('maxmemory-clients: who holds most goes, unless CLIENT NO-EVICT spares it', async () => {
    for (const [place, client] of clients.entries()) {
      const { port } = servers[place] as ServerProcess;
      const open = (text: string): Promise<{ readonly closed: Promise<void>; isClosed: boolean; end(): void }> => new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(text, 'latin1');
          const state = { isClosed: false, closed: new Promise<void>((done) => socket.once('close', () => done())), end: () => socket.destroy() };
          socket.once('close', () => {
            state.isClosed = true;
          });
          socket.on('error', () => {});
          socket.resume();
          resolve(state);
        });
      });
      // Each leaves a request unfinished, whose beginning the server holds.
      const unfinished = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3000000\r\n${'x'.repeat(2_900_000)}`;
      const spared = await open(`CLIENT NO-EVICT on\r\n${unfinished}`);
      const greedy = await open(unfinished);
      await client.run('CONFIG', 'RESETSTAT');
      await client.run('CONFIG', 'SET', 'maxmemory-clients', '4mb');
      await greedy.closed;
      expect(await info(client, 'evicted_clients')).toBe(1);
      expect(spared.isClosed).toBe(false);
      await client.run('CONFIG', 'SET', 'maxmemory-clients', '0');
      spared.end();
    }
  });

  test('the stream gets a DEL for each key that went, subscribers an event, and INFO their number', async () => {
    for (const [place, client] of clients.entries()) {
      const { port } = servers[place] as ServerProcess;
      const stream = await RawStream.open(port);
      await ask(client, [['FLUSHALL'], ['CONFIG', 'RESETSTAT'], ['CONFIG', 'SET', 'notify-keyspace-events', 'Ee', 'maxmemory-policy', 'allkeys-random']]);
      const events = await RawEvents.open(port);
      await ask(client, Array.from({ length: 20 }, (_, index) => ['SET', `k${index}`, 'v']));
      await client.run('CONFIG', 'SET', 'maxmemory', '1');
      await client.run('PING');
      const evicted = await info(client, 'evicted_keys');
      await ask(client, [['CONFIG', 'SET', 'maxmemory', '0'], ['CONFIG', 'SET', 'notify-keyspace-events', 'E$'], ['SET', 'last', 'v']]);
      expect(evicted).toBe(20);
      const told = (await events.takeUntil('0 set last')).filter((event) => event.startsWith('0 evicted '));
      const deleted = (await stream.takeUntil('SET', 'last', 'v')).filter(([name]) => name === 'DEL').map(([, key]) => `0 evicted ${String(key)}`);
      expect(told).toEqual(deleted);
      expect(told.length).toBe(20);
      events.close();
      stream.close();
    }
  });
}));
