/**
 * Reads LZF, the compression of long strings in RDB files. A control byte below 32 is a literal run of that many plus one
 * bytes; else its top three bits are a length and the rest, with the next byte, a distance back.
 * Source: the format as liblzf documents it.
 */
import type { Bytes } from '../core/bytes.ts';

/** The decompressed text of `length` bytes, or null when `input` is not LZF of that length. */
export const decompressLzf = (input: Bytes, length: number): Bytes | null => {
  const out = new Uint8Array(length);
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

/** `String.fromCharCode` takes only so many arguments at once. */
const CODES_AT_ONCE = 4096;

const fromCodes = (codes: Uint8Array): Bytes => {
  let text = '';
  for (let at = 0; at < codes.length; at += CODES_AT_ONCE) {
    text += String.fromCharCode(...codes.subarray(at, at + CODES_AT_ONCE));
  }
  return text as Bytes;
};
