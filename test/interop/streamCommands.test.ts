/**
 * Random stream commands on a real redis-server and on our handlers: equal replies, stream, notifications and digests,
 * and the same value in the end: node for node, as a payload that either side makes of what the other made.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, bytes, compare, upper } from '../../engine/core/bytes.ts';
import { redisValueDigest } from '../../engine/keyspace/redisDigest.ts';
import { StreamValue } from '../../engine/keyspace/streamValue.ts';
import { sealPayload } from '../../engine/persistence/dumpCommands.ts';
import { ValueWriter } from '../../engine/persistence/rdbValueWriter.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { ErrorReply, MapReply, type Reply, type Status } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient, RawEvents, RawStream } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { STREAM_KEYS, type Words, streamSequences } from './streamArbitraries.ts';

const RUNS = Number(process.env['FAULTLINE_PLANS'] ?? 140);
/** Times of this decade, and idle times, which both sides see at different moments. */
const TIME = /^1[6-9][0-9]{11}$/;
const IDLE_STEP_MS = 100_000;
const WRAPPING = new Set(['MULTI', 'EXEC', 'SELECT', 'PING']);

const writer = new ValueWriter({ compression: false, listMaxListpackSize: -2 });
const payloadOf = (value: StreamValue): Bytes => sealPayload(bytes(String.fromCharCode(writer.type(value)) + writer.value(value)));

/** The value without its times. */
const timeless = (value: StreamValue): Bytes => {
  const copy = value.copy();
  for (const { pending, consumers } of copy.groups.values()) {
    for (const consumer of consumers.values()) consumer.seenMs = 0;
    for (const entry of pending.values()) entry.deliveredMs = entry.deliveredMs > 1_650_000_000_000 ? 0 : 1;
  }
  return payloadOf(copy);
};

const isIdle = (argv: Words, path: readonly (string | number)[]): boolean => {
  const name = upper(argv[0] as Bytes);
  return (name === 'XPENDING' && path.length === 2 && path[1] === 2) || (name === 'XINFO' && path[path.length - 1] === 'idle');
};

/** Times by the word, idle times in steps. */
const masked = (argv: Words, reply: Reply, path: readonly (string | number)[] = []): Reply => {
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map((item, place) => masked(argv, item, [...path, place]));
  if (reply instanceof MapReply) {
    return new MapReply(reply.entries.map(([name, value]) => [name, masked(argv, value, [...path, String(name)])]));
  }
  if (typeof reply !== 'number') return reply;
  if (isIdle(argv, path)) return Math.floor(reply / IDLE_STEP_MS);
  return TIME.test(String(reply)) ? bytes('TIME') : reply;
};

/** Of SCAN, which gives keys in an order of its own. */
const sorted = (reply: Reply): Reply => {
  const [cursor, keys] = reply as readonly [Reply, readonly Bytes[]];
  return [cursor, [...keys].sort(compare)];
};

/** RESP2 has no maps: XINFO's idle times are found in RESP3 only. */
const show = (argv: Words, reply: Reply, protocol: 2 | 3): string =>
  (reply instanceof ErrorReply ? `-${reply.text}` : encodeReply(argv[0] === 'SCAN' ? sorted(reply) : masked(argv, reply), protocol));

const lines = (commands: readonly (readonly Bytes[])[]): string[] => commands
  .filter((argv) => !WRAPPING.has(upper(argv[0] as Bytes)))
  .map((argv) => argv.map((item) => (TIME.test(item) ? 'TIME' : item)).join(' '));

const valueOf = (direct: DirectCall, key: string): StreamValue | undefined => {
  const value = direct.keyspace.database(0).peek(key as Bytes)?.value;
  return value instanceof StreamValue ? value : undefined;
};

describe('stream commands beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;
  let stream: RawStream;
  let events: RawEvents;
  let round = 0;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600', '--enable-debug-command', 'local',
      '--rdbcompression', 'no', '--sanitize-dump-payload', 'yes']);
    client = await RawClient.open(server.port);
    stream = await RawStream.open(server.port);
    await client.run('CONFIG', 'SET', 'notify-keyspace-events', 'Eg$lshzxemtn');
    events = await RawEvents.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    stream?.close();
    events?.close();
    await server?.stop();
  });

  const begin = async (nodeBytes: number, nodeEntries: number, protocol: 2 | 3): Promise<DirectCall> => {
    await client.run('CONFIG', 'SET', 'stream-node-max-bytes', String(nodeBytes), 'stream-node-max-entries', String(nodeEntries));
    await client.run('HELLO', String(protocol));
    await client.run('FLUSHALL');
    const direct = new DirectCall();
    direct.client.protocol = protocol;
    direct.keyspace.limits.streamNodeMaxBytes = nodeBytes;
    direct.keyspace.limits.streamNodeMaxEntries = nodeEntries;
    return direct;
  };

  /** The same value on both sides, and each loads what the other saved. */
  const compareValues = async (direct: DirectCall): Promise<void> => {
    for (const key of STREAM_KEYS) {
      const theirs = await client.run('DUMP', key);
      const value = valueOf(direct, key);
      if (value === undefined) {
        if (theirs !== null) expect((await client.run('TYPE', key) as Status).text, key).not.toBe('stream');
        continue;
      }
      const other = new DirectCall();
      expect(other.run('RESTORE', key, '0', theirs as string), `the payload of ${key}`).toHaveProperty('text', 'OK');
      const loaded = valueOf(other, key) as StreamValue;
      expect(payloadOf(loaded), 'loaded and saved again').toBe(theirs);
      expect(timeless(value), `the value of ${key}`).toBe(timeless(loaded));
      const ours = payloadOf(value);
      expect(await client.run('RESTORE', 'copy', '0', ours, 'REPLACE')).toHaveProperty('text', 'OK');
      expect(await client.run('DUMP', 'copy')).toBe(ours);
      expect((await client.run('DEBUG', 'DIGEST-VALUE', key) as readonly Status[])[0]?.text)
        .toBe(redisValueDigest(direct.keyspace.database(0).peek(key as Bytes)));
    }
    await client.run('DEL', 'copy');
  };

  const compareRun = async (sequence: readonly Words[], nodeBytes: number, nodeEntries: number, protocol: 2 | 3): Promise<void> => {
    const marker = `marker${round++}`;
    const direct = await begin(nodeBytes, nodeEntries, protocol);
    await client.run('SET', marker, 'from');
    await stream.takeUntil('SET', marker, 'from');
    await events.takeUntil(`0 set ${marker}`);
    const usable = sequence.filter((argv) => protocol === 3 || argv[0] !== 'XINFO' || argv[1] !== 'CONSUMERS');
    const replies = await Promise.all(usable.map((argv) => client.run(...argv)));
    for (const [index, argv] of usable.entries()) {
      direct.nowMs = Date.now();
      expect(show(argv, direct.run(...argv), protocol), `reply to ${JSON.stringify(argv)}`).toBe(show(argv, replies[index] as Reply, protocol));
    }
    await client.run('SET', marker, 'to');
    expect(direct.events).toEqual((await events.takeUntil(`0 set ${marker}`)).filter((event) => !event.endsWith(marker)));
    expect(lines(direct.stream)).toEqual(lines(await stream.takeUntil('SET', marker, 'to')));
    await compareValues(direct);
  };

  test('random sequences agree in replies, in the stream, and in what they leave', async () => {
    await fc.assert(fc.asyncProperty(
      streamSequences, fc.constantFrom(4096, 150, 0), fc.constantFrom(100, 4, 0), fc.constantFrom(2, 3), compareRun,
    ), { numRuns: RUNS });
  }, 60_000);
}));
