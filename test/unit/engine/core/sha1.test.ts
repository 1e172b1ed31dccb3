import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, toHex } from '../../../../engine/core/bytes.ts';
import { sha1 } from '../../../../engine/core/sha1.ts';

test('agrees with another implementation, at every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const text = Array.from({ length }, (_, index) => String.fromCharCode((index * 37 + length) & 0xff)).join('');
    expect(toHex(sha1(text as Bytes))).toBe(createHash('sha1').update(text, 'latin1').digest('hex'));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (codes) => {
    expect(toHex(sha1(String.fromCharCode(...codes) as Bytes))).toBe(createHash('sha1').update(codes).digest('hex'));
  }));
});
