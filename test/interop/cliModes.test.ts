/**
 * redis-cli's modes on our server and on redis-server, side by side: what it finds by scanning, what it measures, what it pipes in, the
 * snapshots that it takes as a replica would, and its ways of printing. What may differ (the order of SCAN, times, estimates) is left out
 * of the comparison by name.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReply, OK } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
/** A mode that should have ended by itself is ended, and the test fails. */
const MODE_MS_MAX = 20_000;
const LIBRARY = "#!lua name=mine\nredis.register_function('mine', function(keys, arguments) return arguments[1] end)";

let servers: Readonly<Record<ServerKind, ServerProcess>>;

interface Said {
  readonly text: string;
  readonly status: number;
}

const run = (server: ServerProcess, words: readonly string[], input = ''): Promise<Said> => new Promise((resolve, reject) => {
  const child = execFile('redis-cli', ['-p', String(server.port), ...words], { encoding: 'latin1', timeout: MODE_MS_MAX },
    (failure, said, complaints) => {
      if (failure !== null && child.exitCode === null) reject(new Error(`redis-cli ${words.join(' ')} did not end: ${said}`));
      else resolve({ text: said + complaints, status: child.exitCode ?? 0 });
    });
  // It may end without having read anything.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input, 'latin1');
});

/** The same on both; both answers. */
const onBoth = async (words: readonly string[], input = ''): Promise<readonly [redis: Said, ours: Said]> => {
  const [redis, ours] = await Promise.all(KINDS.map((kind) => run(servers[kind], words, input)));
  return [redis as Said, ours as Said];
};

/** The same on both, and the same comes of it, after `relevant` has taken away what is each one's own. */
const expectSame = async (words: readonly string[], relevant: (text: string) => string = (text) => text, input = ''): Promise<string> => {
  const [redis, ours] = await onBoth(words, input);
  expect(relevant(ours.text), words.join(' ')).toBe(relevant(redis.text));
  expect(ours.status, words.join(' ')).toBe(redis.status);
  return ours.text;
};

