import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, isBytes } from '../../../../engine/core/bytes.ts';
import { LzfCompressor, decompressLzf } from '../../../../engine/persistence/lzf.ts';
import { anyText } from '../../../support/randomData.ts';

test('what is compressed comes back, whatever was compressed before', () => {
  const compressor = new LzfCompressor();
  fc.assert(fc.property(fc.array(anyText, { minLength: 1, maxLength: 20 }).map((parts) => parts.join('')), (text) => {
    const compressed = compressor.compress(text as Bytes, text.length);
    if (compressed !== null) {
      expect(isBytes(compressed)).toBe(true);
      expect(decompressLzf(compressed, text.length)).toBe(text);
    }
    expect(new LzfCompressor().compress(text as Bytes, text.length)).toBe(compressed);
  }), { numRuns: 500 });
});

test('repetition shrinks to almost nothing, across the longest match and distance', () => {
  for (const [text, most] of [['a'.repeat(100_000), 1200], ['0123456789'.repeat(5000), 650], [`${'x'.repeat(9000)}abc${'x'.repeat(9000)}`, 230]] as const) {
    const compressed = new LzfCompressor().compress(text as Bytes, text.length);
    expect(compressed?.length).toBeLessThan(most);
    expect(decompressLzf(compressed as Bytes, text.length)).toBe(text);
  }
});

test('a limit is kept', () => {
  expect(new LzfCompressor().compress('abcdefghijklmnopqrstuvwxyz' as Bytes, 25)).toBeNull();
  expect(new LzfCompressor().compress('abcabcabcabcabcabcabcabc' as Bytes, 20)?.length).toBeLessThan(21);
});

test('what is no LZF of that length is refused', () => {
  expect(decompressLzf('\x00a' as Bytes, 2)).toBeNull();
  expect(decompressLzf('\x05a' as Bytes, 6)).toBeNull();
  expect(decompressLzf('\x20\x00' as Bytes, 3)).toBeNull();
  expect(decompressLzf('\x00a\xe0' as Bytes, 10)).toBeNull();
  expect(decompressLzf('\x00a' as Bytes, 500_000_000)).toBeNull();
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 255 })), fc.nat(1000), (codes, length) => {
    const text = decompressLzf(String.fromCharCode(...codes) as Bytes, length);
    expect(text === null || text.length === length).toBe(true);
  }));
});
