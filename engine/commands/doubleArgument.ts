/**
 * Scores and their bounds as arguments. Source: getDoubleFromObject in object.c, zslParseRange and zslParseLexRange in
 * t_zset.c of Redis 7.0, for behaviour; strtod's grammar.
 */
import { type Bytes, EMPTY, bytes, compare } from '../core/bytes.ts';
import { type ErrorReply, NOT_A_FLOAT, error } from '../protocol/reply.ts';
import type { Scored } from '../keyspace/scoreTree.ts';

const NOT_A_SCORE_RANGE = error('ERR min or max is not a float');
const NOT_A_LEX_RANGE = error('ERR min or max not valid string range item');

/** What strtod makes of all of `text`; null when it is no number, NaN for what spells that. */
const parseDouble = (text: string): { readonly value: number; readonly inRange: boolean } | null => {
  const infinite = /^([-+]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return { value: infinite[1] === '-' ? -Infinity : Infinity, inRange: true };
  const decimal = /^[-+]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE][-+]?[0-9]+)?$/.exec(text);
  if (decimal !== null) {
    const value = Number(text);
    const isZero = !/[1-9]/.test(`${decimal[1] ?? ''}${decimal[2] ?? ''}${decimal[3] ?? ''}`);
    return { value, inRange: Number.isFinite(value) && (value !== 0 || isZero) };
  }
  const hex = /^([-+]?)0[xX](?:([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?|\.([0-9a-fA-F]+))(?:[pP]([-+]?[0-9]+))?$/.exec(text);
  return hex === null ? null : parseHex(hex);
};

/** Digits are rounded once, by the conversion of the whole to a number; halving or doubling is exact but at the ends. */
const parseHex = (hex: RegExpExecArray): { readonly value: number; readonly inRange: boolean } => {
  const fraction = hex[3] ?? hex[4] ?? '';
  const digits = BigInt(`0x${hex[2] ?? ''}${fraction}`);
  const exponent = Number(hex[5] ?? '0') - 4 * fraction.length;
  let size = Number(digits);
  // Beyond this nothing changes any more.
  const steps = Math.min(Math.abs(exponent), 4200);
  for (let step = 0; step < steps && size !== 0 && size !== Infinity; step++) size *= exponent < 0 ? 0.5 : 2;
  return { value: hex[1] === '-' ? -size : size, inRange: size !== Infinity && (size !== 0 || digits === 0n) };
};

/** A score; `message` replaces Redis's own text. */
export const readDouble = (argument: Bytes, message?: string): number | ErrorReply => {
  const parsed = parseDouble(argument);
  if (parsed !== null && parsed.inRange) return parsed.value;
  return message === undefined ? NOT_A_FLOAT : error(message);
};

/** What C reads, up to a zero byte: space before the number is passed over, and nothing at all is zero. Null: no number. */
export const readSortNumber = (argument: Bytes): number | null => {
  const zero = argument.indexOf('\0');
  const text = zero < 0 ? argument : argument.slice(0, zero);
  if (text === '') return 0;
  const parsed = parseDouble(text.replace(/^[ \t\n\v\f\r]+/, ''));
  return parsed !== null && parsed.inRange ? parsed.value : null;
};

/** Between which members a range runs. */
export interface Bounds {
  /** It holds nothing whatever the set. */
  readonly isEmpty: boolean;
  /** The member comes before the range. */
  isBelow(item: Scored): boolean;
  /** The member comes before the end of the range. */
  isWithinMax(item: Scored): boolean;
}

interface Bound<Limit> {
  readonly limit: Limit;
  readonly isOpen: boolean;
}

/** As C reads a string: up to a zero byte; space before it is passed over, nothing at all is zero. */
const readScoreBound = (argument: Bytes): Bound<number> | null => {
  const zero = argument.indexOf('\0');
  const whole = zero < 0 ? argument : argument.slice(0, zero);
  const isOpen = whole.startsWith('(');
  const text = (isOpen ? whole.slice(1) : whole);
  if (text === '') return { limit: 0, isOpen };
  const parsed = parseDouble(text.replace(/^[ \t\n\v\f\r]+/, ''));
  return parsed === null ? null : { limit: parsed.value, isOpen };
};

export const readScoreRange = (min: Bytes, max: Bytes): Bounds | ErrorReply => {
  const low = readScoreBound(min);
  const high = readScoreBound(max);
  if (low === null || high === null) return NOT_A_SCORE_RANGE;
  return {
    isEmpty: low.limit > high.limit || (low.limit === high.limit && (low.isOpen || high.isOpen)),
    isBelow: ({ score }) => (low.isOpen ? score <= low.limit : score < low.limit),
    isWithinMax: ({ score }) => (high.isOpen ? score < high.limit : score <= high.limit),
  };
};

/** `limit` null: before everything or behind it. */
const readLexBound = (argument: Bytes): (Bound<Bytes | null> & { readonly sign: number }) | null => {
  if (argument === '-') return { limit: null, isOpen: false, sign: -1 };
  if (argument === '+') return { limit: null, isOpen: false, sign: 1 };
  const first = argument.charAt(0);
  if (first !== '(' && first !== '[') return null;
  return { limit: bytes(argument.slice(1)), isOpen: first === '(', sign: 0 };
};

export const readLexRange = (min: Bytes, max: Bytes): Bounds | ErrorReply => {
  const low = readLexBound(min);
  const high = readLexBound(max);
  if (low === null || high === null) return NOT_A_LEX_RANGE;
  const order = low.sign !== 0 || high.sign !== 0
    ? low.sign - high.sign : compare(low.limit ?? EMPTY, high.limit ?? EMPTY);
  const { limit: lowest } = low;
  const { limit: highest } = high;
  return {
    isEmpty: order > 0 || (order === 0 && (low.isOpen || high.isOpen)),
    isBelow: ({ member }) => (lowest === null ? low.sign > 0 : low.isOpen ? member <= lowest : member < lowest),
    isWithinMax: ({ member }) => (highest === null ? high.sign > 0 : high.isOpen ? member < highest : member <= highest),
  };
};
