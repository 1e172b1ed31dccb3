/** Clients of the world against our server: redis-cli, redis-benchmark and ioredis, as they are installed. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, eventually, runOurServer, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const MINUTE_MS = 60_000;

describe('our server and the clients of Redis', () => requireRedis(() => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServerProcess('faultline');
  });
  afterAll(async () => {
    await server.stop();
  });

  it('answers redis-cli', () => {
    expect(server.cli('PING')).toBe('PONG');
    expect(server.cli('SET', 'text', 'with "quotes" and é')).toBe('OK');
    expect(server.cli('GET', 'text')).toBe(Buffer.from('with "quotes" and é').toString('latin1'));
    expect(server.cli('SADD', 'set', '2', '1')).toBe('2');
    expect(server.cli('SMEMBERS', 'set')).toBe('1\n2');
    expect(server.cli('NOSUCH').trim()).toMatch(/^ERR unknown command/);
    expect(server.cli('INFO', 'server')).toContain('redis_version:7.0.15');
    expect(server.cli('-3', 'SMEMBERS', 'none')).toBe('');
  });

  it('takes inline commands, and a pipe of them', () => {
    const script = Array.from({ length: 1000 }, (_, index) => `SET piped:${index} ${index}\r\n`).join('');
    const said = execFileSync('redis-cli', ['-p', String(server.port), '--pipe'], { input: script });
    expect(said.toString()).toContain('errors: 0, replies: 1000');
    expect(server.cli('GET', 'piped:999')).toBe('999');
  });

  it('serves redis-benchmark', () => {
    const said = execFileSync('redis-benchmark', [
      '-p', String(server.port), '-t', 'set,get', '-n', '20000', '-P', '16', '-c', '50', '--csv',
    ], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    expect(said).toMatch(/^"SET","[0-9.]+"/m);
    expect(said).toMatch(/^"GET","[0-9.]+"/m);
    expect(server.cli('EXISTS', 'key:__rand_int__')).toBe('1');
  }, MINUTE_MS);

  it('serves ioredis: pipelines, transactions, binary values and large ones', async () => {
    const client = new Redis(server.port, '127.0.0.1');
    try {
      const value = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
      await client.set('binary', value);
      expect(await client.getBuffer('binary')).toEqual(value);
      const large = 'x'.repeat(20 * 1024 * 1024);
      await client.set('large', large);
      expect((await client.get('large')) === large).toBe(true);
      const results = await client.multi().incr('n').incr('n').exec();
      expect(results).toEqual([[null, 1], [null, 2]]);
      const pipeline = client.pipeline();
      for (let index = 0; index < 5000; index++) pipeline.incr('counter');
      const replies = await pipeline.exec();
      expect(replies?.at(-1)).toEqual([null, 5000]);
      await expect(client.call('SET', 'a')).rejects.toThrow('wrong number of arguments');
    } finally {
      client.disconnect();
    }
  }, MINUTE_MS);

  it('serves ioredis: a stream with a group whose consumers wait for its entries', async () => {
    const producer = new Redis(server.port, '127.0.0.1');
    const consumers = ['one', 'two'].map(() => new Redis(server.port, '127.0.0.1'));
    try {
      await producer.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
      const read = consumers.map((consumer, index) =>
        consumer.xreadgroup('GROUP', 'workers', `worker ${index}`, 'COUNT', 1, 'BLOCK', MINUTE_MS, 'STREAMS', 'jobs', '>'));
      await eventually(() => server.cli('INFO', 'clients'), (info) => info.includes('blocked_clients:2'));
      const ids = [await producer.xadd('jobs', '*', 'task', 'a'), await producer.xadd('jobs', '*', 'task', 'b')];
      const given = await Promise.all(read);
      expect(given.map((reply) => JSON.stringify(reply)).sort()).toEqual(
        ids.map((id, index) => JSON.stringify([['jobs', [[id, ['task', index === 0 ? 'a' : 'b']]]]])));
      expect(await producer.xack('jobs', 'workers', String(ids[0]))).toBe(1);
      expect((await producer.xpending('jobs', 'workers')).slice(0, 3)).toEqual([1, ids[1], ids[1]]);
      expect(await consumers[0]?.xautoclaim('jobs', 'workers', 'worker 0', 0, '-')).toEqual(['0-0', [[ids[1], ['task', 'b']]], []]);
      expect(await producer.xtrim('jobs', 'MAXLEN', 1)).toBe(1);
      expect(server.cli('--bigkeys')).toContain('1 streams with 1 entries');
    } finally {
      for (const client of [producer, ...consumers]) client.disconnect();
    }
  }, MINUTE_MS);

  it('saves by a child process of its own', async () => {
    server.cli('SET', 'saved', '1');
    expect(server.cli('BGSAVE')).toBe('Background saving started');
    await eventually(() => server.cli('INFO', 'persistence'), (info) => info.includes('rdb_bgsave_in_progress:0'));
    expect(server.cli('INFO', 'persistence')).toContain('rdb_last_bgsave_status:ok');
    expect(server.log()).toMatch(/Background saving started by pid \d+/);
  }, MINUTE_MS);
}));

describe('the command line of our server', () => requireRedis(() => {
  it('reads a file, an include and options, of which the last counts', async () => {
    const server = await startServerProcess('faultline', ['--maxclients', '77']);
    try {
      const included = join(server.directory, 'included.conf');
      writeFileSync(included, 'maxclients 50\ntimeout 7\n');
      const file = join(server.directory, 'redis.conf');
      writeFileSync(file, `# a comment\ntimeout 5\ninclude ${included}\nmaxclients 60\n`);
      expect(server.cli('CONFIG', 'GET', 'maxclients')).toBe('maxclients\n77');
      const second = await startServerProcess('faultline', ['--hz', '20'], [], [file]);
      expect(second.cli('CONFIG', 'GET', 'timeout')).toBe('timeout\n7');
      expect(second.cli('CONFIG', 'GET', 'maxclients')).toBe('maxclients\n60');
      await second.stop();
    } finally {
      await server.stop();
    }
  }, MINUTE_MS);

  it('ends with status 1 and the place of what it cannot read', () => {
    const refused = runOurServer(['--port', '0', '--nosuchdirective', 'x']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('*** FATAL CONFIG FILE ERROR');
    expect(refused.stderr).toContain('nosuchdirective');
    expect(runOurServer(['/no/such/file.conf']).stdout).toContain("can't open config file '/no/such/file.conf'");
    expect(runOurServer(['--sentinel'])).toMatchObject({ status: 1 });
  });

  it('prints version and help', () => {
    expect(runOurServer(['--version']).stdout).toMatch(/^Redis server v=7\.0\.15 .* build=faultline-\d+\.\d+\.\d+\n$/);
    expect(runOurServer(['--help']).stdout).toContain('faultline server --port 7778 --replicaof 127.0.0.1 7777');
  });

  it('shuts down on SIGTERM with status 0', async () => {
    const server = await startServerProcess('faultline');
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(() => server.cli('PING')).toThrow();
  });
}));
