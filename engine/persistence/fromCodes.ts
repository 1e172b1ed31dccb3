/** Byte strings from lists of codes. */
import type { Bytes } from '../core/bytes.ts';

/** `String.fromCharCode` takes only so many arguments at once. */
const CODES_AT_ONCE = 4096;

/** The codes as text. */
export const fromCodes = (codes: number[] | Uint8Array): Bytes => {
  if (codes.length <= CODES_AT_ONCE) return piece(codes);
  let text = '';
  for (let at = 0; at < codes.length; at += CODES_AT_ONCE) {
    text += piece(codes.slice(at, Math.min(codes.length, at + CODES_AT_ONCE)));
  }
  return text as Bytes;
};

/** `apply` takes any list of numbers, and is far faster than spreading one. */
const piece = (codes: number[] | Uint8Array): Bytes => String.fromCharCode.apply(null, codes as number[]) as Bytes;
