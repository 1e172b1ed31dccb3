/**
 * Listpacks: short lists of strings and integers in one blob, each entry followed by its own length for walking back.
 * Always holds: what decodes was checked to its last byte. Source: listpack.c of Redis 7.0, for the format.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { parseInt64, parseSafeInteger } from '../core/integers.ts';
import { littleEndian, littleEndianBig, readLittleEndian, readSigned, readSigned64 } from './byteOrder.ts';

const HEADER_BYTES = 6;
const END = 0xff;
/** A count that does not fit says nothing. */
const COUNT_UNKNOWN = 65535;

/** Bytes of an empty listpack. */
export const LISTPACK_EMPTY_BYTES: number = HEADER_BYTES + 1;

export const packEntries = (entries: string, count: number): Bytes =>
  bytes(littleEndian(entries.length + LISTPACK_EMPTY_BYTES, 4) + littleEndian(Math.min(count, COUNT_UNKNOWN), 2)
    + entries + String.fromCharCode(END));

/** One entry: an integer where the text is one in canonical form. */
export const listpackEntry = (text: Bytes): string => {
  const body = integerBody(text) ?? stringBody(text);
  return body + backLength(body.length);
};

const integerBody = (text: Bytes): string | null => {
  const first = text.charCodeAt(0);
  if (text.length > 20 || !(first === 45 || (first >= 48 && first <= 57))) return null;
  const number = parseSafeInteger(text);
  if (number === null || (number | 0) !== number) {
    const wide = parseInt64(text);
    return wide === null ? null : `\xf4${littleEndianBig(wide)}`;
  }
  if (number >= 0 && number <= 127) return String.fromCharCode(number);
  if (number >= -4096 && number <= 4095) return String.fromCharCode(0xc0 | ((number >> 8) & 0x1f), number & 0xff);
  if (number >= -32768 && number <= 32767) return `\xf1${littleEndian(number, 2)}`;
  if (number >= -8388608 && number <= 8388607) return `\xf2${littleEndian(number, 3)}`;
  return `\xf3${littleEndian(number, 4)}`;
};

const stringBody = (text: Bytes): string => {
  const { length } = text;
  if (length < 64) return String.fromCharCode(0x80 | length) + text;
  if (length < 4096) return String.fromCharCode(0xe0 | (length >> 8), length & 0xff) + text;
  return `\xf0${littleEndian(length, 4)}${text}`;
};

/** Groups of seven bits, the highest first; all but the first are marked. */
const backLength = (length: number): string => {
  if (length <= 127) return String.fromCharCode(length);
  if (length < 16383) return String.fromCharCode(length >> 7, (length & 127) | 128);
  if (length < 2097151) {
    return String.fromCharCode(length >> 14, ((length >> 7) & 127) | 128, (length & 127) | 128);
  }
  const low = String.fromCharCode(
    ((length >> 21) & 127) | 128, ((length >> 14) & 127) | 128, ((length >> 7) & 127) | 128, (length & 127) | 128);
  return length < 268435455 ? String.fromCharCode(length >> 21) + low.slice(1) : String.fromCharCode(length >>> 28) + low;
};

/** The elements, or null when it is not a sound listpack. They keep the blob alive: to be detached. */
export const decodeListpack = (blob: Bytes): Bytes[] | null => {
  const end = blob.length - 1;
  if (end < HEADER_BYTES || readLittleEndian(blob, 0, 4) !== blob.length || blob.charCodeAt(end) !== END) return null;
  const count = readLittleEndian(blob, 4, 2);
  const elements: Bytes[] = [];
  let at = HEADER_BYTES;
  while (at < end) {
    const size = bodyLength(blob, at);
    const back = size === 0 ? '' : backLength(size);
    const next = at + size + back.length;
    if (size === 0 || next > end || !blob.startsWith(back, at + size)) return null;
    elements.push(readBody(blob, at));
    at = next;
  }
  return at === end && (count === COUNT_UNKNOWN || count === elements.length) ? elements : null;
};

/** Bytes of an entry without its back length; 0 when it is none. */
const bodyLength = (blob: Bytes, at: number): number => {
  const code = blob.charCodeAt(at);
  if (code < 0x80) return 1;
  if (code < 0xc0) return 1 + (code & 0x3f);
  if (code < 0xe0) return 2;
  if (code < 0xf0) return 2 + (((code & 0x0f) << 8) | blob.charCodeAt(at + 1));
  if (code === 0xf0) return 5 + readLittleEndian(blob, at + 1, 4);
  if (code === 0xf1) return 3;
  if (code === 0xf2) return 4;
  if (code === 0xf3) return 5;
  return code === 0xf4 ? 9 : 0;
};

const readBody = (blob: Bytes, at: number): Bytes => {
  const code = blob.charCodeAt(at);
  if (code < 0x80) return bytes(String(code));
  if (code < 0xc0) return bytes(blob.slice(at + 1, at + bodyLength(blob, at)));
  if (code < 0xe0) return bytes(String((((code & 0x1f) << 8 | blob.charCodeAt(at + 1)) << 19) >> 19));
  if (code < 0xf0) return bytes(blob.slice(at + 2, at + bodyLength(blob, at)));
  if (code === 0xf0) return bytes(blob.slice(at + 5, at + bodyLength(blob, at)));
  if (code === 0xf4) return bytes(readSigned64(blob, at + 1).toString());
  return bytes(String(readSigned(blob, at + 1, code - 0xef)));
};
