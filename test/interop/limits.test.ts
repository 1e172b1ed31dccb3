/**
 * What strangers may ask of a server, beside redis-server: lengths that lie, buffers and numbers of clients at their limits, who comes from
 * elsewhere; and a few seconds of rubbish on real sockets, which must leave a server that answers.
 */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFuzzedServer } from '../support/fuzzedServer.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { fuzz } from '../support/requestFuzz.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const QUIET_MS = 250;
const bulk = (size: number): string => `$${size}\r\n${'x'.repeat(size)}\r\n`;

let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** What comes back until the server closes, or says nothing more for a while. A reset is a close. */
const answer = (port: number, input: string, host = '127.0.0.1'): Promise<string> => new Promise((resolve) => {
  let text = '';
  const socket = connect(port, host, () => socket.write(input, 'latin1'));
  const end = (how: string): void => {
    socket.destroy();
    resolve(`${text.slice(0, 200)}${how}`);
  };
  const quiet = setTimeout(() => end(''), QUIET_MS);
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    quiet.refresh();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(quiet);
    end('<closed>');
  });
});

const both = async (input: string, change: readonly string[] = []): Promise<void> => {
  const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => {
    const server = servers[kind];
    const changed = change.length === 0 ? '' : server.cli('CONFIG', 'SET', ...change);
    return changed + await answer(server.port, input);
  }));
  expect(ours).toBe(theirs);
};

describe('limits beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--bind', '0.0.0.0'])));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test('lengths', async () => {
    await Promise.all([
      'x'.repeat(70_000), `${'x'.repeat(65_536)}\r\n`, `*${'1'.repeat(70_000)}`, '*2147483648\r\n', '*2147483647\r\n', '*1\r\n$536870913\r\n',
      '*1\r\n$abc\r\n', 'set "a b\r\n', `*1\r\n$${'1'.repeat(70_000)}`, '*1\r\n:4\r\n',
    ].map((input) => both(input)));
  });

  test('a bulk longer than proto-max-bulk-len', async () => {
    await both('*1\r\n$1048577\r\n', ['proto-max-bulk-len', '1048576']);
    await both('*1\r\n$1048576\r\n');
    for (const kind of KINDS) servers[kind].cli('CONFIG', 'SET', 'proto-max-bulk-len', '512mb');
  });

  test('input beyond client-query-buffer-limit: what waits, not what was read', async () => {
    await both(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${bulk(2_000_000)}`, ['client-query-buffer-limit', '1mb']);
    await Promise.all([
      `*7\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n${bulk(300_000).repeat(5)}`, `*8\r\n$5\r\nRPUSH\r\n$1\r\nm\r\n${bulk(300_000).repeat(5)}`,
      `*3\r\n$5\r\nBLPOP\r\n$3\r\nnos\r\n$1\r\n9\r\n${'*1\r\n$4\r\nPING\r\n'.repeat(150_000)}`,
    ].map((input) => both(input)));
    for (const kind of KINDS) servers[kind].cli('CONFIG', 'SET', 'client-query-buffer-limit', '1gb');
    expect(servers.faultline.log()).toContain('Closing client that reached max query buffer length: id=');
  });

  test('what somebody may send who has not authenticated', async () => {
    await both('*11\r\n$1\r\nx\r\n', ['requirepass', 'p']);
    await Promise.all([
      `*2\r\n$4\r\nping\r\n${bulk(16_385)}`, `*2\r\n$4\r\nping\r\n${bulk(16_384)}`,
      `*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*11\r\n${'$4\r\nECHO\r\n'.repeat(11)}`,
    ].map((input) => both(input)));
    // It is in force as soon as nobody needs a password any more, for those who were there before too.
    const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => {
      const { port, cli } = servers[kind];
      const waiting = answer(port, '*1\r\n$4\r\nPING\r\n');
      await new Promise((resolve) => setTimeout(resolve, 50));
      cli('-a', 'p', 'CONFIG', 'SET', 'requirepass', '');
      return [await waiting, await answer(port, '*1\r\n$4\r\nPING\r\n')];
    }));
    expect(ours).toEqual(theirs);
  });

  test('more than maxclients', async () => {
    const outcomes = await Promise.all(KINDS.map(async (kind) => {
      const server = servers[kind];
      server.cli('CONFIG', 'SET', 'maxclients', '3');
      const before = Number(/rejected_connections:(\d+)/.exec(server.cli('INFO', 'stats'))?.[1]);
      const answers = (await Promise.all(Array.from({ length: 5 }, () => answer(server.port, '')))).sort();
      const after = Number(/rejected_connections:(\d+)/.exec(server.cli('INFO', 'stats'))?.[1]);
      server.cli('CONFIG', 'SET', 'maxclients', '10000');
      return [answers, after - before];
    }));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1]?.[1]).toBe(2);
  });

  test('protected mode: nobody from elsewhere, unless a password or the configuration says so', async () => {
    const address = Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    // A machine without a network has nobody who could come from elsewhere.
    if (address === undefined) return;
    const outcomes = await Promise.all(KINDS.map(async (kind) => {
      const { port, cli } = servers[kind];
      const ask = (): Promise<string> => answer(port, 'PING\r\n', address);
      const answers = [await ask()];
      for (const [change, undo] of [[['requirepass', 'p'], ['requirepass', '']], [['protected-mode', 'no'], ['protected-mode', 'yes']]] as const) {
        cli('CONFIG', 'SET', ...change);
        answers.push(await ask());
        cli('-a', 'p', 'CONFIG', 'SET', ...undo);
      }
      return [...answers, await ask()];
    }));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1]?.[0]).toMatch(/^-DENIED Redis is running in protected mode/);
    expect(outcomes[1]?.[2]).toBe('+PONG\r\n');
  });

  test('a few seconds of rubbish leave a server that answers, within its memory', async () => {
    const server = await startFuzzedServer();
    try {
      const report = await fuzz({ port: server.port, seed: 20_230_115, durationMs: 2000, commands: server.commands });
      expect(report.requests).toBeGreaterThan(200);
      expect(report.slowestPingMs).toBeLessThan(5000);
      expect(server.check()).toBeGreaterThan(0);
    } finally {
      await server.stop();
    }
  });
}));
