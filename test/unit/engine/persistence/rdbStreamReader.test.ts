/** A snapshot that is read while it comes: cut anywhere it gives what the whole file gives, or waits, or is refused. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { redisDigest } from '../../../../engine/keyspace/redisDigest.ts';
import { RdbEndError, RdbError } from '../../../../engine/persistence/rdbInput.ts';
import { RdbStreamReader, type StreamSlice } from '../../../../engine/persistence/rdbStreamReader.ts';
import { DirectCall } from '../../../support/directCall.ts';
import { saveRdb } from '../../../support/rdbFiles.ts';

const filled = (...commands: readonly (readonly string[])[]): DirectCall => {
  const direct = new DirectCall();
  for (const words of commands) direct.run(...words);
  return direct;
};

const source = filled(
  ['SET', 'text', 'some text'], ['SET', 'number', '-70000'], ['SET', 'long', 'abc'.repeat(20)], ['PEXPIREAT', 'text', '4000000000000'],
  ['RPUSH', 'list', 'one', '2', '-300'], ['SADD', 'ints', '1', '-5', '70000'], ['SADD', 'set', 'a', '2'],
  ['HSET', 'pack', 'f', 'v'], ['HSET', 'table', 'f', 'y'.repeat(65)], ['ZADD', 'scores', '1', 'a', '2.5', 'b']);
const FILE = saveRdb(source.keyspace);
const DIGEST = redisDigest(source.keyspace);

/** Feeds the chunks one after another, each read as far as it goes. */
const read = (chunks: readonly string[], isWhole = true): { digest: string; last: StreamSlice; reader: RdbStreamReader } => {
  const target = new DirectCall();
  const reader = new RdbStreamReader(target.keyspace, { skipExpiredBeforeMs: null, checksum: true });
  let last: StreamSlice = { state: 'waits', keys: 0 };
  for (const [index, chunk] of chunks.entries()) {
    reader.append(bytes(chunk));
    do last = reader.slice(isWhole && index === chunks.length - 1); while (last.state === 'more');
  }
  return { digest: redisDigest(target.keyspace), last, reader };
};

describe('RdbStreamReader', () => {
  test('reads the same wherever the snapshot is cut, and says where it ended', () => {
    for (let at = 1; at < FILE.length; at++) {
      const { digest, last } = read([FILE.slice(0, at), FILE.slice(at)]);
      expect([at, digest, last.state]).toEqual([at, DIGEST, 'done']);
      if (last.state === 'done') expect([last.contents.end, last.contents.keys]).toEqual([FILE.length, 9]);
    }
  });

  test('reads it byte by byte, and with other bytes behind it', () => {
    expect(read([...FILE]).digest).toBe(DIGEST);
    const { last, reader } = read([`${FILE}and more`], false);
    expect(last).toMatchObject({ state: 'done', contents: { end: FILE.length } });
    expect(reader.size).toBe(FILE.length + 8);
  });

  test('waits for what is missing, wherever that is, and has not stored a part of a value', () => {
    for (let at = 0; at < FILE.length; at++) {
      const target = new DirectCall();
      const reader = new RdbStreamReader(target.keyspace, { skipExpiredBeforeMs: null, checksum: true });
      reader.append(bytes(FILE.slice(0, at)));
      expect([at, reader.slice(false).state]).toEqual([at, 'waits']);
      for (const database of target.keyspace.databases) {
        for (const { key } of database.entries()) {
          expect(target.run('DUMP', key)).toEqual(source.run('DUMP', key));
        }
      }
    }
  });

  test('a snapshot that ends early is told from one that is damaged', () => {
    for (let at = 0; at < FILE.length; at++) expect(() => read([FILE.slice(0, at)])).toThrow(RdbEndError);
    const half = FILE.length >> 1;
    for (const change of [0x01, 0x80]) {
      const damaged = FILE.slice(0, half) + String.fromCharCode(FILE.charCodeAt(half) ^ change) + FILE.slice(half + 1);
      let caught: unknown = null;
      try {
        read([damaged.slice(0, 20), damaged.slice(20)], false);
      } catch (failure) {
        caught = failure;
      }
      expect(caught).toBeInstanceOf(RdbError);
      expect(caught).not.toBeInstanceOf(RdbEndError);
    }
  });

  test('checks the sum over all chunks', () => {
    const damaged = FILE.slice(0, -1) + String.fromCharCode(FILE.charCodeAt(FILE.length - 1) ^ 1);
    for (const size of [1, 7, 64]) {
      const chunks = Array.from({ length: Math.ceil(FILE.length / size) }, (_, index) => damaged.slice(index * size, (index + 1) * size));
      expect(() => read(chunks)).toThrow('wrong checksum');
    }
  });

  test('a large value in many chunks is tried a few times, not once for each', () => {
    const large = filled(['SADD', 'set', ...Array.from({ length: 20_000 }, (_, index) => `member ${index}`)], ['SET', 'behind', '1']);
    const file = saveRdb(large.keyspace, false);
    const target = new DirectCall();
    const reader = new RdbStreamReader(target.keyspace, { skipExpiredBeforeMs: null, checksum: true });
    let tries = 0;
    const mark = (reader as unknown as { input: { rewind(): void } }).input;
    const rewind = mark.rewind.bind(mark);
    mark.rewind = (): void => {
      tries++;
      rewind();
    };
    for (let at = 0; at < file.length; at += 100) {
      reader.append(file.slice(at, at + 100) as Bytes);
      reader.slice(at + 100 >= file.length);
    }
    expect(redisDigest(target.keyspace)).toBe(redisDigest(large.keyspace));
    expect(tries).toBeLessThan(25);
  });
});
