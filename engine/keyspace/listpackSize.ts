/**
 * How many bytes an element takes in a listpack. A stream begins a new node by the bytes of its last one, so they are counted
 * here without being written. Source: listpack.c of Redis 7.0, for the format; `persistence/listpack.ts` writes it.
 */
import type { Bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';

/** Header and end mark. */
export const LISTPACK_FRAME_BYTES = 7;

const INTEGER_TEXT_MAX = 20;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/** The body with the length that stands behind it, for walking back. */
const withBackLength = (body: number): number => {
  if (body <= 127) return body + 1;
  if (body < 16383) return body + 2;
  if (body < 2097151) return body + 3;
  return body + (body < 268435455 ? 4 : 5);
};

const integerBody = (value: number | bigint): number => {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= -2147483648 && value <= 2147483647 ? 5 : 9;
};

const stringBody = (length: number): number => {
  if (length < 64) return length + 1;
  return length < 4096 ? length + 2 : length + 5;
};

export const listpackIntegerBytes = (value: number | bigint): number => withBackLength(integerBody(value));

/** A text that spells an integer takes the place of one. */
export const listpackTextBytes = (text: Bytes): number => {
  const first = text.charCodeAt(0);
  if (text.length <= INTEGER_TEXT_MAX && (first === MINUS || (first >= ZERO && first <= NINE))) {
    const integer = parseInt64(text);
    if (integer !== null) return listpackIntegerBytes(integer);
  }
  return withBackLength(stringBody(text.length));
};
