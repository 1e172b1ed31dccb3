/** Our rows beside what redis-server's COMMAND says: names, arity, flags, key positions, and since when. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply, Status } from '../../engine/protocol/reply.ts';
import { familyRows } from '../support/directCall.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

/** What COMMAND does not show. */
const HIDDEN_FLAGS = new Set(['touches_arbitrary_keys']);

const words = (reply: Reply | undefined): string[] =>
  (Array.isArray(reply) ? (reply as readonly Reply[]).map((item) => (item instanceof Status ? item.text : String(item))) : []);

describe('the command table beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;

  beforeAll(async () => {
    server = await startServerProcess('redis');
    client = await RawClient.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  test.each(familyRows.map((row) => [row.name, row] as const))('%s', async (name, row) => {
    const [info] = await client.run('COMMAND', 'INFO', name) as readonly (readonly Reply[])[];
    expect(info?.[0]).toBe(name);
    expect(info?.[1]).toBe(row.arity);
    expect(row.flags.filter((flag) => !HIDDEN_FLAGS.has(flag)).toSorted()).toEqual(words(info?.[2]).toSorted());
    expect([row.keys.first, row.keys.last, row.keys.step]).toEqual([info?.[3], info?.[4], info?.[5]]);
    expect(row.movableKeys !== undefined).toBe(row.flags.includes('movablekeys'));
    const container = name.split('|')[0] as string;
    const docs = JSON.stringify(await client.run('COMMAND', 'DOCS', container));
    const own = docs.slice(docs.indexOf(`"${name}"`));
    expect(own.slice(own.indexOf('"since"')).startsWith(`"since","${row.since}"`)).toBe(true);
  });
}));
