/**
 * Writes a snapshot as an RDB file, version 10, in chunks. The walk may be left and taken up between turns: the snapshot
 * stays the instant at which it was opened. Source: rdb.c of Redis 7.0 (rdbSaveRio), for the format.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { Crc64 } from '../core/crc64.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Snapshot, SnapshotItem } from '../keyspace/snapshot.ts';
import type { SetValue } from '../keyspace/setValue.ts';
import {
  AUX_NOTE_ID, AUX_NOTE_POSITION, ENCODED_INT16, ENCODED_INT32, ENCODED_INT8, LENGTH_32_BIT, LENGTH_64_BIT, LENGTH_ENCODED, OPCODE_AUX, OPCODE_EOF,
  OPCODE_EXPIRE_MS, OPCODE_RESIZE_DB, OPCODE_SELECT_DB, RDB_MAGIC, RDB_VERSION, type ReplicationInfo, TYPE_SET,
  TYPE_SET_INTSET, TYPE_STRING,
} from './rdbFormat.ts';

export interface RdbWriteOptions {
  readonly redisVersion: string;
  readonly createdUnixSeconds: number;
  readonly usedMemory: number;
  /** Null for a snapshot that takes part in no replication. */
  readonly replication: ReplicationInfo | null;
  /** With `rdbchecksum no` the checksum is eight zero bytes. */
  readonly checksum: boolean;
  /** The place in the tree of histories that notes name, where anybody reads notes: an unknown field to others. */
  readonly notePosition: { readonly id: Bytes; readonly position: number } | null;
}

/** Chunks of about this size are handed out. */
const CHUNK_BYTES = 16384;

/** The whole file as chunks. Closes the snapshot at its end, and when it is abandoned. */
export function* writeRdb(snapshot: Snapshot, options: RdbWriteOptions): Generator<Bytes, void> {
  const crc = new Crc64();
  let text = header(options);
  try {
    for (const { database, keys, expiring } of snapshot.sizes) {
      if (keys === 0) continue;
      text += opcode(OPCODE_SELECT_DB) + encodeLength(database)
        + opcode(OPCODE_RESIZE_DB) + encodeLength(keys) + encodeLength(expiring);
      for (const item of snapshot.items(database)) {
        text += encodeItem(item);
        if (text.length < CHUNK_BYTES) continue;
        crc.update(bytes(text));
        yield bytes(text);
        text = '';
      }
    }
  } finally {
    snapshot.close();
  }
  text += opcode(OPCODE_EOF);
  crc.update(bytes(text));
  yield bytes(text + (options.checksum ? crc.digest() : '\0'.repeat(8)));
}

const header = (options: RdbWriteOptions): string => {
  let text = RDB_MAGIC + String(RDB_VERSION).padStart(4, '0')
    + auxiliary('redis-ver', options.redisVersion) + auxiliary('redis-bits', '64')
    + auxiliary('ctime', String(options.createdUnixSeconds)) + auxiliary('used-mem', String(options.usedMemory));
  if (options.replication !== null) {
    text += auxiliary('repl-stream-db', String(options.replication.streamDatabase))
      + auxiliary('repl-id', options.replication.id)
      + auxiliary('repl-offset', String(options.replication.offset));
  }
  if (options.notePosition !== null) {
    text += auxiliary(AUX_NOTE_ID, options.notePosition.id)
      + auxiliary(AUX_NOTE_POSITION, String(options.notePosition.position));
  }
  return text + auxiliary('aof-base', '0');
};

const opcode = (code: number): string => String.fromCharCode(code);

const auxiliary = (name: string, value: string): string =>
  opcode(OPCODE_AUX) + encodeString(bytes(name)) + encodeString(bytes(value));

const encodeItem = (item: SnapshotItem): string => {
  const expiry = item.expireAtMs < 0 ? '' : opcode(OPCODE_EXPIRE_MS) + littleEndian64(item.expireAtMs);
  const value = item.value;
  if (typeof value === 'string') {
    return expiry + opcode(TYPE_STRING) + encodeString(item.key) + encodeString(value);
  }
  return expiry + encodeSet(item.key, value);
};

const encodeSet = (key: Bytes, set: SetValue): string => {
  if (set.encoding === 'intset') {
    return opcode(TYPE_SET_INTSET) + encodeString(key) + encodeString(bytes(encodeIntset(set.list())));
  }
  let text = opcode(TYPE_SET) + encodeString(key) + encodeLength(set.size);
  for (const member of set.members.values()) text += encodeString(member);
  return text;
};

/** Width of the widest member, count, then the members, all little endian. `members` are sorted. */
const encodeIntset = (members: readonly Bytes[]): string => {
  const numbers = members.map((member) => BigInt(member));
  const fits = (bits: number): boolean => numbers.every((number) => BigInt.asIntN(bits, number) === number);
  const width = fits(16) ? 2 : fits(32) ? 4 : 8;
  let text = littleEndian(width, 4) + littleEndian(numbers.length, 4);
  for (const number of numbers) {
    let rest = BigInt.asUintN(64, number);
    for (let byte = 0; byte < width; byte++, rest >>= 8n) text += String.fromCharCode(Number(rest & 0xffn));
  }
  return text;
};

/** A length in the shortest of the four forms. */
export const encodeLength = (length: number): string => {
  if (length < 64) return String.fromCharCode(length);
  if (length < 16384) return String.fromCharCode(0x40 | (length >> 8), length & 0xff);
  if (length <= 0xffffffff) return String.fromCharCode(LENGTH_32_BIT) + bigEndian(length, 4);
  return String.fromCharCode(LENGTH_64_BIT) + bigEndian(length, 8);
};

/** A string; one that spells a 32-bit integer goes as that integer. */
export const encodeString = (text: Bytes): string => {
  if (text.length <= 11) {
    const number = parseSafeInteger(text);
    if (number !== null && (number | 0) === number) return encodeInteger(number);
  }
  return encodeLength(text.length) + text;
};

const encodeInteger = (number: number): string => {
  const encoded = (kind: number): string => String.fromCharCode((LENGTH_ENCODED << 6) | kind);
  if (number >= -128 && number <= 127) return encoded(ENCODED_INT8) + littleEndian(number, 1);
  if (number >= -32768 && number <= 32767) return encoded(ENCODED_INT16) + littleEndian(number, 2);
  return encoded(ENCODED_INT32) + littleEndian(number, 4);
};

const littleEndian = (number: number, width: number): string => {
  let text = '';
  for (let byte = 0; byte < width; byte++) text += String.fromCharCode((number >> (8 * byte)) & 0xff);
  return text;
};

const littleEndian64 = (number: number): string =>
  littleEndian(number | 0, 4) + littleEndian(Math.floor(number / 0x100000000) | 0, 4);

const bigEndian = (number: number, width: number): string => {
  let text = '';
  for (let rest = number, byte = 0; byte < width; byte++, rest = Math.floor(rest / 256)) {
    text = String.fromCharCode(rest % 256) + text;
  }
  return text;
};
