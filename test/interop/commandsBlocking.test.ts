/**
 * Clients that wait for keys, on a real redis-server and on our handlers: the same ones are served, in the same order, with
 * the same replies, and the stream says the same.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, upper } from '../../engine/core/bytes.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { NO_REPLY } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient, RawStream } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

type Words = readonly string[];

const WAITERS = 4;
/** Questions until a state is taken for not reached. */
const ATTEMPTS_MAX = 300;
const WRAPPING = new Set(['MULTI', 'EXEC', 'SELECT', 'PING']);

const TIME = /^1[6-9][0-9]{11}$/;

const key = fc.constantFrom('a', 'b', 'c');
const side = fc.constantFrom('LEFT', 'right');
const end = fc.constantFrom('MIN', 'max');
const count = fc.constantFrom('1', '2', '3');
const words = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<Words> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)));

/** `<timeout>` is filled in, different for each, so that a client is known by its command. */
const waiting: fc.Arbitrary<Words> = fc.oneof(
  words('BLPOP', key, '<timeout>'), words('BRPOP', key, key, '<timeout>'), words('BLMOVE', key, key, side, side, '<timeout>'),
  words('BRPOPLPUSH', key, key, '<timeout>'), words('BLMPOP', '<timeout>', '1', key, side, 'COUNT', count),
  words('BLMPOP', '<timeout>', '2', key, key, side), words('BZPOPMIN', key, key, '<timeout>'), words('BZPOPMAX', key, '<timeout>'),
  words('BZMPOP', '<timeout>', '1', key, end, 'COUNT', count));

const streamKey = fc.constantFrom('x', 'y');
const entryId = fc.constantFrom('$', '$', '2', '4-1', '0');
const consumer = fc.constantFrom('c', 'd');
/** In milliseconds. */
const waitingForStream: fc.Arbitrary<Words> = fc.oneof(
  words('XREAD', 'BLOCK', '<timeout>000', 'STREAMS', streamKey, entryId), words('XREAD', 'COUNT', '1', 'BLOCK', '<timeout>000', 'STREAMS', 'x', 'y', entryId, entryId),
  words('XREAD', 'BLOCK', '<timeout>000', 'STREAMS', 'x', 'x', entryId, entryId), words('XREADGROUP', 'GROUP', 'g', consumer, 'BLOCK', '<timeout>000', 'STREAMS', streamKey, '>'),
  words('XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', '1', 'BLOCK', '<timeout>000', 'NOACK', 'STREAMS', streamKey, '>'),
  words('XREADGROUP', 'GROUP', 'g', consumer, 'BLOCK', '<timeout>000', 'STREAMS', 'x', 'y', '>', '>'), words('BLPOP', streamKey, '<timeout>'));

const givingToStream: fc.Arbitrary<Words> = fc.oneof(
  { weight: 5, arbitrary: words('XADD', streamKey, fc.constantFrom('1-*', '3-*', '4-*'), 'f', consumer) }, words('DEL', streamKey), words('SET', streamKey, '1'),
  words('XGROUP', 'DESTROY', streamKey, 'g'), words('XGROUP', 'CREATE', streamKey, 'g', '0', 'MKSTREAM'), words('RPUSH', streamKey, '1'), words('XDEL', streamKey, '3-0'),
  words('XGROUP', 'SETID', streamKey, 'g', '0'), words('RENAME', streamKey, streamKey), words('COPY', streamKey, streamKey, 'REPLACE'), words('FLUSHALL'));

const giving: fc.Arbitrary<Words> = fc.oneof(
  words('RPUSH', key, '1', '2', '3'), words('LPUSH', key, 'x'), words('RPUSH', key, 'y', 'z'), words('ZADD', key, '1', 'm', '2.5', 'n'),
  words('ZADD', key, '0', 'o'), words('DEL', key), words('RENAME', key, key), words('LMOVE', key, key, 'LEFT', 'RIGHT'), words('SET', key, '1'),
  words('ZUNIONSTORE', key, '1', key), words('COPY', key, key), words('LPOP', key));

