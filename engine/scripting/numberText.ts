/**
 * Numbers as C's printf writes them (`%g`, `%e`, `%f`), and texts as strtod reads them: what Lua 5.1 shows of a number and takes for one.
 * Source: the C standard (fprintf, strtod), with glibc's choices where it leaves some.
 */
const TIE_DIGITS = 100;
const GENERAL_DIGITS = 14;
const EXPONENT_DIGITS_MIN = 2;

/** `tostring` of Lua 5.1: `%.14g`. The sign of a NaN is not known; x86 shows the one that 0/0 gives. */
export const luaNumberText = (value: number): string =>
  (Number.isInteger(value) && Math.abs(value) < 1e14 && !Object.is(value, -0) ? String(value) : generalText(value, GENERAL_DIGITS));

/** `%.<precision>g`; `keepsZeros` is the flag `#`. */
export const generalText = (value: number, precision: number, keepsZeros = false): string => {
  if (!Number.isFinite(value)) return specialText(value);
  const digits = Math.max(1, precision);
  const scientific = exponentText(value, digits - 1);
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  if (exponent < -4 || exponent >= digits) {
    const mantissa = scientific.slice(0, mark);
    return (keepsZeros ? mantissa : trimmed(mantissa)) + scientific.slice(mark);
  }
  const fixed = fixedText(value, digits - 1 - exponent);
  return keepsZeros ? fixed : trimmed(fixed);
};

/** `%.<precision>e`. */
export const exponentText = (value: number, precision: number): string => {
  if (!Number.isFinite(value)) return specialText(value);
  const places = Math.min(precision, TIE_DIGITS);
  const rounded = evenTie(value.toExponential(TIE_DIGITS), value.toExponential(places), places);
  const mark = rounded.indexOf('e');
  const exponent = rounded.slice(mark + 2).padStart(EXPONENT_DIGITS_MIN, '0');
  return `${signOf(value)}${rounded.slice(0, mark)}${zeros(precision - places)}e${rounded.charAt(mark + 1)}${exponent}`;
};

/** `%.<precision>f`. */
export const fixedText = (value: number, precision: number): string => {
  if (!Number.isFinite(value)) return specialText(value);
  if (Math.abs(value) >= 1e21) {
    return `${String(BigInt(value))}${precision > 0 ? `.${zeros(precision)}` : ''}`;
  }
  const places = Math.min(precision, TIE_DIGITS);
  return signOf(value) + evenTie(value.toFixed(TIE_DIGITS), value.toFixed(places), places) + zeros(precision - places);
};

/**
 * Where the exact value lies in the middle between two texts, C takes the even one and JavaScript the greater one. `exact` has
 * more places than any such value needs. A minus at the front of -0 is lost in both.
 */
const evenTie = (exact: string, rounded: string, places: number): string => {
  const point = exact.indexOf('.');
  const mark = exact.indexOf('e');
  const end = mark < 0 ? exact.length : mark;
  const kept = places === 0 ? exact.slice(0, point) : exact.slice(0, point + 1 + places);
  const tail = exact.slice(point + 1 + places, end);
  const isEven = (kept.charCodeAt(kept.length - 1) & 1) === 0;
  return isEven && /^50*$/.test(tail) ? kept + exact.slice(end) : rounded;
};

/** What JavaScript leaves out: it prints -0 as 0. */
const signOf = (value: number): string => (Object.is(value, -0) ? '-' : '');

const specialText = (value: number): string => (Number.isNaN(value) ? '-nan' : value > 0 ? 'inf' : '-inf');

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const zeros = (count: number): string => '0'.repeat(Math.max(0, count));

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;
const SPACE = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;

/** What strtod makes of the whole text, with space around it; null when it is no number. */
export const readNumber = (text: string): number | null => {
  const word = text.replace(SPACE, '');
  if (DECIMAL.test(word)) return Number(word);
  const special = SPECIAL.exec(word);
  if (special !== null) return special[2] === undefined ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(word);
  return hexadecimal === null ? null : readHexadecimal(hexadecimal);
};

const readHexadecimal = ([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray): number | null => {
  if (whole === '' && fraction === '') return null;
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  let exponent = Math.max(-2000, Math.min(2000, Number(power))) - 4 * fraction.length;
  for (; exponent > 0; exponent--) value *= 2;
  for (; exponent < 0; exponent++) value /= 2;
  return sign === '-' ? -value : value;
};
