/**
 * Byte strings: the only form that keys, values, wire chunks and file contents take inside.
 *
 * A `Bytes` is a JavaScript string whose code units all lie in 0..255, one unit a byte. V8 keeps such strings at one byte
 * a character, hashes them once and compares them fast, and every browser treats them alike. Conversion from and to
 * real buffers happens at the edge only (`latin1`), never here.
 */
declare const bytesBrand: unique symbol;
export type Bytes = string & { readonly [bytesBrand]: true };

/** Brands a literal or a string that is known to hold only bytes (program text, decimal numbers). */
export const bytes = (text: string): Bytes => text as Bytes;

export const EMPTY: Bytes = bytes('');

/** True when every code unit of `text` fits one byte. */
export const isBytes = (text: string): text is Bytes => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
};

/** Encodes any text as UTF-8 bytes. Lone surrogates become U+FFFD, as every encoder of the web does. */
export const utf8 = (text: string): Bytes => {
  if (isAscii(text)) return bytes(text);
  let out = '';
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) out += String.fromCharCode(code);
    else if (code < 0x800) out += String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) {
      out += String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      out += String.fromCharCode(
        0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return bytes(out);
};

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
};

/** Below this length V8 copies a slice; at or above it a slice keeps its whole parent alive. */
const SLICED_LENGTH_MIN = 13;

/**
 * Returns an equal string that does not keep a larger chunk alive. Everything that outlives the chunk it was cut from
 * (a stored key, a stored value) goes through here. Joining an array copies into a flat string of its own; measured, it is
 * both faster and smaller than cutting a concatenation.
 */
export const detach = (slice: Bytes): Bytes =>
  slice.length < SLICED_LENGTH_MIN ? slice : ([slice.slice(0, 1), slice.slice(1)].join('') as Bytes);

/** Part of a byte string, `start` to before `end`. The part may keep its parent alive: see `detach`. */
export const slice = (text: Bytes, start: number, end?: number): Bytes => text.slice(start, end) as Bytes;

export const concat = (...parts: readonly Bytes[]): Bytes => parts.join('') as Bytes;

export const join = (parts: readonly Bytes[], separator = ''): Bytes => parts.join(separator) as Bytes;

/** ASCII lower case; bytes above 127 stay as they are, as in the C locale. */
export const lower = (text: Bytes): Bytes => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // The engine's own method is several times faster, and agrees on ASCII.
    if (code >= 65 && code <= 90) return isAscii(text) ? (text.toLowerCase() as Bytes) : lowerSlow(text);
  }
  return text;
};

const lowerSlow = (text: Bytes): Bytes =>
  text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32)) as Bytes;

/** ASCII upper case. */
export const upper = (text: Bytes): Bytes =>
  text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 32)) as Bytes;

/** Order of memcmp, then length: negative, zero or positive. */
export const compare = (left: Bytes, right: Bytes): number => (left < right ? -1 : left > right ? 1 : 0);

const HEX = '0123456789abcdef';

export const toHex = (text: Bytes): Bytes => {
  let out = '';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    out += HEX.charAt(code >> 4) + HEX.charAt(code & 15);
  }
  return bytes(out);
};

/** A printable form for logs and reports: quotes, `\r \n \t`, and `\xNN` for what is not ASCII, as redis-cli prints. */
export const quote = (text: Bytes): string => {
  let out = '"';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 34 || code === 92) out += '\\' + String.fromCharCode(code);
    else if (code === 10) out += '\\n';
    else if (code === 13) out += '\\r';
    else if (code === 9) out += '\\t';
    else if (code === 7) out += '\\a';
    else if (code === 8) out += '\\b';
    else if (code < 32 || code > 126) out += '\\x' + HEX.charAt(code >> 4) + HEX.charAt(code & 15);
    else out += String.fromCharCode(code);
  }
  return out + '"';
};
