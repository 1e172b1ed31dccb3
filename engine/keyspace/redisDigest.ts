/**
 * The digest that DEBUG DIGEST prints: equal for equal data, whatever the encodings and the order of keys and members.
 * Source: computeDatasetDigest and xorObjectDigest in debug.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, toHex } from '../core/bytes.ts';
import { sha1 } from '../core/sha1.ts';
import { doubleText } from '../protocol/decimalText.ts';
import { type Entry, NO_EXPIRY } from './database.ts';
import { HashValue } from './hashValue.ts';
import type { Keyspace } from './keyspace.ts';
import { ListValue } from './listValue.ts';
import { SetValue } from './setValue.ts';
import { ID_MAX, ID_MIN } from './streamId.ts';
import { StreamValue } from './streamValue.ts';
import type { Value } from './value.ts';

const ZEROS: Bytes = bytes('\0'.repeat(20));
const EXPIRE_MARK: Bytes = bytes('!!expire!!');

/** Adds something whose order does not matter. */
const exclusive = (digest: Bytes, text: Bytes): Bytes => {
  const other = sha1(text);
  let out = '';
  for (let index = 0; index < digest.length; index++) {
    out += String.fromCharCode(digest.charCodeAt(index) ^ other.charCodeAt(index));
  }
  return out as Bytes;
};

/** Adds something whose order matters. */
const mixed = (digest: Bytes, text: Bytes): Bytes => sha1(exclusive(digest, text));

const integer = (value: number): Bytes =>
  bytes(String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff));

/** Redis's numbers for the types. */
const typeNumber = (value: Value): number => {
  if (typeof value === 'string') return 0;
  if (value instanceof ListValue) return 1;
  if (value instanceof SetValue) return 2;
  if (value instanceof StreamValue) return 6;
  return value instanceof HashValue ? 4 : 3;
};

const withValue = (start: Bytes, value: Value): Bytes => {
  let digest = mixed(start, integer(typeNumber(value)));
  if (typeof value === 'string') return mixed(digest, value);
  if (value instanceof ListValue) {
    for (const part of value.parts()) for (const element of part) digest = mixed(digest, element);
  } else if (value instanceof SetValue) {
    for (const member of value.members.values()) digest = exclusive(digest, member);
  } else if (value instanceof HashValue) {
    const values = value.values();
    for (const [place, field] of value.fields().entries()) {
      digest = exclusive(digest, mixed(mixed(ZEROS, field), values[place] as Bytes));
    }
  } else if (value instanceof StreamValue) {
    // Groups, and what the stream counts, are no part of it.
    for (const { id, fields, values } of value.entries(ID_MIN, ID_MAX, Infinity)) {
      digest = mixed(digest, bytes(`${id.ms}.${id.seq}`));
      for (const [place, field] of fields.entries()) digest = mixed(mixed(digest, field), values[place] as Bytes);
    }
  } else {
    for (const { member, score } of value.slice()) {
      digest = exclusive(digest, mixed(mixed(ZEROS, member), bytes(doubleText(score))));
    }
  }
  return digest;
};

const withEntry = (start: Bytes, entry: Readonly<Entry>): Bytes => {
  const digest = withValue(start, entry.value);
  return entry.expireAtMs === NO_EXPIRY ? digest : exclusive(digest, EXPIRE_MARK);
};

/** 40 hex digits for all databases: DEBUG DIGEST. All zeros for an empty node. */
export const redisDigest = (keyspace: Keyspace): Bytes => {
  let digest = ZEROS;
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    digest = mixed(digest, integer(database.id));
    for (const entry of database.entries()) digest = exclusive(digest, withEntry(mixed(ZEROS, entry.key), entry));
  }
  return toHex(digest);
};

/** 40 hex digits for one key: DEBUG DIGEST-VALUE. All zeros where there is none. */
export const redisValueDigest = (entry: Readonly<Entry> | undefined): Bytes =>
  toHex(entry === undefined ? ZEROS : withEntry(ZEROS, entry));
