/**
 * What a key would weigh in redis-server: an estimate, since a JavaScript heap does not tell. It follows Redis's own structures as
 * its allocator rounds them, so that MEMORY USAGE and `maxmemory` mean about what they mean there. For strings, small collections
 * and sets it is the same to the byte; a skiplist's towers, which are chance there, count with their average.
 *
 * Always holds: the same entry weighs the same; no more than `samples` elements are looked at (0: all of them).
 * Source: objectComputeSize in object.c of Redis 7.0, and jemalloc's size classes.
 */
import type { Bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { NO_EXPIRY, type Entry } from './database.ts';
import { HashValue } from './hashValue.ts';
import { ListValue } from './listValue.ts';
import { SetValue } from './setValue.ts';
import { SortedSetValue } from './sortedSetValue.ts';
import { streamBytes } from './streamMemory.ts';
import type { Value } from './value.ts';

/** As many elements as MEMORY USAGE looks at unless told otherwise. */
export const SAMPLES_DEFAULT = 5;

const OBJECT_BYTES = 16;
const DICT_BYTES = 56;
const DICT_ENTRY_BYTES = 24;
const POINTER_BYTES = 8;
const QUICKLIST_BYTES = 40;
const QUICKLIST_NODE_BYTES = 40;
/** What a node of a quicklist holds by default. */
const QUICKLIST_NODE_CONTENT_BYTES = 8192;
const INTSET_HEADER_BYTES = 8;
const SORTED_SET_BYTES = 16 + 32 + DICT_BYTES + 640;
/** A node with its tower: each further level is there in one of four. */
const SKIPLIST_NODE_BYTES = 53;
const LISTPACK_HEADER_BYTES = 7;
const SHORT_TEXT_MAX = 31;
const EMBEDDED_LENGTH_MAX = 44;

/** What the allocator hands out for so many bytes: 8, steps of 16 up to 128, then four sizes to each doubling. */
export const allocated = (size: number): number => {
  if (size <= 8) return 8;
  if (size <= 128) return Math.ceil(size / 16) * 16;
  let step = 32;
  while (size > step * 8) step *= 2;
  return Math.ceil(size / step) * step;
};

const textBytes = (length: number): number =>
  allocated(length + 1 + (length <= SHORT_TEXT_MAX ? 1 : length < 256 ? 3 : length < 65_536 ? 5 : 9));

const stringBytes = (value: Bytes): number => {
  if (value.length <= 20 && parseInt64(value) !== null) return OBJECT_BYTES;
  if (value.length <= EMBEDDED_LENGTH_MAX) return allocated(OBJECT_BYTES + 3 + value.length + 1);
  return OBJECT_BYTES + textBytes(Math.max(value.length, SHORT_TEXT_MAX + 1));
};

/** An element of a listpack: a number by its size, a text with its length, and the way back. */
const packedBytes = (element: Bytes): number => {
  const number = element.length <= 20 ? parseInt64(element) : null;
  if (number !== null) {
    const size = number < 0n ? -number : number;
    if (number >= 0n && size < 128n) return 2;
    if (size < 4096n) return 3;
    if (size < 32_768n) return 4;
    if (size < 8_388_608n) return 5;
    return size < 2_147_483_648n ? 6 : 10;
  }
  const { length } = element;
  return length + (length < 64 ? 2 : length < 4096 ? 4 : 10);
};

/** The sum over all elements, from that of the first `samples` ones. */
const sampled = <Item>(items: readonly Item[], size: number, weigh: (item: Item) => number): number => {
  let sum = 0;
  for (const item of items) sum += weigh(item);
  return items.length === 0 ? 0 : Math.floor((sum / items.length) * size);
};

/** A hash table's buckets: a power of two that holds as many. */
const tableBytes = (size: number): number => {
  let slots = 4;
  while (slots < size) slots *= 2;
  return slots * POINTER_BYTES;
};

const listBytes = (list: ListValue, count: number): number => {
  const packed = sampled(list.slice(0, count), list.size, packedBytes);
  const nodes = Math.max(1, Math.ceil(packed / QUICKLIST_NODE_CONTENT_BYTES));
  const each = allocated(Math.ceil(packed / nodes) + LISTPACK_HEADER_BYTES);
  return OBJECT_BYTES + QUICKLIST_BYTES + nodes * (QUICKLIST_NODE_BYTES + each);
};

const setBytes = (set: SetValue, count: number): number => {
  const members = set.members.values().slice(0, count);
  if (set.encoding === 'intset') {
    const width = members.some((member) => member.length > 9) ? 8 : members.some((member) => member.length > 4) ? 4 : 2;
    return OBJECT_BYTES + allocated(INTSET_HEADER_BYTES + set.size * width);
  }
  return OBJECT_BYTES + DICT_BYTES + tableBytes(set.size)
    + sampled(members, set.size, (member) => DICT_ENTRY_BYTES + textBytes(member.length));
};

const hashBytes = (hash: HashValue, count: number): number => {
  const contents = hash.values();
  const pairs = hash.fields().slice(0, count).map((field, place): readonly [Bytes, Bytes] => [field, contents[place] as Bytes]);
  if (hash.encoding === 'listpack') {
    return OBJECT_BYTES + allocated(LISTPACK_HEADER_BYTES
      + sampled(pairs, hash.size, ([field, value]) => packedBytes(field) + packedBytes(value)));
  }
  return OBJECT_BYTES + DICT_BYTES + tableBytes(hash.size) + sampled(pairs, hash.size, ([field, value]) =>
    DICT_ENTRY_BYTES + textBytes(field.length) + textBytes(value.length));
};

const sortedSetBytes = (set: SortedSetValue, count: number): number => {
  const items = set.slice(0, Math.min(count, set.size));
  if (set.encoding === 'listpack') {
    return OBJECT_BYTES + allocated(LISTPACK_HEADER_BYTES
      + sampled(items, set.size, ({ member, score }) => packedBytes(member) + packedBytes(String(score) as Bytes)));
  }
  return OBJECT_BYTES + SORTED_SET_BYTES + tableBytes(set.size) + sampled(items, set.size, ({ member }) =>
    DICT_ENTRY_BYTES + SKIPLIST_NODE_BYTES + textBytes(member.length));
};

/** Bytes of a value, its object included. */
export const valueBytes = (value: Value, samples: number): number => {
  const count = samples === 0 ? Number.MAX_SAFE_INTEGER : samples;
  if (typeof value === 'string') return stringBytes(value);
  if (value instanceof ListValue) return listBytes(value, Math.min(count, value.size));
  if (value instanceof SetValue) return setBytes(value, count);
  if (value instanceof HashValue) return hashBytes(value, count);
  return value instanceof SortedSetValue ? sortedSetBytes(value, count) : OBJECT_BYTES + streamBytes(value, count);
};

/** Bytes of a key: its name, its value, and its places in the tables of the database. */
export const entryBytes = (entry: Readonly<Entry>, samples: number = SAMPLES_DEFAULT): number =>
  DICT_ENTRY_BYTES + textBytes(entry.key.length) + valueBytes(entry.value, samples)
  + (entry.expireAtMs === NO_EXPIRY ? 0 : DICT_ENTRY_BYTES);

/** What a database of so many keys, so many of them with an expiry, keeps for its tables. */
export const tablesBytes = (keys: number, expiring: number): number =>
  (keys === 0 ? 0 : tableBytes(keys)) + (expiring === 0 ? 0 : tableBytes(expiring));
