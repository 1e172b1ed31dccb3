/**
 * LZF, the compression of long strings in RDB files. A control byte below 32 is a literal run of that many plus one
 * bytes; else its top three bits are a length and the rest, with the next byte, a distance back.
 * Source: the format as liblzf documents it.
 */
import type { Bytes } from '../core/bytes.ts';
import { fromCodes } from './fromCodes.ts';

/** Longer texts are expanded into a typed array. */
const PLAIN_LENGTH_MAX = 4096;
/** A back reference of three bytes makes at most this many of one. */
const EXPANSION_MAX = 88;

/** The decompressed text of `length` bytes, or null when `input` is not LZF of that length. */
export const decompressLzf = (input: Bytes, length: number): Bytes | null => {
  // Before room is made for what a damaged length asks for.
  if (length > input.length * EXPANSION_MAX) return null;
  // A plain list is quickest to make text of; a long one would take too much room.
  return length <= PLAIN_LENGTH_MAX
    ? expand(input, new Array<number>(length), length) : expand(input, new Uint8Array(length), length);
};

const expand = (input: Bytes, out: number[] | Uint8Array, length: number): Bytes | null => {
  let at = 0;
  let from = 0;
  while (from < input.length) {
    const control = input.charCodeAt(from++);
    if (control < 32) {
      const count = control + 1;
      if (from + count > input.length || at + count > length) return null;
      for (let index = 0; index < count; index++) out[at++] = input.charCodeAt(from++);
      continue;
    }
    let count = control >> 5;
    if (count === 7) {
      if (from >= input.length) return null;
      count += input.charCodeAt(from++);
    }
    if (from >= input.length) return null;
    const distance = ((control & 31) << 8) + input.charCodeAt(from++) + 1;
    count += 2;
    if (distance > at || at + count > length) return null;
    for (let index = 0; index < count; index++, at++) out[at] = out[at - distance] as number;
  }
  return at === length ? fromCodes(out) : null;
};

const HASH_BITS = 14;
const DISTANCE_MAX = 8192;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
const LITERALS_MAX = 32;
/** Positions are numbered on from string to string, so that the table need not be cleared; here it is. */
const POSITION_MAX = 0x3fffffff;

/** Compresses strings one after the other; each by itself, so the result does not depend on the ones before. */
export class LzfCompressor {
  /** Where the three bytes with this hash were last seen, plus `base`. */
  private readonly table: Int32Array = new Int32Array(1 << HASH_BITS);
  /** What lies below belongs to strings before. */
  private base = 1;

  /** The compressed text, or null when it would be longer than `limit`. */
  compress(input: Bytes, limit: number): Bytes | null {
    const out = this.run(input, limit);
    this.base += input.length;
    return out;
  }

  private run(input: Bytes, limit: number): Bytes | null {
    const { length } = input;
    if (this.base + length > POSITION_MAX) {
      this.table.fill(0);
      this.base = 1;
    }
    const { base, table } = this;
    let out = '';
    let literals = 0;
    let at = 0;
    while (at < length) {
      const found = at + MATCH_MIN <= length ? this.look(input, at) : -1;
      if (found < 0) {
        at++;
        continue;
      }
      const size = matchLength(input, found, at);
      out += literalRuns(input, literals, at) + backReference(at - found - 1, size);
      if (out.length > limit) return null;
      const end = at + size;
      // Two places of the match are enough to find its kind again.
      for (let place = Math.max(at + 1, end - 2); place < end && place + MATCH_MIN <= length; place++) {
        table[hashAt(input, place)] = base + place;
      }
      at = end;
      literals = end;
    }
    out += literalRuns(input, literals, length);
    return out.length > limit ? null : out as Bytes;
  }

  /** An earlier place with the same three bytes, or -1; notes this one. */
  private look(input: Bytes, at: number): number {
    const hash = hashAt(input, at);
    const place = (this.table[hash] as number) - this.base;
    this.table[hash] = this.base + at;
    if (place < 0 || at - place > DISTANCE_MAX) return -1;
    return input.charCodeAt(place) === input.charCodeAt(at) && input.charCodeAt(place + 1) === input.charCodeAt(at + 1)
      && input.charCodeAt(place + 2) === input.charCodeAt(at + 2) ? place : -1;
  }
}

const hashAt = (input: Bytes, at: number): number =>
  Math.imul((input.charCodeAt(at) << 16) | (input.charCodeAt(at + 1) << 8) | input.charCodeAt(at + 2), 0x9e3779b1)
    >>> (32 - HASH_BITS);

const matchLength = (input: Bytes, from: number, at: number): number => {
  const max = Math.min(MATCH_MAX, input.length - at);
  let size = MATCH_MIN;
  while (size < max && input.charCodeAt(from + size) === input.charCodeAt(at + size)) size++;
  return size;
};

const literalRuns = (input: Bytes, from: number, to: number): string => {
  let out = '';
  for (let start = from; start < to; start += LITERALS_MAX) {
    const end = Math.min(to, start + LITERALS_MAX);
    out += String.fromCharCode(end - start - 1) + input.slice(start, end);
  }
  return out;
};

const backReference = (distance: number, size: number): string => {
  const count = size - 2;
  return count < 7 ? String.fromCharCode((count << 5) | (distance >> 8), distance & 0xff)
    : String.fromCharCode((7 << 5) | (distance >> 8), count - 7, distance & 0xff);
};
