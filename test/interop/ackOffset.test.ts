/**
 * What a primary knows of a replica that has just got its snapshot: until the first ACK nothing, whatever the snapshot held. WAIT, INFO
 * and ROLE of both kinds of server say the same before it, after it, and after one that goes back or beyond the stream.
 */
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { requireDist, type ServerKind, type ServerProcess, eventually, withServers, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { StreamTap } from './streamTap.ts';

const DIRECTIVES: readonly string[] = ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '1000'];

type Said = Readonly<Record<string, string>>;

/** What the server says of its replica; WAIT, to the client that wrote last. Seconds since the last ACK are the test's pace. */
const said = async (server: ServerProcess, writer: Redis, waitMs: number): Promise<Said> => {
  const wait = String(await writer.wait(1, waitMs));
  const info = server.cli('INFO', 'replication');
  const line = /^slave0:(.*)$/m.exec(info)?.[1] ?? 'none';
  return {
    wait,
    slave0: line.trim().replace(/,lag=\d+/, ''),
    offset: /^master_repl_offset:(\d+)/m.exec(info)?.[1] ?? 'none',
    role: server.cli('ROLE'),
  };
};

const observe = async (server: ServerProcess): Promise<readonly Said[]> => {
  const writer = new Redis(server.port, '127.0.0.1');
  await writer.set('before', 'x');
  const tap = await StreamTap.open(server.port);
  const seen: Said[] = [];
  const look = async (): Promise<Said> => {
    const one = await said(server, writer, 100);
    seen.push(one);
    return one;
  };
  const acknowledged = async (offset: number): Promise<void> => {
    tap.acknowledge(offset);
    await eventually(() => server.cli('INFO', 'replication'), (text) => text.includes(`,offset=${offset},`), 5000);
    await look();
  };
  try {
    await look();
    await writer.set('after', 'y');
    await look();
    await acknowledged(1);
    // Each WAIT asks for an ACK, through the stream.
    const end = Number((await look())['offset']);
    await acknowledged(end);
    // An offset that goes back is not believed, and one beyond the stream is.
    tap.acknowledge(end - 1);
    await look();
    await acknowledged(end + 1000);
    return seen;
  } finally {
    tap.close();
    writer.disconnect();
  }
};

requireRedis(() => {
  it('is the same from both kinds of server', async () => {
    requireDist();
    const kinds: readonly ServerKind[] = ['redis', 'faultline'];
    await withServers(kinds.map((kind) => startServerProcess(kind, DIRECTIVES)), async (...servers) => {
      const [real, ours] = await Promise.all(servers.map(observe));
      expect(ours).toEqual(real);
      // What was written before there was a stream ends at offset 0, and that is acknowledged by saying nothing.
      expect(real?.map(({ wait }) => wait)).toEqual(['1', '0', '0', '0', '1', '1', '1']);
      expect(real?.[1]?.['slave0']).toContain('state=online,offset=0');
    });
  }, 30_000);
});
