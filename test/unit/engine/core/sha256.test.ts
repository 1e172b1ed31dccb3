/** SHA-256 beside Node's. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, toHex } from '../../../../engine/core/bytes.ts';
import { sha256 } from '../../../../engine/core/sha256.ts';

const theirs = (text: string): string => createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');

test('texts of every length around a block', () => {
  for (let length = 0; length <= 200; length++) {
    const text = bytes('a'.repeat(length));
    expect(toHex(sha256(text))).toBe(theirs(text));
  }
});

test('any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (array) => {
    const text = bytes(Buffer.from(array).toString('latin1'));
    expect(toHex(sha256(text))).toBe(theirs(text));
  }));
});
