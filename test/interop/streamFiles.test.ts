/**
 * Streams in files beside redis-server 7.0: the commands of a rewritten append-only file are its own, word for word; a stream as
 * Redis 5 and 6 stored it loads to the same value.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { StreamValue } from '../../engine/keyspace/streamValue.ts';
import { inNameOrder } from '../../engine/keyspace/streamGroup.ts';
import { ID_MIN, rawId } from '../../engine/keyspace/streamId.ts';
import { littleEndian64 } from '../../engine/persistence/byteOrder.ts';
import { sealPayload } from '../../engine/persistence/dumpCommands.ts';
import { encodeLength } from '../../engine/persistence/rdbLength.ts';
import { ValueWriter } from '../../engine/persistence/rdbValueWriter.ts';
import { streamCommandsText } from '../../engine/persistence/streamRewrite.ts';
import { packBlock } from '../../engine/persistence/streamValueWriter.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';
import { encodeCommand } from '../../engine/protocol/encode.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { interopSeed } from './randomCommands.ts';
import { STREAM_KEYS, streamSequences } from './streamArbitraries.ts';
import { until } from './serverState.ts';

/** Named where something fails. */
const SEED = interopSeed();
const STREAMS = 60;
const OLD_STREAMS = 60;

const writer = new ValueWriter({ compression: false, listMaxListpackSize: -2 });

/** Streams of all kinds that random commands leave. */
const randomStreams = (count: number): StreamValue[] => fc.sample(streamSequences, { numRuns: count, seed: SEED }).flatMap((sequence) => {
  const direct = new DirectCall();
  direct.keyspace.limits.streamNodeMaxEntries = 5;
  for (const argv of sequence) direct.run(...argv);
  return STREAM_KEYS.flatMap((key) => {
    const value = direct.keyspace.database(0).peek(key as Bytes)?.value;
    return value instanceof StreamValue ? [value] : [];
  });
});

const payloadOf = (stream: StreamValue): Bytes => sealPayload(bytes(String.fromCharCode(writer.type(stream)) + writer.value(stream)));

/** IDs that fit a double. */
const isNarrow = (stream: StreamValue): boolean => typeof stream.lastId.ms === 'number' && typeof stream.lastId.seq === 'number'
  && [...stream.groups.values()].every(({ lastId }) => typeof lastId.ms === 'number' && typeof lastId.seq === 'number');

/** As Redis 5 wrote it: nothing of what was ever added or deleted. */
const oldPayload = (stream: StreamValue): Bytes => {
  const text = (all: string): string => encodeLength(all.length) + all;
  let body = '\x0f' + encodeLength(stream.blocks.length);
  for (const block of stream.blocks) body += text(rawId(block.id)) + text(packBlock(block));
  body += encodeLength(stream.size) + encodeLength(Number(stream.lastId.ms)) + encodeLength(Number(stream.lastId.seq)) + encodeLength(stream.groups.size);
  for (const { name, lastId, pending, consumers } of inNameOrder(stream.groups)) {
    body += text(name) + encodeLength(Number(lastId.ms)) + encodeLength(Number(lastId.seq)) + encodeLength(pending.size);
    for (const { id, deliveredMs } of pending.from(ID_MIN)) body += rawId(id) + littleEndian64(deliveredMs) + encodeLength(3);
    body += encodeLength(consumers.size);
    for (const consumer of inNameOrder(consumers)) {
      body += text(consumer.name) + littleEndian64(consumer.seenMs) + encodeLength(consumer.pending.size);
      for (const { id } of consumer.pending.from(ID_MIN)) body += rawId(id);
    }
  }
  return sealPayload(bytes(body));
};

describe('streams in files beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no', '--rdbcompression', 'no']);
    client = await RawClient.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  /** The commands of the last base, by key. */
  const baseCommands = (): Map<string, string> => {
    const directory = join(server.directory, 'appendonlydir');
    const name = readdirSync(directory).filter((file) => file.includes('.base.')).sort().at(-1) ?? '';
    const decoder = new RequestDecoder();
    decoder.push(readFileSync(join(directory, name), 'latin1') as Bytes);
    const texts = new Map<string, string>();
    for (let argv = decoder.next(); argv !== null; argv = decoder.next()) {
      const key = argv[0] === 'XGROUP' ? argv[2] as string : argv[1] as string;
      if (argv[0] !== 'SELECT') texts.set(key, (texts.get(key) ?? '') + encodeCommand(argv));
    }
    return texts;
  };

  test('a rewrite writes the same commands', async () => {
    const streams = randomStreams(STREAMS);
    for (const [index, stream] of streams.entries()) {
      expect(await client.run('RESTORE', `k${index}`, '0', payloadOf(stream))).toHaveProperty('text', 'OK');
    }
    await client.run('BGREWRITEAOF');
    await until(async () => String(await client.run('INFO', 'persistence')), (info) =>
      info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0') && info.includes('aof_last_bgrewrite_status:ok'));
    const texts = baseCommands();
    expect(texts.size).toBe(streams.length);
    for (const [index, stream] of streams.entries()) {
      expect(streamCommandsText(`k${index}` as Bytes, stream), `FAULTLINE_INTEROP_SEED=${SEED}`).toBe(texts.get(`k${index}`));
    }
  }, 60_000);

  test('what older versions stored is the same value here and there', async () => {
    const streams = randomStreams(OLD_STREAMS).filter(isNarrow);
    expect(streams.length).toBeGreaterThan(OLD_STREAMS / 2);
    for (const stream of streams) {
      const payload = oldPayload(stream);
      const direct = new DirectCall();
      expect(direct.run('RESTORE', 's', '0', payload)).toHaveProperty('text', 'OK');
      expect(await client.run('RESTORE', 'old', '0', payload, 'REPLACE')).toHaveProperty('text', 'OK');
      const loaded = direct.keyspace.database(0).peek('s' as Bytes)?.value;
      expect(payloadOf(loaded as StreamValue), `FAULTLINE_INTEROP_SEED=${SEED}`).toBe(await client.run('DUMP', 'old'));
    }
  }, 60_000);
}));
