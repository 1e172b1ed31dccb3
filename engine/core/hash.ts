/**
 * Mixing hashes in two 32-bit lanes: for rolling hashes, digests and draws that must be equal on every machine.
 * Only `Math.imul`, shifts and xor. The finaliser is MurmurHash3's (public domain).
 */

/** A hash of 64 bits as two signed 32-bit lanes. Mutable where it rolls. */
export interface Lanes {
  lo: number;
  hi: number;
}

/** Spreads the bits of one 32-bit integer. */
export const mix32 = (value: number): number => {
  let hash = value | 0;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};

/** Rolls one 32-bit integer into `lanes`. Order matters; the two lanes use different multipliers. */
export const rollInt = (lanes: Lanes, value: number): void => {
  const lo = Math.imul(lanes.lo ^ value, 0x9e3779b1);
  lanes.lo = lo ^ (lo >>> 15);
  const hi = Math.imul(lanes.hi + (value | 0), 0x85ebca77) + lo;
  lanes.hi = hi ^ (hi >>> 13);
};

/** Rolls every byte of `text`, and its length. */
export const rollText = (lanes: Lanes, text: string): void => {
  let lo = lanes.lo;
  let hi = lanes.hi;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    lo = Math.imul(lo ^ code, 0x01000193);
    hi = Math.imul(hi ^ (code + lo), 0x85ebca77);
  }
  lanes.lo = lo;
  lanes.hi = hi;
  rollInt(lanes, text.length);
};

/** One 32-bit hash of a text. */
export const hashText = (text: string, seed = 0): number => {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix32(hash);
};

/** 16 hex digits. */
export const lanesHex = (lanes: Lanes): string =>
  (lanes.hi >>> 0).toString(16).padStart(8, '0') + (lanes.lo >>> 0).toString(16).padStart(8, '0');
