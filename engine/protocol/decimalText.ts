/**
 * Doubles as C prints them with `%.17g`: what Redis sends for scores and doubles.
 * Source: the C standard's rules for `g`; addReplyDouble of Redis 7.0 for infinities.
 */

const SIGNIFICANT_DIGITS = 17;
/** Enough digits to tell an exact tie from a value beside it. */
const TIE_DIGITS = 100;

/** `inf`, `-inf`, `nan`, or the shortest of fixed and exponent form with 17 significant digits, zeros trimmed. */
export const doubleText = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return Object.is(value, -0) ? '-0' : String(value);
  // Few digits, all exact: the shortest text is the one with 17 digits, zeros trimmed.
  if (Number.isInteger(value * 8) && Math.abs(value) < 1e9) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const scientific = scientificText(value);
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  const negative = scientific.startsWith('-');
  const digits = scientific.slice(negative ? 1 : 0, mark).replace('.', '').replace(/0+$/, '');
  return (negative ? '-' : '') + layOut(digits === '' ? '0' : digits, exponent);
};

/** 17 significant digits in exponent form; an exact tie goes to the even digit, where JavaScript would go up. */
const scientificText = (value: number): string => {
  const text = value.toExponential(SIGNIFICANT_DIGITS - 1);
  const exact = value.toExponential(TIE_DIGITS - 1);
  const mark = exact.indexOf('e');
  const first = exact.startsWith('-') ? 1 : 0;
  const tail = exact.slice(first + SIGNIFICANT_DIGITS + 1, mark);
  const kept = exact.slice(0, first + SIGNIFICANT_DIGITS + 1);
  const isEven = (kept.charCodeAt(kept.length - 1) & 1) === 0;
  return isEven && /^50*$/.test(tail) ? kept + exact.slice(mark) : text;
};

const layOut = (digits: string, exponent: number): string => {
  if (exponent < -4 || exponent >= SIGNIFICANT_DIGITS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
};
