/**
 * 64-bit signed integers in the text form that Redis accepts: optional minus, no plus, no leading zeros, no spaces.
 * Small ones stay numbers; the others are bigints, so that INCR is exact over the whole range.
 */
import type { Bytes } from './bytes.ts';

export const INT64_MIN: bigint = -(2n ** 63n);
export const INT64_MAX: bigint = 2n ** 63n - 1n;

/** Digits that always fit a double exactly. */
const SAFE_DIGITS_MAX = 15;
const INT64_DIGITS_MAX = 19;

/** The integer that `text` spells in canonical form and that a double holds exactly; null otherwise. */
export const parseSafeInteger = (text: Bytes): number | null => {
  const length = text.length;
  const first = text.charCodeAt(0);
  const negative = first === 45;
  const start = negative ? 1 : 0;
  const digits = length - start;
  if (digits < 1) return null;
  if (digits > SAFE_DIGITS_MAX) {
    const wide = parseInt64(text);
    return wide !== null && Number.isSafeInteger(Number(wide)) ? Number(wide) : null;
  }
  let value = 0;
  for (let index = start; index < length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  if (digits > 1 && text.charCodeAt(start) === 48) return null;
  if (negative) return value === 0 ? null : -value;
  return value;
};

/** The 64-bit integer that `text` spells in canonical form; null otherwise. */
export const parseInt64 = (text: Bytes): bigint | null => {
  if (text.length > INT64_DIGITS_MAX + 1 || !/^(?:0|-?[1-9][0-9]*)$/.test(text)) return null;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : null;
};

/** A number where a double holds it exactly, else a bigint. */
export const narrow = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
