/** SHA-1: for the digest of a data set as Redis prints it, and names of scripts. Source: FIPS 180-4. */
import type { Bytes } from './bytes.ts';
import { digestBytes, eachBlock } from './shaBlocks.ts';

/** The 20 bytes of the digest. */
export const sha1 = (text: Bytes): Bytes => {
  const state: [number, number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  eachBlock(text, words, () => {
    extend(words);
    mix(words, state);
  });
  return digestBytes(state);
};

const extend = (words: Int32Array): void => {
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
