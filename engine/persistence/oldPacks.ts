/**
 * Blobs that Redis still reads: ziplists and zipmaps of older versions, and intsets. All return null for what is not sound.
 * Elements keep the blob alive: to be detached. Source: ziplist.c, zipmap.c and intset.c of Redis 7.0, for the formats.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { readLittleEndian, readSigned, readSigned64 } from './byteOrder.ts';

const ZIPLIST_HEADER_BYTES = 10;
const END = 0xff;
/** Lengths from here on stand in four bytes behind this one. */
const LONG_LENGTH = 254;
const COUNT_UNKNOWN = 65535;

interface Piece {
  readonly text: Bytes;
  readonly next: number;
}

const piece = (blob: Bytes, from: number, to: number): Piece | null =>
  (to < blob.length ? { text: bytes(blob.slice(from, to)), next: to } : null);

export const decodeZiplist = (blob: Bytes): Bytes[] | null => {
  const end = blob.length - 1;
  if (end < ZIPLIST_HEADER_BYTES || readLittleEndian(blob, 0, 4) !== blob.length || blob.charCodeAt(end) !== END) return null;
  const count = readLittleEndian(blob, 8, 2);
  const elements: Bytes[] = [];
  let at = ZIPLIST_HEADER_BYTES;
  let last = at;
  let size = 0;
  while (at < end) {
    const isLong = blob.charCodeAt(at) === LONG_LENGTH;
    if ((isLong ? readLittleEndian(blob, at + 1, 4) : blob.charCodeAt(at)) !== size) return null;
    const entry = readZiplistEntry(blob, at + (isLong ? 5 : 1));
    if (entry === null) return null;
    elements.push(entry.text);
    size = entry.next - at;
    last = at;
    at = entry.next;
  }
  if (at !== end || readLittleEndian(blob, 4, 4) !== last) return null;
  return count === COUNT_UNKNOWN || count === elements.length ? elements : null;
};

const readZiplistEntry = (blob: Bytes, at: number): Piece | null => {
  const code = blob.charCodeAt(at);
  if (code < 0x40) return piece(blob, at + 1, at + 1 + code);
  if (code < 0x80) return piece(blob, at + 2, at + 2 + (((code & 0x3f) << 8) | blob.charCodeAt(at + 1)));
  if (code === 0x80) {
    let length = 0;
    for (let index = 1; index <= 4; index++) length = length * 256 + (blob.charCodeAt(at + index) | 0);
    return piece(blob, at + 5, at + 5 + length);
  }
  const integer = (value: number | bigint, width: number): Piece | null =>
    (at + 1 + width < blob.length ? { text: bytes(String(value)), next: at + 1 + width } : null);
  if (code === 0xc0) return integer(readSigned(blob, at + 1, 2), 2);
  if (code === 0xd0) return integer(readSigned(blob, at + 1, 4), 4);
  if (code === 0xe0) return integer(readSigned64(blob, at + 1), 8);
  if (code === 0xf0) return integer(readSigned(blob, at + 1, 3), 3);
  if (code === 0xfe) return integer(readSigned(blob, at + 1, 1), 1);
  return code >= 0xf1 && code <= 0xfd ? integer((code & 0x0f) - 1, 0) : null;
};

/** Fields and values in turn. */
export const decodeZipmap = (blob: Bytes): Bytes[] | null => {
  const end = blob.length - 1;
  if (end < 1 || blob.charCodeAt(end) !== END) return null;
  const count = blob.charCodeAt(0);
  const elements: Bytes[] = [];
  let at = 1;
  while (at < end) {
    const field = readZipmapPart(blob, at, 0);
    // Behind a value's length stands how many bytes it leaves free.
    const value = field === null ? null : readZipmapPart(blob, field.next, 1);
    if (field === null || value === null) return null;
    elements.push(field.text, value.text);
    at = value.next;
  }
  return at === end && (count >= LONG_LENGTH || count * 2 === elements.length) ? elements : null;
};

const readZipmapPart = (blob: Bytes, at: number, extra: 0 | 1): Piece | null => {
  const code = blob.charCodeAt(at);
  if (!(code <= LONG_LENGTH)) return null;
  const width = code === LONG_LENGTH ? 5 : 1;
  const length = code === LONG_LENGTH ? readLittleEndian(blob, at + 1, 4) : code;
  const from = at + width + extra;
  const free = extra === 0 ? 0 : blob.charCodeAt(at + width);
  if (!(from + length + free < blob.length)) return null;
  return { text: bytes(blob.slice(from, from + length)), next: from + length + free };
};

/** The members, in order. */
export const decodeIntset = (blob: Bytes): Bytes[] | null => {
  if (blob.length < 8) return null;
  const width = readLittleEndian(blob, 0, 4);
  const count = readLittleEndian(blob, 4, 4);
  if ((width !== 2 && width !== 4 && width !== 8) || count === 0 || blob.length !== 8 + width * count) return null;
  const members: Bytes[] = [];
  let last: number | bigint | null = null;
  for (let at = 8; at < blob.length; at += width) {
    const member = width === 8 ? readSigned64(blob, at) : readSigned(blob, at, width);
    if (last !== null && member <= last) return null;
    last = member;
    members.push(bytes(String(member)));
  }
  return members;
};
