/**
 * The arithmetic of INCRBYFLOAT: Redis computes it in C's `long double`, which on x86-64 has a mantissa of 64 bits and an
 * exponent of 15. A JavaScript number has 53, so values are kept as exact integers times a power of two and rounded to
 * 64 bits, half to even, after each step.
 *
 * Source: the x87 extended format; strtold's grammar; string2ld and ld2string in util.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';

/** `mantissa` x 2^`exponent`; |mantissa| < 2^64. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export const LONG_DOUBLE_ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const MANTISSA_BITS = 64;
/** The largest finite value is just below 2^16384; the smallest step is 2^-16445. */
const BITS_MAX = 16384;
const EXPONENT_MIN = -16445;

/** MAX_LONG_DOUBLE_CHARS: longer text is not a number. */
const TEXT_LENGTH_MAX = 5 * 1024;
/** Beyond this a decimal exponent decides alone, whatever digits (at most 5120) stand before it. */
const DECIMAL_EXPONENT_MAX = 20000;

const DECIMALS = 17;

const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** numerator / denominator (positive), rounded to the format; null when it is too large. */
const round = (numerator: bigint, denominator: bigint): LongDouble | null => {
  if (numerator === 0n) return LONG_DOUBLE_ZERO;
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  // The quotient is to have 64 or 65 bits; one round of correction brings it to 64 exactly.
  let exponent = Math.max(bitLength(size) - bitLength(denominator) - MANTISSA_BITS, EXPONENT_MIN);
  let mantissa = divideEven(size, denominator, exponent);
  if (bitLength(mantissa) > MANTISSA_BITS) {
    exponent++;
    mantissa = divideEven(size, denominator, exponent);
    if (bitLength(mantissa) > MANTISSA_BITS) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  if (bitLength(mantissa) + exponent > BITS_MAX) return null;
  return { mantissa: negative ? -mantissa : mantissa, exponent };
};

/** size / (denominator x 2^exponent), rounded half to even. */
const divideEven = (size: bigint, denominator: bigint, exponent: number): bigint => {
  const top = exponent < 0 ? size << BigInt(-exponent) : size;
  const bottom = exponent > 0 ? denominator << BigInt(exponent) : denominator;
  const quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && (quotient & 1n) === 1n)) return quotient + 1n;
  return quotient;
};

/** A power of ten. */
const tenTo = (power: number): bigint => BigInt(`1${'0'.repeat(power)}`);

/** `infinite` parses but cannot be added to; null is not a number (or out of range). */
export const parseLongDouble = (text: Bytes): LongDouble | 'infinite' | null => {
  if (text.length === 0 || text.length >= TEXT_LENGTH_MAX) return null;
  if (/^[-+]?inf(?:inity)?$/i.test(text)) return 'infinite';
  const decimal = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$/.exec(text);
  if (decimal !== null) {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = decimal;
    if (whole.length + fraction.length === 0) return null;
    return parseDecimal(BigInt(whole + fraction), sign === '-', Number(exponent) - fraction.length);
  }
  const hex = /^([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([-+]?[0-9]+))?$/.exec(text);
  if (hex === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = hex;
  if (whole.length + fraction.length === 0) return null;
  return parseBinary(BigInt(`0x${whole}${fraction}`), sign === '-', Number(exponent) - 4 * fraction.length);
};

const parseDecimal = (digits: bigint, negative: boolean, exponent: number): LongDouble | null => {
  if (digits === 0n) return LONG_DOUBLE_ZERO;
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX) return null;
  const signed = negative ? -digits : digits;
  const value = exponent >= 0 ? round(signed * tenTo(exponent), 1n) : round(signed, tenTo(-exponent));
  return value === null || value.mantissa === 0n ? null : value;
};

const parseBinary = (digits: bigint, negative: boolean, exponent: number): LongDouble | null => {
  if (digits === 0n) return LONG_DOUBLE_ZERO;
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX * 4) return null;
  const signed = negative ? -digits : digits;
  const value = exponent >= 0 ? round(signed << BigInt(exponent), 1n) : round(signed, 1n << BigInt(-exponent));
  return value === null || value.mantissa === 0n ? null : value;
};

/** The sum, rounded; null when it is infinite. */
export const addLongDouble = (left: LongDouble, right: LongDouble): LongDouble | null => {
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = (left.mantissa << BigInt(left.exponent - exponent)) + (right.mantissa << BigInt(right.exponent - exponent));
  return exponent >= 0 ? round(sum << BigInt(exponent), 1n) : round(sum, 1n << BigInt(-exponent));
};

/** With 17 decimals, then without trailing zeros; never `-0`. */
export const longDoubleText = (value: LongDouble): Bytes => {
  const negative = value.mantissa < 0n;
  const size = negative ? -value.mantissa : value.mantissa;
  const scaled = size * tenTo(DECIMALS);
  const rounded = value.exponent >= 0
    ? scaled << BigInt(value.exponent)
    : divideEven(scaled, 1n << BigInt(-value.exponent), 0);
  const digits = rounded.toString().padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return bytes(negative && rounded !== 0n ? `-${text}` : text);
};
