/**
 * MurmurHash64A (Austin Appleby, public domain), read from bytes in little-endian order: what HyperLogLogs hash their elements with,
 * so that their registers are the same everywhere.
 */
import type { Bytes } from './bytes.ts';

const MULTIPLIER = 0xc6a4a7935bd1e995n;
const MASK = 0xffffffffffffffffn;
const SHIFT = 47n;
const BLOCK = 8;

/** 64 bits, unsigned. */
export const murmur64 = (text: Bytes, seed: bigint): bigint => {
  const { length } = text;
  let hash = seed ^ ((BigInt(length) * MULTIPLIER) & MASK);
  const whole = length - (length % BLOCK);
  for (let at = 0; at < whole; at += BLOCK) {
    let block = (littleEndian(text, at, BLOCK) * MULTIPLIER) & MASK;
    block = ((block ^ (block >> SHIFT)) * MULTIPLIER) & MASK;
    hash = ((hash ^ block) * MULTIPLIER) & MASK;
  }
  if (whole < length) hash = ((hash ^ littleEndian(text, whole, length - whole)) * MULTIPLIER) & MASK;
  hash = ((hash ^ (hash >> SHIFT)) * MULTIPLIER) & MASK;
  return hash ^ (hash >> SHIFT);
};

const littleEndian = (text: Bytes, at: number, count: number): bigint => {
  let low = 0;
  let high = 0;
  for (let index = Math.min(count, 4) - 1; index >= 0; index--) low = low * 256 + text.charCodeAt(at + index);
  for (let index = count - 1; index >= 4; index--) high = high * 256 + text.charCodeAt(at + index);
  return (BigInt(high) << 32n) | BigInt(low);
};
