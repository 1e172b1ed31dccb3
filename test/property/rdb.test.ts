/**
 * RDB files: what is written is read again, and damage (every byte changed in every way that matters, every truncation)
 * ends with an `RdbError` that names an offset inside the file, or does no harm. Never a crash, a hang, or other data.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../engine/core/bytes.ts';
import { Crc64 } from '../../engine/core/crc64.ts';
import { redisDigest } from '../../engine/keyspace/redisDigest.ts';
import { RdbError } from '../../engine/persistence/rdbInput.ts';
import { DirectCall } from '../support/directCall.ts';
import { randomData } from '../support/randomData.ts';
import { loadRdb, saveRdb } from '../support/rdbFiles.ts';

const filled = (commands: readonly (readonly string[])[]): DirectCall => {
  const direct = new DirectCall();
  for (const words of commands) direct.run(...words);
  return direct;
};

/** The digest of what a file loads to; null for a refusal, whose offset is checked. */
const load = (file: string, checksum: boolean): string | null => {
  const fresh = new DirectCall();
  try {
    loadRdb(file as Bytes, fresh.keyspace, checksum);
  } catch (failure) {
    if (!(failure instanceof RdbError)) throw failure;
    expect(failure.message).toContain(`at offset ${failure.offset}`);
    expect(failure.offset).toBeLessThanOrEqual(file.length);
    return null;
  }
  return redisDigest(fresh.keyspace);
};

/** Small, with every encoding that is written. */
const small: readonly (readonly string[])[] = [
  ['SET', 'text', 'some text'], ['SET', 'number', '-70000'], ['SET', 'long', 'abc'.repeat(20)], ['PEXPIREAT', 'text', '4000000000000'],
  ['RPUSH', 'list', 'one', '2', '-300', '70000', 'x'.repeat(70)], ['SADD', 'ints', '1', '-5', '70000'], ['SADD', 'set', 'a', '2'],
  ['HSET', 'pack', 'f', 'v', 'g', '12'], ['HSET', 'table', 'f', 'y'.repeat(65)], ['ZADD', 'scores', '1', 'a', '2.5', 'b', '-inf', 'c'],
  ['ZADD', 'skip', '1e300', 'z'.repeat(65)],
];

/** A stream with everything that one can have. */
const stream: readonly (readonly string[])[] = [
  ['XADD', 'stream', '1-1', 'f', 'v'], ['XADD', 'stream', '5-0', 'g', '300', 'f', 'w'], ['XDEL', 'stream', '1-1'], ['XGROUP', 'CREATE', 'stream', 'g', '0'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>'],
];

describe('RDB files', () => {
  test('what is written is read again', () => {
    fc.assert(fc.property(randomData(5), fc.boolean(), (commands, compresses) => {
      const direct = filled(commands);
      const file = saveRdb(direct.keyspace, compresses);
      expect(load(file, true)).toBe(redisDigest(direct.keyspace));
    }), { numRuns: 100 });
  });

  test('a truncated file is refused wherever it ends', () => {
    const file = saveRdb(filled([...small, ...stream]).keyspace);
    for (let end = 0; end < file.length; end++) expect(load(file.slice(0, end), true), `cut at ${end}`).toBeNull();
  });

  test('a changed byte is refused wherever it stands', () => {
    const file = saveRdb(filled([...small, ...stream]).keyspace);
    for (let at = 0; at < file.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const byte = String.fromCharCode(file.charCodeAt(at) ^ change);
        expect(load(file.slice(0, at) + byte + file.slice(at + 1), true), `byte ${at} ^ ${change}`).toBeNull();
      }
    }
  });

  test('without a checksum, structure is checked all the same: a refusal or sound values, never a crash', () => {
    for (const [commands, step] of [[small, 5], [stream, 9]] as const) {
      const file = saveRdb(filled(commands).keyspace, false);
      for (let at = 9; at < file.length; at++) {
        for (let value = 0; value < 256; value += step) {
          load(file.slice(0, at) + String.fromCharCode(value) + file.slice(at + 1), false);
        }
      }
    }
  });

  test('damage behind a checksum that was made to fit is survived too', () => {
    fc.assert(fc.property(randomData(3), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      (commands, changes) => {
        const codes = [...saveRdb(filled(commands).keyspace)].slice(0, -8);
        for (const [at, value] of changes) codes[at % codes.length] = String.fromCharCode(value);
        const body = codes.join('') as Bytes;
        const crc = new Crc64();
        crc.update(body);
        load(body + crc.digest(), true);
      }), { numRuns: 300 });
  });
});
