/** Byte strings from arrays of codes. */
import type { Bytes } from '../core/bytes.ts';

/** `String.fromCharCode` takes only so many arguments at once. */
const CODES_AT_ONCE = 4096;

/** The first `length` codes as text. */
export const fromCodes = (codes: Uint8Array, length: number): Bytes => {
  if (length <= CODES_AT_ONCE) return piece(codes, 0, length);
  let text = '';
  for (let at = 0; at < length; at += CODES_AT_ONCE) text += piece(codes, at, Math.min(length, at + CODES_AT_ONCE));
  return text as Bytes;
};

/** `apply` takes any list of numbers, and is far faster than spreading one. */
const piece = (codes: Uint8Array, from: number, to: number): Bytes =>
  String.fromCharCode.apply(null, codes.subarray(from, to) as unknown as number[]) as Bytes;
