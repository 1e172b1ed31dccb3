/**
 * Append-only directories between our server and a real one: what either writes the other loads and redis-check-aof
 * accepts; after the same commands the increments are equal byte for byte; one stands in for the other on the same files;
 * and damaged files are loaded, cut back or refused alike.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 60_000;
const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const other = (kind: ServerKind): ServerKind => (kind === 'redis' ? 'faultline' : 'redis');

const withDirectory = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-aof-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const start = (kind: ServerKind, directory: string, ...directives: readonly string[]): Promise<ServerProcess> =>
  startServerProcess(kind, ['--dir', directory, '--appendonly', 'yes', ...directives]);

const aofFiles = (directory: string): string => join(directory, 'appendonlydir');
const manifestOf = (directory: string): string => join(aofFiles(directory), 'appendonly.aof.manifest');

/** Every key with its dump-like text, over the databases that the commands use. */
const contents = (server: ServerProcess): string => [0, 1, 2].map((database) => {
  const keys = server.cli('-n', String(database), 'KEYS', '*').split('\n').filter((key) => key !== '').sort();
  return keys.map((key) => `${database} ${key} ${valueOf(server, database, key)}`).join('\n');
}).join('\n');

const valueOf = (server: ServerProcess, database: number, key: string): string => {
  const ask = (...words: readonly string[]): string => server.cli('-n', String(database), ...words);
  const ttl = Number(ask('PTTL', key)) > 0 ? 'expires' : 'stays';
  switch (ask('TYPE', key)) {
    case 'string': return `${ttl} ${ask('GET', key)}`;
    case 'set': return `${ttl} ${ask('SMEMBERS', key).split('\n').sort().join(' ')}`;
    case 'list': return `${ttl} ${ask('LRANGE', key, '0', '-1')}`;
    case 'hash': return `${ttl} ${ask('HGETALL', key)}`;
    default: return `${ttl} ${ask('ZRANGE', key, '0', '-1', 'WITHSCORES')}`;
  }
};

/** A small generator, so that both servers get the same commands: the numerical recipes one. */
const commandsOf = (seed: number, count: number): string[][] => {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
  const key = (): string => `key:${draw(12)}`;
  const makers: readonly (() => string[])[] = [
    () => ['SET', key(), `value ${draw(1000)}`], () => ['set', key(), 'x'.repeat(draw(300)), 'EX', '1000'],
    () => ['INCRBY', `counter:${draw(3)}`, String(draw(50))], () => ['APPEND', key(), 'tail'], () => ['DEL', key(), key()],
    () => ['EXPIRE', key(), '5000'], () => ['PERSIST', key()], () => ['RENAME', key(), key()],
    () => ['SADD', `set:${draw(3)}`, String(draw(20)), `m${draw(20)}`], () => ['SREM', `set:${draw(3)}`, String(draw(20))],
    () => ['SPOP', `set:${draw(3)}`, '100'], () => ['SELECT', String(draw(3))], () => ['GETEX', key(), 'PX', '900000'],
    () => ['RPUSH', `list:${draw(2)}`, `e${draw(9)}`, 'f'], () => ['LPOP', `list:${draw(2)}`],
    () => ['HSET', `hash:${draw(2)}`, `f${draw(5)}`, String(draw(99))], () => ['ZADD', `zset:${draw(2)}`, String(draw(50) / 4), `m${draw(5)}`],
    () => ['INCRBYFLOAT', `float:${draw(2)}`, '0.25'], () => ['MULTI'], () => ['EXEC'], () => ['FLUSHDB'],
  ];
  return [...Array.from({ length: count }, () => (makers[draw(makers.length)] as () => string[])()), ['EXEC'], ['SELECT', '0']];
};

const run = async (server: ServerProcess, commands: readonly (readonly string[])[]): Promise<void> => {
  const client = await RawClient.open(server.port);
  try {
    for (const words of commands) await client.run(...words);
  } finally {
    client.close();
  }
};

