/**
 * Numbers, texts and names in the messages of the bus: written in network order, read at a place of a message. What is read lies
 * within the message, which the caller has seen to.
 * Source: cluster.h of Redis 7.0 (the fields of clusterMsg and clusterMsgDataGossip).
 */
import { type Bytes, slice } from '../core/bytes.ts';

export const NODE_NAME_LENGTH = 40;
export const IP_BYTES = 46;

export const u16 = (value: number): string => String.fromCharCode((value >>> 8) & 0xff, value & 0xff);
export const u32 = (value: number): string =>
  String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
export const u64 = (value: number): string => {
  return u32Pair(Math.floor(value / 0x100000000), value);
};
/** Two in a row, made in one call. */
export const u32Pair = (first: number, second: number): string =>
  String.fromCharCode((first >>> 24) & 0xff, (first >>> 16) & 0xff, (first >>> 8) & 0xff, first & 0xff,
    (second >>> 24) & 0xff, (second >>> 16) & 0xff, (second >>> 8) & 0xff, second & 0xff);
/** Longer text is cut, as its field has no room for more; a zero stands at the end in any case. */
export const padded = (text: Bytes, length: number): string => text.slice(0, length - 1).padEnd(length, '\0');

export const readU16 = (text: Bytes, at: number): number => (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1);
export const readU32 = (text: Bytes, at: number): number => readU16(text, at) * 0x10000 + readU16(text, at + 2);
export const readU64 = (text: Bytes, at: number): number => readU32(text, at) * 0x100000000 + readU32(text, at + 4);
export const readText = (text: Bytes, at: number, length: number): Bytes => {
  const end = text.indexOf('\0', at);
  return slice(text, at, end < 0 ? at + length : Math.min(end, at + length));
};
export const readName = (text: Bytes, at: number): Bytes => slice(text, at, at + NODE_NAME_LENGTH);
