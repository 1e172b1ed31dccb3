/**
 * Replication between our server and a real one, in both directions and in a chain, under writes: the data must be
 * equal, and a broken link must be mended by a partial resynchronisation.
 */
import { spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, eventually, startServerProcess, withServers }
  from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 60_000;

/** Diskless without the delay, so that a test does not wait five seconds for each synchronisation. */
const PRIMARY: readonly string[] = ['--repl-diskless-sync-delay', '0'];
const replicaOf = (primary: ServerProcess): readonly string[] =>
  [...PRIMARY, '--replicaof', '127.0.0.1', String(primary.port)];

/** Strings and sets in their encodings, expiry, two databases, and values short and long. */
const fill = (server: ServerProcess): void => {
  const words: readonly (readonly string[])[] = [
    ['SET', 'text', 'value'], ['SET', 'expiring', 'value', 'EX', '1000'], ['SETRANGE', 'gap', '5', 'x'],
    ['SADD', 'integers', '1', '2', '3'], ['SADD', 'words', 'x', 'y'], ['INCRBY', 'counter', '41'],
    ['APPEND', 'text', '!'], ['-n', '3', 'SET', 'elsewhere', 'value'], ['SET', 'gone', 'value', 'PX', '1'],
  ];
  for (const command of words) server.cli(...command);
  for (let index = 0; index < 30; index++) server.cli('SET', `long:${index}`, 'x'.repeat(index * index * 20));
};

/** Writes at full speed until `stop`, which resolves when the writer is gone. */
const writing = (server: ServerProcess): { stop(): Promise<void> } => {
  const writer = spawn('redis-benchmark', [
    '-p', String(server.port), '-t', 'set,sadd,incr', '-r', '500', '-n', '2000', '-c', '4', '-l', '-q',
  ], { stdio: 'ignore' });
  return {
    stop: () => new Promise((resolve) => {
      writer.once('exit', () => resolve());
      writer.kill('SIGKILL');
    }),
  };
};

const field = (server: ServerProcess, section: string, name: string): string =>
  new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(server.cli('INFO', section))?.[1] ?? '';

const waitForLink = (replica: ServerProcess): Promise<string> =>
  eventually(() => field(replica, 'replication', 'master_link_status'), (status) => status === 'up');

/** Waits until the replica stands where the primary does, then compares the data sets. */
const expectEqual = async (primary: ServerProcess, ...replicas: readonly ServerProcess[]): Promise<void> => {
  for (const replica of replicas) {
    await waitForLink(replica);
    await eventually(
      () => [field(primary, 'replication', 'master_repl_offset'), field(replica, 'replication', 'master_repl_offset')],
      ([first, second]) => first === second);
    expect(await contents(replica)).toEqual(await contents(primary));
  }
};

/** Every key with its value, those of unordered types sorted: comparable between servers of either kind. */
const contents = async (server: ServerProcess): Promise<readonly string[]> => {
  const client = new Redis(server.port, '127.0.0.1');
  try {
    const found: string[] = [];
    for (const database of [0, 3]) {
      await client.select(database);
      for (const key of (await client.keys('*')).sort()) {
        found.push(`${database} ${key} ${await valueOf(client, key)}`);
      }
    }
    return found;
  } finally {
    client.disconnect();
  }
};

const valueOf = async (client: Redis, key: string): Promise<string> => {
  switch (await client.type(key)) {
    case 'string': return JSON.stringify((await client.getBuffer(key))?.toString('latin1'));
    case 'list': return JSON.stringify(await client.lrange(key, 0, -1));
    case 'set': return JSON.stringify((await client.smembers(key)).sort());
    case 'zset': return JSON.stringify(await client.zrange(key, 0, -1, 'WITHSCORES'));
    default: return JSON.stringify(Object.entries(await client.hgetall(key)).sort());
  }
};

const pairs: readonly (readonly [ServerKind, ServerKind])[] =
  [['faultline', 'redis'], ['redis', 'faultline'], ['faultline', 'faultline']];

describe('replication', () => requireRedis(() => {
  for (const [primaryKind, replicaKind] of pairs) {
    it(`${replicaKind} follows ${primaryKind} under writes, and resumes after its link was cut`, async () => {
      await withServers([startServerProcess(primaryKind, PRIMARY)], async (primary) => {
        if (primary === undefined) return;
        fill(primary);
        await withServers([startServerProcess(replicaKind, replicaOf(primary))], async (replica) => {
          if (replica === undefined) return;
          const writer = writing(primary);
          await waitForLink(replica);
          expect(field(primary, 'stats', 'sync_full')).toBe('1');
          for (let cut = 1; cut <= 3; cut++) {
            await eventually(() => Number(primary.cli('CLIENT', 'KILL', 'TYPE', 'replica')), (count) => count > 0);
            await eventually(
              () => Number(field(primary, 'stats', 'sync_partial_ok')), (count) => count >= cut);
            await waitForLink(replica);
          }
          await writer.stop();
          await expectEqual(primary, replica);
          expect(field(primary, 'stats', 'sync_full')).toBe('1');
          expect(field(replica, 'replication', 'master_replid')).toBe(field(primary, 'replication', 'master_replid'));
        });
      });
    }, TEST_MS);
  }

  it('passes through a chain of ours between two real ones', async () => {
    await withServers([startServerProcess('redis', PRIMARY)], async (top) => {
      if (top === undefined) return;
      fill(top);
      await withServers([startServerProcess('faultline', replicaOf(top))], async (middle) => {
        if (middle === undefined) return;
        await waitForLink(middle);
        await withServers([startServerProcess('redis', replicaOf(middle))], async (bottom) => {
          if (bottom === undefined) return;
          const writer = writing(top);
          await waitForLink(bottom);
          await writer.stop();
          await expectEqual(top, middle, bottom);
        });
      });
    });
  }, TEST_MS);

  it.runIf(process.platform === 'linux').each(['redis', 'faultline'] as const)('%s calls its primary from bind-source-addr', async (kind) => {
    // Any other address of the loopback is a stranger's to a server in protected mode.
    await withServers([startServerProcess('redis', [...PRIMARY, '--protected-mode', 'no'])], async (primary) => {
      if (primary === undefined) return;
      await withServers([startServerProcess(kind, [...replicaOf(primary), '--bind-source-addr', '127.0.0.77'])], async (replica) => {
        if (replica === undefined) return;
        await waitForLink(replica);
        expect(field(primary, 'replication', 'slave0')).toMatch(/^ip=127\.0\.0\.77,/);
      });
    });
  }, TEST_MS);

  it('goes on by a partial resynchronisation when a replica of ours is promoted', async () => {
    await withServers([startServerProcess('redis', PRIMARY)], async (old) => {
      if (old === undefined) return;
      fill(old);
      await withServers(
        [startServerProcess('faultline', replicaOf(old)), startServerProcess('redis', replicaOf(old))],
        async (promoted, sibling) => {
          if (promoted === undefined || sibling === undefined) return;
          await expectEqual(old, promoted, sibling);
          promoted.cli('REPLICAOF', 'NO', 'ONE');
          sibling.cli('REPLICAOF', '127.0.0.1', String(promoted.port));
          promoted.cli('SET', 'after', 'promotion');
          await expectEqual(promoted, sibling);
          expect(field(promoted, 'stats', 'sync_partial_ok')).toBe('1');
          expect(field(promoted, 'stats', 'sync_full')).toBe('0');
        });
    });
  }, TEST_MS);
}));
