/**
 * The ID of a stream's entry: milliseconds and a sequence number, each an unsigned integer of 64 bits.
 *
 * What always holds: a `Wide` is a number where a double holds it exactly, else a bigint, so that `===` compares by value and
 * the frequent IDs cost no bigint. Source: t_stream.c of Redis 7.0 (streamCompareID, streamIncrID, streamEncodeID), for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { narrow } from '../core/integers.ts';

/** An integer of 64 bits: see `narrow`. */
export type Wide = number | bigint;

export interface StreamId {
  readonly ms: Wide;
  readonly seq: Wide;
}

export const WIDE_MAX: Wide = 0xffffffffffffffffn;
export const ID_MIN: StreamId = { ms: 0, seq: 0 };
export const ID_MAX: StreamId = { ms: WIDE_MAX, seq: WIDE_MAX };

/** Bytes of an ID in a snapshot. */
export const RAW_ID_BYTES = 16;
const WORD = 0x100000000;

const isSmall = (value: Wide): value is number => typeof value === 'number';

/** Negative, zero or positive. */
export const compareIds = (left: StreamId, right: StreamId): number => {
  if (left.ms !== right.ms) return left.ms < right.ms ? -1 : 1;
  if (left.seq === right.seq) return 0;
  return left.seq < right.seq ? -1 : 1;
};

export const isZeroId = ({ ms, seq }: StreamId): boolean => ms === 0 && seq === 0;

/** The sum, as an unsigned integer of 64 bits. */
export const plusUnsigned = (value: Wide, addend: Wide): Wide => {
  const sum = isSmall(value) && isSmall(addend) ? value + addend : NaN;
  return sum >= 0 && Number.isSafeInteger(sum) ? sum : narrow(BigInt.asUintN(64, BigInt(value) + BigInt(addend)));
};

/** The sum, as a signed integer of 64 bits: how Redis shows its counters. */
export const plusSigned = (value: Wide, addend: Wide): Wide => {
  const sum = isSmall(value) && isSmall(addend) ? value + addend : NaN;
  return Number.isSafeInteger(sum) ? sum : narrow(BigInt.asIntN(64, BigInt(value) + BigInt(addend)));
};

/** What leads from one to the other, as a signed integer of 64 bits. */
export const difference = (from: Wide, to: Wide): Wide =>
  (isSmall(from) && isSmall(to) ? to - from : narrow(BigInt.asIntN(64, BigInt(to) - BigInt(from))));

/** The ID behind this one; null behind the last. */
export const idAfter = ({ ms, seq }: StreamId): StreamId | null => {
  if (seq !== WIDE_MAX) return { ms, seq: plusUnsigned(seq, 1) };
  return ms === WIDE_MAX ? null : { ms: plusUnsigned(ms, 1), seq: 0 };
};

/** The ID before this one; null before the first. */
export const idBefore = ({ ms, seq }: StreamId): StreamId | null => {
  if (seq !== 0) return { ms, seq: plusUnsigned(seq, -1) };
  return ms === 0 ? null : { ms: plusUnsigned(ms, -1), seq: WIDE_MAX };
};

/** As clients see it. */
export const idText = ({ ms, seq }: StreamId): Bytes => bytes(`${ms}-${seq}`);

const rawWord = (value: number): string =>
  String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

const rawWide = (value: Wide): string => (isSmall(value)
  ? rawWord(Math.floor(value / WORD)) + rawWord(value % WORD)
  : rawWord(Number(value >> 32n)) + rawWord(Number(value & 0xffffffffn)));

/** Sixteen bytes, the highest first, so that they sort as the IDs do. */
export const rawId = ({ ms, seq }: StreamId): Bytes => bytes(rawWide(ms) + rawWide(seq));

const readWord = (raw: Bytes, at: number): number =>
  ((raw.charCodeAt(at) << 24) | (raw.charCodeAt(at + 1) << 16) | (raw.charCodeAt(at + 2) << 8) | raw.charCodeAt(at + 3)) >>> 0;

const readWide = (raw: Bytes, at: number): Wide => {
  const high = readWord(raw, at);
  const low = readWord(raw, at + 4);
  return high < 0x200000 ? high * WORD + low : (BigInt(high) << 32n) | BigInt(low);
};

export const idOfRaw = (raw: Bytes): StreamId => ({ ms: readWide(raw, 0), seq: readWide(raw, 8) });
