/** What SHA-1 and SHA-256 share: the text in blocks of 16 words, padded, and the digest's bytes. Source: FIPS 180-4. */
import type { Bytes } from './bytes.ts';

const BLOCK_BYTES = 64;
const BLOCK_WORDS = 16;
/** Bytes at the end of the last block that hold the length in bits. */
const LENGTH_BYTES = 8;

/** Calls `mix` for each block; its 16 words stand at the head of `words`. */
export const eachBlock = (text: Bytes, words: Int32Array, mix: () => void): void => {
  const blocks = Math.floor((text.length + LENGTH_BYTES) / BLOCK_BYTES) + 1;
  for (let block = 0; block < blocks; block++) {
    for (let index = 0; index < BLOCK_WORDS; index++) {
      const at = block * BLOCK_BYTES + index * 4;
      words[index] = (byteAt(text, at) << 24) | (byteAt(text, at + 1) << 16) | (byteAt(text, at + 2) << 8) | byteAt(text, at + 3);
    }
    if (block === blocks - 1) {
      words[14] = Math.floor(text.length / 0x20000000);
      words[15] = (text.length << 3) | 0;
    }
    mix();
  }
};

/** The byte at a place: of the text, then one set bit, then zeros. */
const byteAt = (text: Bytes, at: number): number => {
  if (at < text.length) return text.charCodeAt(at);
  return at === text.length ? 0x80 : 0;
};

/** The words of a digest as bytes. */
export const digestBytes = (state: readonly number[]): Bytes => state.map((word) =>
  String.fromCharCode(word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff)).join('') as Bytes;
