/** Byte strings: encoding at the edge of text, quoting, and that a detached slice lets its chunk go. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes, compare, detach, isBytes, lower, quote, toHex, upper, utf8 } from '../../../../engine/core/bytes.ts';

/** Below a megabyte, where Node begins to keep strings outside the heap. */
const CHUNK_BYTES = 512 * 1024;
const CHUNKS = 96;

/** Heap growth, in bytes, of keeping what `cut` returns for each of many chunks. */
const growthOfKeeping = (cut: (chunk: Bytes) => Bytes): number => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept: Bytes[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < CHUNKS; index++) {
    // From a buffer, as chunks come from sockets: a flat string of one-byte characters.
    const chunk = Buffer.alloc(CHUNK_BYTES, 97 + (index % 26)).toString('latin1') as Bytes;
    kept.push(cut(chunk));
  }
  collect();
  const growth = process.memoryUsage().heapUsed - before;
  expect(kept).toHaveLength(CHUNKS);
  return growth;
};

describe('detach', () => {
  test('returns an equal string', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(detach(utf8(text))).toBe(utf8(text));
    }));
  });

  test('lets the chunk go that a plain slice keeps alive', () => {
    const slice = (chunk: Bytes): Bytes => bytes(chunk.slice(1000, 1040));
    expect(growthOfKeeping(slice)).toBeGreaterThan((CHUNKS * CHUNK_BYTES) / 2);
    expect(growthOfKeeping((chunk) => detach(slice(chunk)))).toBeLessThan((CHUNKS * CHUNK_BYTES) / 8);
  });
});

describe('text', () => {
  test('utf8 encodes as every other encoder does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8(text)).toBe(Buffer.from(text, 'utf8').toString('latin1'));
    }));
    expect(utf8('\ud800')).toBe('\xef\xbf\xbd');
  });

  test('knows what is bytes', () => {
    expect(isBytes('\x00\xff')).toBe(true);
    expect(isBytes('\u0100')).toBe(false);
  });

  test('folds ASCII letters only, as the C locale does', () => {
    expect(lower(bytes('SeT\xc4'))).toBe('set\xc4');
    expect(upper(bytes('SeT\xe4'))).toBe('SET\xe4');
  });

  test('compares as memcmp, then by length', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
      const ours = compare(Buffer.from(left).toString('latin1') as Bytes, Buffer.from(right).toString('latin1') as Bytes);
      expect(Math.sign(ours)).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }));
  });

  test('quotes and spells in hex', () => {
    expect(quote(bytes('a"\\\r\n\t\x07\x08\x00\xff'))).toBe('"a\\"\\\\\\r\\n\\t\\a\\b\\x00\\xff"');
    expect(toHex(bytes('\x00\x7f\xff'))).toBe('007fff');
  });
});
