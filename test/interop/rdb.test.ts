/**
 * RDB files beside redis-server 7.0: ours pass redis-check-rdb and load there to an equal digest, and the reverse; DUMP and
 * RESTORE go both ways; the digest is the one that DEBUG DIGEST prints.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bytes } from '../../engine/core/bytes.ts';
import { redisDigest, redisValueDigest } from '../../engine/keyspace/redisDigest.ts';
import { ErrorReply, type Reply, Status } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient } from '../support/rawClient.ts';
import { anyText, randomData } from '../support/randomData.ts';
import { loadRdb, saveRdb } from '../support/rdbFiles.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

type Words = readonly string[];

const RUNS = 60;

describe('RDB beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--enable-debug-command', 'local']);
    client = await RawClient.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  const text = async (...words: Words): Promise<string> => {
    const reply = await client.run(...words);
    return reply instanceof Status ? reply.text : String(reply instanceof ErrorReply ? reply.text : reply);
  };

  const file = (): string => join(server.directory, 'dump.rdb');

  /** The same commands on both. */
  const fill = async (commands: readonly Words[]): Promise<DirectCall> => {
    await client.run('FLUSHALL');
    const direct = new DirectCall();
    await Promise.all(commands.map((words) => client.run(...words)));
    for (const words of commands) direct.run(...words);
    return direct;
  };

  test('equal data has the digest that DEBUG DIGEST prints', async () => {
    expect(redisDigest(new DirectCall().keyspace)).toBe('0'.repeat(40));
    await fc.assert(fc.asyncProperty(randomData(5), async (commands) => {
      const direct = await fill(commands);
      expect(redisDigest(direct.keyspace)).toBe(await text('DEBUG', 'DIGEST'));
      const [value] = await client.run('DEBUG', 'DIGEST-VALUE', 'k0', 'none') as readonly Reply[];
      expect(redisValueDigest(direct.keyspace.database(0).peek('k0' as Bytes))).toBe((value as Status).text);
    }), { numRuns: RUNS });
  });

  test('what redis-server saves loads here', async () => {
    await fc.assert(fc.asyncProperty(randomData(6), fc.boolean(), async (commands, compresses) => {
      await client.run('CONFIG', 'SET', 'rdbcompression', compresses ? 'yes' : 'no');
      await fill(commands);
      expect(await text('SAVE')).toBe('OK');
      const direct = new DirectCall();
      loadRdb(readFileSync(file(), 'latin1') as Bytes, direct.keyspace);
      expect(redisDigest(direct.keyspace)).toBe(await text('DEBUG', 'DIGEST'));
    }), { numRuns: RUNS });
  });

  test('what we save passes redis-check-rdb and loads there', async () => {
    await fc.assert(fc.asyncProperty(randomData(6), fc.boolean(), async (commands, compresses) => {
      await client.run('CONFIG', 'SET', 'rdbcompression', compresses ? 'yes' : 'no');
      const direct = await fill(commands);
      writeFileSync(file(), saveRdb(direct.keyspace, compresses), 'latin1');
      expect(execFileSync('redis-check-rdb', [file()], { encoding: 'latin1' })).toContain('RDB looks OK!');
      expect(await text('DEBUG', 'RELOAD', 'NOSAVE')).toBe('OK');
      expect(await text('DEBUG', 'DIGEST')).toBe(redisDigest(direct.keyspace));
    }), { numRuns: RUNS });
  });

  test('uncompressed, what both dump is the same but for the order in a hashtable', async () => {
    await client.run('CONFIG', 'SET', 'rdbcompression', 'no');
    await fc.assert(fc.asyncProperty(randomData(1), async (commands) => {
      const direct = await fill(commands);
      const theirs = await client.run('DUMP', 'k0') as string;
      const ours = saveRdb(direct.keyspace, false);
      const encoding = await text('OBJECT', 'ENCODING', 'k0');
      // A group of a stream says when it was read: compared in a test of its own.
      if (encoding === 'stream') return;
      if (encoding === 'hashtable') expect(ours.length).toBeGreaterThan(theirs.length - 10);
      else expect(ours.includes(theirs.slice(1, -10)), encoding).toBe(true);
    }), { numRuns: RUNS * 2 });
    await client.run('CONFIG', 'SET', 'rdbcompression', 'yes');
  });

  test('DUMP and RESTORE go both ways', async () => {
    await fc.assert(fc.asyncProperty(randomData(1), async (commands) => {
      const direct = await fill(commands);
      const digest = redisValueDigest(direct.keyspace.database(0).peek('k0' as Bytes)).toString();
      expect(direct.run('RESTORE', 'copy', '0', await client.run('DUMP', 'k0') as string)).toEqual(new Status('OK'));
      expect(await text('RESTORE', 'copy', '0', direct.run('DUMP', 'k0') as string)).toBe('OK');
      direct.run('PERSIST', 'k0');
      await client.run('PERSIST', 'k0');
      const plain = redisValueDigest(direct.keyspace.database(0).peek('k0' as Bytes));
      expect(redisValueDigest(direct.keyspace.database(0).peek('copy' as Bytes))).toBe(plain);
      const values = await client.run('DEBUG', 'DIGEST-VALUE', 'k0', 'copy') as readonly Status[];
      expect(values.map((status) => status.text), digest).toEqual([plain, plain]);
      expect(await text('OBJECT', 'ENCODING', 'copy')).toBe(String(direct.run('OBJECT', 'ENCODING', 'copy')));
    }), { numRuns: RUNS * 2 });
  });

  test('RESTORE refuses what redis-server refuses', async () => {
    const damage = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    const options = fc.array(fc.constantFrom('REPLACE', 'absttl', 'IDLETIME', 'FREQ', '5', '-1', '300', 'x'), { maxLength: 4 });
    const ttl = fc.constantFrom('0', '100000', '-1', 'x', '4000000000000', '1');
    await fc.assert(fc.asyncProperty(anyText, ttl, options, fc.option(damage), async (value, when, words, harm) => {
      const direct = await fill([['SET', 'k0', value]]);
      let payload = direct.run('DUMP', 'k0') as string;
      if (harm !== null) {
        const at = harm[0] % payload.length;
        payload = payload.slice(0, at) + String.fromCharCode(payload.charCodeAt(at) ^ harm[1]) + payload.slice(at + 1);
      }
      direct.nowMs = Date.now();
      for (const key of ['k0', 'k1']) {
        const ours = direct.run('RESTORE', key, when, payload, ...words) as Status | ErrorReply;
        expect(ours.text, JSON.stringify([key, when, words])).toBe(await text('RESTORE', key, when, payload, ...words));
        expect(direct.run('EXISTS', key)).toBe(await client.run('EXISTS', key));
      }
    }), { numRuns: RUNS * 3 });
  });
}));
