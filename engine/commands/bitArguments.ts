/**
 * What the commands on bits have in common: bit 0 is the highest of the first byte. Reading offsets, and strings as bytes that
 * can be written to. Source: bitops.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { type ErrorReply, WRONG_TYPE, error } from '../protocol/reply.ts';
import { FRAME_LENGTH_MAX } from '../protocol/requestDecoder.ts';
import type { Call } from './command.ts';

const BAD_OFFSET = error('ERR bit offset is not an integer or out of range');

/** A place in bits. With `width` it may be given in units of so many bits: `#3`. */
export const readBitOffset = (
  argument: Bytes, width: number | null = null, bytesMax: number = FRAME_LENGTH_MAX,
): number | ErrorReply => {
  const isUnits = width !== null && argument.charCodeAt(0) === 35;
  const parsed = parseInt64(isUnits ? argument.slice(1) as Bytes : argument);
  if (parsed === null) return BAD_OFFSET;
  const offset = isUnits ? parsed * BigInt(width) : parsed;
  return offset < 0n || offset / 8n >= BigInt(bytesMax) ? BAD_OFFSET : Number(offset);
};

/** The string at a key for reading, empty when there is none. */
export const readBits = (call: Call, key: Bytes): Bytes | ErrorReply => {
  const value = call.db.lookupRead(key)?.value ?? EMPTY;
  return typeof value === 'string' ? value : WRONG_TYPE;
};

/** A string's bytes to be changed, at least `length` of them. */
export const unpacked = (text: Bytes, length: number): Uint8Array => {
  const out = new Uint8Array(Math.max(text.length, length));
  for (let index = 0; index < text.length; index++) out[index] = text.charCodeAt(index);
  return out;
};

const PART = 8192;

export const packed = (content: Uint8Array): Bytes => {
  const parts: string[] = [];
  for (let from = 0; from < content.length; from += PART) parts.push(String.fromCharCode(...content.subarray(from, from + PART)));
  return bytes(parts.join(''));
};

/** How many of a byte's bits are set. */
export const bitsSet = (byte: number): number => {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
};