describe('waiting clients beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;
  let stream: RawStream;
  let round = 0;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600']);
    client = await RawClient.open(server.port);
    stream = await RawStream.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    stream?.close();
    await server?.stop();
  });

  const untilBlocked = async (clients: number): Promise<void> => {
    let info = '';
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      info = String(await client.run('INFO', 'clients'));
      if (info.includes(`blocked_clients:${clients}\r`)) return;
    }
    throw new Error(`not ${clients} clients are waiting: ${info}`);
  };

  /** One after the other, so that the order of waiting is known. */
  const startWaiting = async (
    waiters: readonly Words[], direct: DirectCall, replies: Map<string, Bytes>, connections: RawClient[],
  ): Promise<number> => {
    let blocked = 0;
    for (const argv of waiters) {
      const connection = await RawClient.open(server.port);
      connections.push(connection);
      const sent = connection.run(...argv).then((reply) => replies.set(argv.join(' '), encodeReply(reply, 2)));
      const reply = direct.run(...argv);
      if (reply === NO_REPLY) {
        blocked++;
        await untilBlocked(blocked - direct.served.length);
      } else {
        await sent;
        expect(replies.get(argv.join(' '))).toBe(encodeReply(reply, 2));
        replies.delete(argv.join(' '));
      }
    }
    return blocked;
  };

  const compareRun = async (before: readonly Words[], waiters: readonly Words[], after: readonly Words[], connections: RawClient[]): Promise<void> => {
    const marker = `marker${round++}`;
    await client.run('FLUSHALL');
    await client.run('SET', marker, 'from');
    await stream.takeUntil('SET', marker, 'from');
    await client.run('DEL', marker);
    const direct = new DirectCall();
    direct.waits = true;
    const replies = new Map<string, Bytes>();
    const onBoth = async (commands: readonly Words[]): Promise<void> => {
      for (const argv of commands) {
        await client.run(...argv);
        direct.run(...argv);
      }
    };
    await onBoth(before);
    const blocked = await startWaiting(waiters, direct, replies, connections);
    await onBoth(after);
    await client.run('SET', marker, 'to');
    const theirs = (await stream.takeUntil('SET', marker, 'to')).filter((argv) => !WRAPPING.has(upper(argv[0] as Bytes)));
    const line = (argv: readonly Bytes[]): string => argv.map((item) => (TIME.test(item) ? 'TIME' : item)).join(' ');
    expect(direct.stream.map(line)).toEqual(theirs.slice(1).map(line));
    await untilBlocked(blocked - direct.served.length);
    // A reply may be on its way still when the server has counted it.
    for (let attempt = 0; attempt < ATTEMPTS_MAX && replies.size < direct.served.length; attempt++) await client.run('PING');
    expect(replies).toEqual(new Map(direct.served.map(({ argv, reply }) => [argv.join(' '), encodeReply(reply, 2)])));
  };

  const check = (giver: fc.Arbitrary<Words>, waiter: fc.Arbitrary<Words>, first: readonly Words[], numRuns: number): Promise<void> => fc.assert(
    fc.asyncProperty(fc.array(giver, { maxLength: 2 }), fc.array(waiter, { minLength: 1, maxLength: WAITERS }), fc.array(giver, { minLength: 1, maxLength: 5 }),
      async (before, templates, after) => {
        const waiters = templates.map((argv, index) => argv.map((word) => word.replace('<timeout>', String(1000 + index))));
        const connections: RawClient[] = [];
        try {
          await compareRun([...first, ...before], waiters, after, connections);
        } finally {
          for (const connection of connections) connection.close();
          await untilBlocked(0);
        }
      }), { numRuns });

  test('the same are served in the same way', () => check(giving, waiting, [], 120), 60_000);

  test('readers of streams are served, or told that there is nothing to wait for, in the same way', () =>
    check(givingToStream, waitingForStream, [['XGROUP', 'CREATE', 'x', 'g', '$', 'MKSTREAM'], ['XGROUP', 'CREATE', 'y', 'g', '$', 'MKSTREAM']], 100), 60_000);
}));
