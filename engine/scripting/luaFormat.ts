/** `string.format` of Lua 5.1. Source: str_format in lstrlib.c of Lua 5.1 and C's printf, for behaviour. */
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { argumentError, checkNumber, checkText, pushText, raise } from './luaStack.ts';
import { exponentText, fixedText, generalText } from './numberText.ts';

const DIRECTIVE = /%([-+ #0]*)(\d*)(?:(\.)(\d*))?([^])?/y;
const FLAGS_MAX = 5;
const DIGITS_MAX = 2;
/** From here on a string without a precision is taken as it is, width or not. */
const LONG_STRING = 100;
const INTEGER_MIN = -(2n ** 63n);

/** One `%…` directive. */
interface Directive {
  readonly flags: string;
  readonly width: number;
  /** Null: none. */
  readonly precision: number | null;
  readonly kind: string;
}

export const formatText: LuaFunction = (L) => {
  const format = checkText(L, 1);
  const given = lua.lua_gettop(L);
  let argument = 1;
  let out = '';
  for (let at = 0; at < format.length;) {
    const next = format.indexOf('%', at);
    if (next < 0) {
      out += format.slice(at);
      break;
    }
    out += format.slice(at, next);
    if (format.charAt(next + 1) === '%') {
      out += '%';
      at = next + 2;
      continue;
    }
    const { directive, end } = directiveAt(L, format, next);
    if (++argument > given) argumentError(L, argument, 'no value');
    out += converted(L, argument, directive);
    at = end;
  }
  pushText(L, out);
  return 1;
};

const directiveAt = (L: LuaState, format: Bytes, at: number): { readonly directive: Directive; readonly end: number } => {
  const pattern = new RegExp(DIRECTIVE);
  pattern.lastIndex = at;
  const [all = '', flags = '', width = '', point, precision = '', kind = ''] = pattern.exec(format) ?? [];
  if (flags.length > FLAGS_MAX) raise(L, 'invalid format (repeated flags)');
  if (width.length > DIGITS_MAX || precision.length > DIGITS_MAX) raise(L, 'invalid format (width or precision too long)');
  return { directive: { flags, width: Number(width), precision: point === undefined ? null : Number(precision), kind }, end: at + all.length };
};

const converted = (L: LuaState, argument: number, directive: Directive): string => {
  const { kind, precision } = directive;
  switch (kind) {
    // What printf wrote is taken for a C string.
    case 'c': return padded(String.fromCharCode(toInt(checkNumber(L, argument)) & 255), directive, false).split('\0', 1)[0] ?? '';
    case 'd': case 'i': return integerText(checkNumber(L, argument), directive);
    case 'o': case 'u': case 'x': case 'X': return unsignedText(checkNumber(L, argument), directive);
    case 'e': case 'E': case 'f': case 'g': case 'G': return doubleText(checkNumber(L, argument), directive);
    case 'q': return quotedText(checkText(L, argument));
    case 's': {
      const text = checkText(L, argument);
      if (precision === null && text.length >= LONG_STRING) return text;
      // What goes through printf ends at its first null byte.
      const [printed = ''] = isPlain(directive) ? [text] : text.split('\0', 1);
      return padded(precision === null ? printed : printed.slice(0, precision), directive, false);
    }
    default: return raise(L, `invalid option '%${kind}' to 'format'`);
  }
};

const isPlain = ({ flags, width, precision }: Directive): boolean => flags === '' && width === 0 && precision === null;

/** What a cast to a 64-bit integer gives on x86: too much is the smallest. */
const toInteger = (value: number): bigint => {
  if (!Number.isFinite(value)) return INTEGER_MIN;
  const whole = BigInt(Math.trunc(value));
  return whole >= INTEGER_MIN && whole < -INTEGER_MIN ? whole : INTEGER_MIN;
};

/** The same with 32 bits. */
const toInt = (value: number): number => {
  const whole = Math.trunc(value);
  return (whole | 0) === whole ? whole : 0;
};

const integerText = (value: number, directive: Directive): string => {
  const whole = toInteger(value);
  const digits = withDigits(String(whole < 0n ? -whole : whole), directive.precision);
  return padded(signed(digits, whole < 0n, directive.flags), directive, directive.precision === null);
};

const unsignedText = (value: number, directive: Directive): string => {
  const { kind, flags, precision } = directive;
  const whole = value >= Number(-INTEGER_MIN) && value < 2 * Number(-INTEGER_MIN) ? BigInt(value) : BigInt.asUintN(64, toInteger(value));
  const radix = kind === 'o' ? 8 : kind === 'u' ? 10 : 16;
  const digits = withDigits(whole.toString(radix), precision);
  const prefix = !flags.includes('#') ? '' : kind === 'o' ? (digits.startsWith('0') ? '' : '0') : radix === 16 && whole !== 0n ? '0x' : '';
  const text = prefix + digits;
  return padded(kind === 'X' ? text.toUpperCase() : text, directive, precision === null);
};

const doubleText = (value: number, directive: Directive): string => {
  const { kind, flags, precision } = directive;
  const digits = precision ?? 6;
  const lowered = kind.toLowerCase();
  const isNegative = value < 0 || Object.is(value, -0) || Number.isNaN(value);
  const size = Number.isNaN(value) ? value : Math.abs(value);
  const shown = lowered === 'e' ? exponentText(size, digits) : lowered === 'f' ? fixedText(size, digits)
    : generalText(size, digits, flags.includes('#'));
  const pointed = flags.includes('#') && Number.isFinite(size) && !shown.includes('.') ? shown.replace(/^(\d+)/, '$1.') : shown;
  const text = signed(pointed.replace(/^-/, ''), isNegative, flags);
  return padded(kind === lowered ? text : text.toUpperCase(), directive, Number.isFinite(value));
};

const withDigits = (digits: string, precision: number | null): string =>
  (precision === 0 && digits === '0' ? '' : digits.padStart(precision ?? 0, '0'));

const signed = (digits: string, isNegative: boolean, flags: string): string =>
  (isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + digits;

const padded = (text: string, { flags, width }: Directive, mayHaveZeros: boolean): string => {
  if (flags.includes('-')) return text.padEnd(width, ' ');
  if (!mayHaveZeros || !flags.includes('0')) return text.padStart(width, ' ');
  const [prefix = ''] = /^[-+ ]?(?:0[xX](?=.))?/.exec(text) ?? [];
  return prefix + text.slice(prefix.length).padStart(width - prefix.length, '0');
};

const quotedText = (text: Bytes): string =>
  `"${text.replace(/["\\\n\r\0]/g, (character) => (character === '\r' ? '\\r' : character === '\0' ? '\\000' : `\\${character}`))}"`;

/** Pushes what a number of the stack is as an argument of a command: `%.17g`. */
export const commandNumberText = (value: number): Bytes => bytes(generalText(value, 17));