/** Absolute expiry times differ by when the command came. */
const normalised = (text: string): string => text.replace(/(?<=\n)1[0-9]{12}(?=\r)/g, 'TIME').replace(/#TS:[0-9]+\r\n/g, '');

const increment = (directory: string, number: number): string =>
  normalised(readFileSync(join(aofFiles(directory), `appendonly.aof.${number}.incr.aof`), 'latin1'));

const check = (directory: string): string => {
  const result = spawnSync('redis-check-aof', [manifestOf(directory)], { encoding: 'latin1' });
  return result.status === 0 ? 'sound' : `${result.stdout}${result.stderr}`;
};

const rewritten = (server: ServerProcess): Promise<string> => {
  server.cli('BGREWRITEAOF');
  return eventually(() => server.cli('INFO', 'persistence'), (text) => /aof_rewrite_in_progress:0/.test(text)
    && /aof_last_bgrewrite_status:ok/.test(text) && /aof_rewrites:[1-9]/.test(text));
};

describe('the append-only file', () => requireRedis(() => {
  for (const kind of KINDS) {
    for (const preamble of ['yes', 'no']) {
      it(`of ${kind} with aof-use-rdb-preamble ${preamble} is sound, and ${other(kind)} loads it`, () => withDirectory(
        async (directory) => {
          let expected = '';
          await withServers([start(kind, directory, '--aof-use-rdb-preamble', preamble)], async (server) => {
            if (server === undefined) return;
            await run(server, commandsOf(7, 150));
            await rewritten(server);
            await run(server, commandsOf(8, 150));
            expected = contents(server);
            await server.stop('SIGTERM');
          });
          expect(check(directory)).toBe('sound');
          await withServers([start(other(kind), directory)], async (server) => {
            if (server !== undefined) expect(contents(server)).toBe(expected);
          });
        }), TEST_MS);
    }
  }

  it.each([1, 2, 3, 4])('has the same bytes after the same commands, seed %i', async (seed) => withDirectory(async (root) => {
    const texts: string[] = [];
    for (const kind of KINDS) {
      const directory = join(root, kind);
      mkdirSync(directory);
      await withServers([start(kind, directory, '--aof-timestamp-enabled', seed % 2 === 0 ? 'yes' : 'no')], async (server) => {
        if (server === undefined) return;
        await run(server, commandsOf(seed, 400));
        await server.stop('SIGTERM');
      });
      texts.push(increment(directory, 1));
    }
    expect(texts[0]?.length).toBeGreaterThan(1000);
    expect(texts[1]).toBe(texts[0]);
  }), TEST_MS);

  it('has the same bytes on a replica of the same primary', async () => withDirectory(async (root) => {
    await withServers([startServerProcess('redis', ['--repl-diskless-sync-delay', '0'])], async (primary) => {
      if (primary === undefined) return;
      const follow = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0'];
      for (const kind of KINDS) mkdirSync(join(root, kind));
      await withServers(KINDS.map((kind) => start(kind, join(root, kind), ...follow)), async (...replicas) => {
        for (const replica of replicas) {
          await eventually(() => replica.cli('INFO'), (text) => /master_link_status:up/.test(text)
            && /aof_rewrite_in_progress:0/.test(text) && /aof_last_rewrite_time_sec:[0-9]/.test(text));
        }
        await run(primary, commandsOf(5, 300));
        const offset = /master_repl_offset:([0-9]+)/.exec(primary.cli('INFO', 'replication'))?.[1] ?? '';
        for (const replica of replicas) {
          await eventually(() => replica.cli('INFO', 'replication'), (text) => text.includes(`slave_repl_offset:${offset}`));
          await replica.stop('SIGTERM');
        }
        const expected = increment(join(root, 'redis'), 2);
        expect(expected.length).toBeGreaterThan(1000);
        expect(increment(join(root, 'faultline'), 2)).toBe(expected);
      });
    });
  }), TEST_MS);

  it('passes from a real server to ours and back', () => withDirectory(async (directory) => {
    let expected = '';
    for (const [turn, kind] of (['redis', 'faultline', 'redis', 'faultline'] as const).entries()) {
      await withServers([start(kind, directory)], async (server) => {
        if (server === undefined) return;
        if (turn > 0) expect(contents(server)).toBe(expected);
        await run(server, commandsOf(turn + 20, 120));
        if (turn === 1) await rewritten(server);
        expected = contents(server);
        await server.stop(turn % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      });
    }
  }), TEST_MS);

  it('is upgraded from an old single file in the same way', () => withDirectory(async (root) => {
    const listings: string[] = [];
    for (const kind of KINDS) {
      const directory = join(root, kind);
      mkdirSync(directory);
      writeFileSync(join(directory, 'appendonly.aof'), OLD_FILE, 'latin1');
      await withServers([start(kind, directory)], async (server) => {
        if (server !== undefined) listings.push(`${contents(server)} ${readdirSync(aofFiles(directory)).sort().join(' ')} `
          + readFileSync(manifestOf(directory), 'latin1') + String(existsSync(join(directory, 'appendonly.aof'))));
      });
    }
    expect(listings[1]).toBe(listings[0]);
  }), TEST_MS);

  it.each(damages())('damaged, is loaded or refused alike: %s', (_name, damage) => withDirectory(async (root) => {
    const outcomes: string[] = [];
    for (const kind of KINDS) {
      const directory = join(root, kind);
      mkdirSync(aofFiles(directory), { recursive: true });
      writeFileSync(manifestOf(directory), 'file a.base seq 1 type b\nfile b.incr seq 1 type i\n');
      writeFileSync(join(aofFiles(directory), 'a.base'), BASE, 'latin1');
      writeFileSync(join(aofFiles(directory), 'b.incr'), damage(INCREMENT), 'latin1');
      outcomes.push(await outcomeOf(kind, directory));
    }
    expect(outcomes[1]).toBe(outcomes[0]);
  }), TEST_MS);
}));

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

const OLD_FILE = command('SELECT', '1') + command('SET', 'old', 'value') + command('SADD', 'set', 'a', 'b');
const BASE = command('SELECT', '0') + command('SET', 'base', 'value');
const INCREMENT = command('SELECT', '0') + command('SET', 'first', '1') + command('MULTI') + command('SET', 'second', '2')
  + command('INCR', 'third') + command('EXEC') + command('SADD', 'set', 'x', 'y');

/** What became of a start: the data and the length that the increment was cut to, or that it was refused. */
const outcomeOf = async (kind: ServerKind, directory: string): Promise<string> => {
  try {
    const server = await start(kind, directory);
    const outcome = `${contents(server)} ${readFileSync(join(aofFiles(directory), 'b.incr')).length}`;
    await server.stop();
    return outcome;
  } catch (error) {
    if (!/exited with status/.test(String(error))) throw error;
    return 'refused';
  }
};

/** Truncations at points of every kind, and flipped bytes: in a length, a type, a name, a value, a line end. */
function damages(): [string, (text: string) => string][] {
  const cuts = [0, 1, 3, 9, 22, 23, 30, 50, 65, 66, 90, 120, 131, 132, INCREMENT.length - 1];
  const flips: readonly (readonly [number, string])[] = [[0, '+'], [1, 'x'], [4, '#'], [5, '7'], [8, 'x'], [10, 'Z'], [24, '9'], [50, 'q'], [56, '!']];
  return [
    ...cuts.map((at): [string, (text: string) => string] => [`cut at ${at}`, (text) => text.slice(0, at)]),
    ...flips.map(([at, to]): [string, (text: string) => string] =>
      [`byte ${at} is ${to}`, (text) => text.slice(0, at) + to + text.slice(at + 1)]),
  ];
}
