/** SHA-1: for the digest of a data set as Redis prints it, and names of scripts. Source: FIPS 180-4. */
import type { Bytes } from './bytes.ts';

const BLOCK_BYTES = 64;
/** Bytes at the end of the last block that hold the length in bits. */
const LENGTH_BYTES = 8;

/** The 20 bytes of the digest. */
export const sha1 = (text: Bytes): Bytes => {
  const state: [number, number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  const blocks = Math.floor((text.length + LENGTH_BYTES) / BLOCK_BYTES) + 1;
  for (let block = 0; block < blocks; block++) {
    fill(words, text, block * BLOCK_BYTES, block === blocks - 1);
    mix(words, state);
  }
  return state.map(bigEndian).join('') as Bytes;
};

const bigEndian = (word: number): string =>
  String.fromCharCode(word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff);

/** The byte at a place: of the text, then one set bit, then zeros. */
const byteAt = (text: Bytes, at: number): number => {
  if (at < text.length) return text.charCodeAt(at);
  return at === text.length ? 0x80 : 0;
};

const fill = (words: Int32Array, text: Bytes, from: number, isLast: boolean): void => {
  for (let index = 0; index < 16; index++) {
    const at = from + index * 4;
    words[index] = (byteAt(text, at) << 24) | (byteAt(text, at + 1) << 16) | (byteAt(text, at + 2) << 8) | byteAt(text, at + 3);
  }
  if (isLast) {
    words[14] = Math.floor(text.length / 0x20000000);
    words[15] = (text.length << 3) | 0;
  }
  for (let index = 16; index < 80; index++) {
    const word = (words[index - 3] as number) ^ (words[index - 8] as number)
      ^ (words[index - 14] as number) ^ (words[index - 16] as number);
    words[index] = (word << 1) | (word >>> 31);
  }
};

const mix = (words: Int32Array, state: [number, number, number, number, number]): void => {
  let [a, b, c, d, e] = state;
  for (let index = 0; index < 80; index++) {
    let round: number;
    if (index < 20) round = ((b & c) | (~b & d)) + 0x5a827999;
    else if (index < 40) round = (b ^ c ^ d) + 0x6ed9eba1;
    else if (index < 60) round = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else round = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + round + e + (words[index] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
};
