/**
 * FUNCTION beside redis-server 7.0 as far as there are no functions, and what it is there for: `redis-cli --cluster add-node` copies
 * the functions of the entry node to the new one, of either kind to the other.
 */
import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startNode, untilServing, withNodes } from '../support/clusterNodes.ts';
import { type ServerKind, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { WireClient } from '../support/sentinelSides.ts';

const TEST_MS = 60_000;
const EMPTY_SET = '\n\0]\x9b\\@\x0f\x7f\xa2\xda';

const REQUESTS: readonly (readonly string[])[] = [
  ['LIST'], ['list', 'WITHCODE', 'LIBRARYNAME', 'x*'], ['LIST', 'bla'], ['LIST', 'LIBRARYNAME'], ['LIST', 'WITHCODE', 'WITHCODE'],
  ['LIST', 'LIBRARYNAME', 'a', 'LIBRARYNAME', 'b'], ['DUMP'], ['DUMP', 'x'], ['STATS'], ['FLUSH'], ['FLUSH', 'ASYNC'], ['FLUSH', 'sync'],
  ['FLUSH', 'bla'], ['FLUSH', 'SYNC', 'x'], ['DELETE', 'x'], ['DELETE'], ['KILL'], ['bla'], ['RESTORE', EMPTY_SET],
  ['RESTORE', EMPTY_SET, 'FLUSH'], ['RESTORE', EMPTY_SET, 'append'], ['RESTORE', EMPTY_SET, 'REPLACE'], ['RESTORE', EMPTY_SET, 'bla'],
  ['RESTORE', EMPTY_SET, 'FLUSH', 'x'], ['RESTORE', 'abc'], ['RESTORE', `${EMPTY_SET.slice(0, -1)}x`], ['RESTORE'],
];

const answers = async (kind: ServerKind): Promise<readonly string[]> => {
  const server = await startServerProcess(kind, []);
  try {
    const got: string[] = [];
    for (const protocol of ['2', '3']) {
      const client = await WireClient.open(server.port);
      await client.ask(['HELLO', protocol]);
      for (const words of REQUESTS) got.push(`${words.join(' ')}: ${await client.ask(['FUNCTION', ...words])}`);
      client.close();
    }
    const persistence = server.cli('INFO', 'persistence');
    got.push(/rdb_changes_since_last_save:[0-9]+/.exec(persistence)?.[0] ?? persistence);
    return got;
  } finally {
    await server.stop();
  }
};

const addNode = (added: number, entry: number): Promise<string> => new Promise((resolve, reject) => {
  execFile('redis-cli', ['--cluster', 'add-node', `127.0.0.1:${added}`, `127.0.0.1:${entry}`], (failure, said, complaints) => {
    if (failure === null) resolve(said);
    else reject(new Error(`${failure.message}\n${said}\n${complaints}`));
  });
});

describe('FUNCTION without functions', () => requireRedis(() => {
  it('answers as redis-server does, byte by byte', async () => {
    expect(await answers('faultline')).toEqual(await answers('redis'));
  }, TEST_MS);

  it.each([['redis', 'faultline'], ['faultline', 'redis']] as const)('an entry node of %s gives its functions to a new one of %s', async (kind, other) => {
    await withNodes([kind], async ([entry]) => {
      if (entry === undefined) throw new Error('no node');
      entry.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      await untilServing([entry], 1);
      const added = await startNode(other);
      try {
        const said = await addNode(added.port, entry.port);
        expect(said).toContain('Send FUNCTION RESTORE');
        expect(said).toContain('[OK] New node added correctly.');
        expect(said).not.toMatch(/\[ERR\]|ERR /);
        await untilServing([entry, added], 2);
      } finally {
        await added.stop();
      }
    });
  }, TEST_MS);
}));