const request = (...words: readonly (string | number)[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${String(word).length}\r\n${word}\r\n`).join('')}`;

const each = <Value>(count: number, make: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => make(index));

/** Strings, lists, sets, hashes, sorted sets and streams, of each kind one that is clearly the largest. */
const data = (): string => [
  ...each(300, (size) => request('SET', `string:${size}`, 'x'.repeat(size))), request('SET', 'string:largest', 'x'.repeat(5000)),
  ...[1, 2, 3, 60].flatMap((size) => [
    request('RPUSH', `list:${size}`, ...each(size, (item) => `item ${item}`)),
    request('SADD', `set:${size}`, ...each(size, (item) => `item ${item}`)),
    request('HSET', `hash:${size}`, ...each(size, (item) => [`field ${item}`, item]).flat()),
    request('ZADD', `sorted set:${size}`, ...each(size, (item) => [item, `member ${item}`]).flat()),
    ...each(size, (item) => request('XADD', `stream:${size}`, `${item + 1}-0`, 'field', 'value')),
  ]),
].join('');

/** From the summary on: what was found on the way depends on the order of SCAN. */
const summary = (text: string): string => text.slice(text.indexOf('-------- summary'));

/** Runs a mode that has no end until it has said enough. What it says into a pipe it would keep back otherwise. */
const untilSaid = (words: readonly string[], isEnough: (text: string) => boolean): Promise<string> => new Promise((resolve, reject) => {
  const child: ChildProcess = spawn('stdbuf', ['-oL', 'redis-cli', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const limit = setTimeout(() => child.kill('SIGKILL'), MODE_MS_MAX);
  const hear = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (isEnough(text)) child.kill('SIGKILL');
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.on('close', () => {
    clearTimeout(limit);
    if (isEnough(text)) resolve(text);
    else reject(new Error(`redis-cli ${words.join(' ')} ended, or did not come to it: ${text}`));
  });
});

describe("redis-cli's modes on our server as on redis-server", () => requireRedis(() => {
  beforeAll(async () => {
    const directives = ['--repl-diskless-sync-delay', '0'];
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind, directives)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
    expect(await expectSame(['--pipe'], undefined, data())).toContain('errors: 0, replies: 383');
    await expectSame(['FUNCTION', 'LOAD', LIBRARY]);
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  it('--pipe counts errors, and takes inline commands too', async () => {
    const text = `${request('SET', 'piped', 1)}PING\r\n${request('LPUSH', 'piped', 'x')}${request('NOSUCH')}`;
    expect(await expectSame(['--pipe', '-n', '1'], undefined, text)).toContain('errors: 2, replies: 4');
  });

  it('--bigkeys, --memkeys and --hotkeys find what is largest and asked for most', async () => {
    expect(await expectSame(['--bigkeys'], summary)).toContain('Biggest stream found \'"stream:60"\' has 60 entries');
    // How much a key takes is an estimate; which one takes most is not, but for short streams: redis-server gives each the same block.
    const largest = (text: string): string => summary(text).replace(/with [0-9]+ bytes.*|has [0-9]+ bytes|Biggest stream.*/g, '');
    for (const samples of [[], ['--memkeys-samples', '0']]) {
      expect(await expectSame(['--memkeys', ...samples], largest)).toContain('Biggest   list found \'"list:60"\'');
    }
    await expectSame(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu']);
    await expectSame(['-r', '40', 'GET', 'string:7']);
    const hottest = (text: string): string => /hot key found with counter: [0-9]+\s+keyname: "string:7"/.exec(text)?.[0].replace(/[0-9]+/, '') ?? text;
    expect(await expectSame(['--hotkeys'], hottest)).toContain('string:7');
    await expectSame(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
  });

  it('--latency and --stat measure for as long as they are told', async () => {
    for (const said of await onBoth(['--latency', '-i', '0.2'])) expect(said.text).toMatch(/^[0-9]+ [0-9]+ [0-9.]+ [1-9][0-9]*$/m);
    const { port } = servers.faultline;
    const stat = await untilSaid(['-p', String(port), '--stat', '-i', '0.05'], (text) => (text.match(/\(\+[0-9]+\)/g) ?? []).length >= 3);
    expect(stat).toMatch(/^32[0-9] +[0-9.]+[KM] +[1-9][0-9]* +0 +[0-9]+ \(\+[0-9]+\) +[0-9]+/m);
  });

  it('--scan, -r, -x, -X, --eval and the ways of printing', async () => {
    const sorted = (text: string): string => text.split('\n').sort().join('\n');
    expect((await expectSame(['--scan', '--pattern', 'string:1*'], sorted)).split('\n')).toHaveLength(112);
    await expectSame(['-r', '3', '-i', '0.01', 'INCR', 'counter']);
    await expectSame(['-x', 'SET', 'from input'], undefined, 'a value\0of bytes');
    await expectSame(['--no-raw', 'GET', 'from input']);
    await expectSame(['-X', 'tag', 'SET', 'other', 'tag', 'GET'], undefined, 'by a tag');
    for (const format of ['--csv', '--json', '--no-raw']) {
      await expectSame([format, 'LRANGE', 'list:3', '0', '-1']);
      await expectSame([format, '-3', 'ZRANGE', 'sorted set:3', '0', '-1', 'WITHSCORES']);
      await expectSame([format, '-2', 'HGETALL', 'hash:3']);
      await expectSame([format, 'XRANGE', 'stream:2', '-', '+']);
      await expectSame([format, 'NOSUCH']);
    }
    await expectSame(['-e', 'LPUSH', 'string:1', 'x']);
    const script = join(servers.redis.directory, 'script.lua');
    writeFileSync(script, 'return {KEYS[1], ARGV[1], redis.call("GET", KEYS[1])}');
    expect(await expectSame(['--eval', script, 'string:3', ',', 'argument'])).toBe('string:3\nargument\nxxx\n');
  });

  it('-u, --user and -a say who asks; without the password nobody is answered', async () => {
    await expectSame(['CONFIG', 'SET', 'requirepass', 'secret']);
    try {
      expect(await expectSame(['PING'])).toContain('NOAUTH');
      expect(await expectSame(['--no-auth-warning', '-a', 'secret', 'PING'])).toBe('PONG\n');
      expect(await expectSame(['--no-auth-warning', '-a', 'wrong', 'PING'])).toContain('WRONGPASS');
      for (const kind of KINDS) {
        const said = await run(servers[kind], ['--no-auth-warning', '-u', `redis://default:secret@127.0.0.1:${servers[kind].port}/5`, 'CLIENT', 'INFO']);
        expect(said.text).toContain(' db=5 ');
      }
    } finally {
      await expectSame(['--no-auth-warning', '-a', 'secret', 'CONFIG', 'SET', 'requirepass', '']);
    }
  });

  it('--rdb and --functions-rdb fetch a snapshot that redis-server reads: everything, or the functions alone', async () => {
    for (const diskless of ['yes', 'no']) {
      await expectSame(['CONFIG', 'SET', 'repl-diskless-sync', diskless]);
      for (const mode of ['--rdb', '--functions-rdb']) {
        const file = join(servers.redis.directory, `fetched${mode}${diskless}.rdb`);
        const said = await run(servers.faultline, [mode, file]);
        expect(said.text, mode).toContain('Transfer finished with success');
        const check = execFileSync('redis-check-rdb', [file], { encoding: 'latin1' });
        expect(check).toContain('RDB looks OK');
        const reader = await startServerProcess('redis', ['--dir', servers.redis.directory, '--dbfilename', `fetched${mode}${diskless}.rdb`]);
        expect(reader.cli('FUNCTION', 'LIST')).toContain('mine');
        expect(reader.cli('DBSIZE')).toBe(mode === '--rdb' ? servers.faultline.cli('DBSIZE') : '0');
        if (mode === '--rdb') expect(reader.cli('LRANGE', 'list:3', '0', '-1')).toBe('item 0\nitem 1\nitem 2');
        await reader.stop();
      }
    }
    // Who wanted the snapshot only is no replica any more.
    expect(servers.faultline.cli('INFO', 'replication')).toContain('connected_slaves:0');
    expect(servers.faultline.log()).toContain('should be disconnected asap');
  });

  it('--replica shows the stream of commands behind the snapshot, of which it wants nothing', async () => {
    for (const kind of KINDS) {
      const server = servers[kind];
      const writer = setInterval(() => void run(server, ['SET', 'streamed', 'to the replica']).catch(() => {}), 100);
      try {
        await untilSaid(['-p', String(server.port), '--replica'], (text) => text.includes('"SET","streamed","to the replica"'));
      } finally {
        clearInterval(writer);
      }
    }
  });

  it('REPLCONF takes what redis-cli asks for, and refuses the rest in the same words', async () => {
    for (const words of ['rdb-only 2', 'rdb-only x', 'rdb-only 0', 'rdb-filter-only data', 'rdb-filter-only "', 'rdb-filter-only Functions', 'rdb-filter-only ']) {
      await expectSame(['REPLCONF', words.slice(0, words.indexOf(' ')), words.slice(words.indexOf(' ') + 1)]);
    }
    for (const kind of KINDS) {
      const client = await RawClient.open(servers[kind].port);
      expect(await client.run('REPLCONF', 'rdb-filter-only', 'functions')).toEqual(OK);
      expect(await client.run('SYNC')).toEqual(new ErrorReply('ERR Filtered replica requires EOF capability'));
      client.close();
    }
  });
}));
