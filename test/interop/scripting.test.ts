/**
 * Scripts beside redis-server 7.0: the same texts to both, the same bytes back, in both versions of the protocol.
 * What is known to differ is in docs/scripting.md, each with a line in `DIFFERENCES` below.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { SCRIPTS } from './scriptTable.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];

let servers: Readonly<Record<ServerKind, ServerProcess>>;

const answers = async (kind: ServerKind, version: 2 | 3, scripts: readonly string[]): Promise<string[]> => {
  const client = await RawClient.open(servers[kind].port);
  if (version === 3) await client.run('HELLO', '3');
  const found: string[] = [];
  for (const script of scripts) found.push(`${script} -> ${encodeReply(await client.run('EVAL', script, '1', 'key', 'argument'), version)}`);
  client.close();
  return found;
};

describe('scripts beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test.each(Object.entries(SCRIPTS))('%s', async (_name, scripts) => {
    for (const version of [2, 3] as const) {
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => answers(kind, version, scripts)));
      expect(ours).toEqual(theirs);
    }
  });
}));
