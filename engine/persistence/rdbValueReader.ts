/**
 * Reads a value of an RDB file in any of the encodings that Redis 7.0 reads, older ones included.
 * Source: rdbLoadObject in rdb.c of Redis 7.0, for the format.
 */
import type { Bytes } from '../core/bytes.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import type { Collection, EncodingLimits, Value } from '../keyspace/value.ts';
import { readDoubleBytes } from './byteOrder.ts';
import { decodeListpack } from './listpack.ts';
import { decodeIntset, decodeZiplist, decodeZipmap } from './oldPacks.ts';
import {
  NODE_PACKED, NODE_PLAIN, TYPES_NOT_BUILT, TYPE_HASH, TYPE_HASH_LISTPACK, TYPE_HASH_ZIPLIST, TYPE_HASH_ZIPMAP, TYPE_LIST,
  TYPE_LIST_QUICKLIST, TYPE_LIST_QUICKLIST_2, TYPE_LIST_ZIPLIST, TYPE_SET, TYPE_SET_INTSET, TYPE_SET_LISTPACK, TYPE_STREAM_LISTPACKS,
  TYPE_STREAM_LISTPACKS_2, TYPE_STREAM_LISTPACKS_3, TYPE_STRING, TYPE_ZSET, TYPE_ZSET_2, TYPE_ZSET_LISTPACK, TYPE_ZSET_ZIPLIST,
} from './rdbFormat.ts';
import type { RdbInput } from './rdbInput.ts';
import { readStream } from './streamValueReader.ts';

/** The value; null for a collection without members, which no key may hold, unless it is a stream. Throws `RdbError`. */
export const readValue = (input: RdbInput, type: number, limits: EncodingLimits): Value | null => {
  if (type === TYPE_STRING) return input.ownText();
  const collection = readCollection(input, type, limits);
  return collection.size === 0 && !(collection instanceof StreamValue) ? null : collection;
};

const readCollection = (input: RdbInput, type: number, limits: EncodingLimits): Collection => {
  switch (type) {
    case TYPE_LIST: return listOf(readStrings(input, 1));
    case TYPE_LIST_ZIPLIST: return listOf(unpack(input, decodeZiplist, 'ziplist'));
    case TYPE_LIST_QUICKLIST: case TYPE_LIST_QUICKLIST_2: return readQuicklist(input, type);
    case TYPE_SET: return setOf(input, readStrings(input, 1), limits);
    case TYPE_SET_INTSET: return setOf(input, unpack(input, decodeIntset, 'intset'), limits);
    case TYPE_SET_LISTPACK: return setOf(input, unpack(input, decodeListpack, 'listpack'), limits);
    case TYPE_HASH: return hashOf(input, readStrings(input, 2), limits);
    case TYPE_HASH_ZIPMAP: return hashOf(input, unpack(input, decodeZipmap, 'zipmap'), limits);
    case TYPE_HASH_ZIPLIST: return hashOf(input, unpack(input, decodeZiplist, 'ziplist'), packed(limits));
    case TYPE_HASH_LISTPACK: return hashOf(input, unpack(input, decodeListpack, 'listpack'), packed(limits));
    case TYPE_ZSET: case TYPE_ZSET_2: return readSortedSet(input, type, limits);
    case TYPE_ZSET_ZIPLIST: return sortedSetOf(input, unpack(input, decodeZiplist, 'ziplist'), packed(limits));
    case TYPE_ZSET_LISTPACK: return sortedSetOf(input, unpack(input, decodeListpack, 'listpack'), packed(limits));
    case TYPE_STREAM_LISTPACKS: case TYPE_STREAM_LISTPACKS_2: case TYPE_STREAM_LISTPACKS_3: return readStream(input, type);
    default: throw notBuilt(input, type);
  }
};

const notBuilt = (input: RdbInput, type: number): Error => {
  const what = TYPES_NOT_BUILT.get(type);
  return input.error(what === undefined ? `unknown value type ${type}` : `value type ${type}, ${what}, is not built`);
};

/** What was packed stays so, however long its elements; only their number is asked. */
const packed = (limits: EncodingLimits): EncodingLimits =>
  ({ ...limits, hashMaxListpackValue: Infinity, zsetMaxListpackValue: Infinity });

/** A length, then that many strings (times `width`). One by one, since the length may be damaged. */
function* readStrings(input: RdbInput, width: number): Generator<Bytes, void> {
  const size = input.length() * width;
  for (let index = 0; index < size; index++) yield input.text();
}

const unpack = (input: RdbInput, decode: (blob: Bytes) => Bytes[] | null, name: string): Bytes[] => {
  const elements = decode(input.text());
  if (elements === null) throw input.error(`integrity check failed: ${name}`);
  return elements;
};

const listOf = (elements: Iterable<Bytes>): ListValue => {
  const list = new ListValue();
  for (const element of elements) list.pushRight(element);
  return list;
};

const readQuicklist = (input: RdbInput, type: number): ListValue => {
  const list = new ListValue();
  const nodes = input.length();
  for (let node = 0; node < nodes; node++) {
    const container = type === TYPE_LIST_QUICKLIST ? NODE_PACKED : input.length();
    if (container === NODE_PLAIN) {
      list.pushRight(input.text());
      continue;
    }
    if (container !== NODE_PACKED) throw input.error(`unknown quicklist container ${container}`);
    const elements = type === TYPE_LIST_QUICKLIST
      ? unpack(input, decodeZiplist, 'ziplist') : unpack(input, decodeListpack, 'listpack');
    for (const element of elements) list.pushRight(element);
  }
  return list;
};

const setOf = (input: RdbInput, members: Iterable<Bytes>, limits: EncodingLimits): SetValue => {
  const set = new SetValue();
  for (const member of members) {
    if (!set.add(member, limits)) throw input.error('the same set member twice');
  }
  return set;
};

const hashOf = (input: RdbInput, words: Iterable<Bytes>, limits: EncodingLimits): HashValue => {
  const hash = new HashValue();
  let field: Bytes | null = null;
  for (const word of words) {
    if (field === null) {
      field = word;
      continue;
    }
    if (!hash.set(field, word, limits)) throw input.error('the same hash field twice');
    field = null;
  }
  if (field !== null) throw input.error('a hash field without a value');
  return hash;
};

const addScored = (
  input: RdbInput, set: SortedSetValue, member: Bytes, score: number, limits: EncodingLimits,
): void => {
  if (Number.isNaN(score)) throw input.error('a score that is not a number');
  if (set.set(member, score, limits) !== 'added') throw input.error('the same sorted set member twice');
};

const sortedSetOf = (input: RdbInput, words: readonly Bytes[], limits: EncodingLimits): SortedSetValue => {
  const set = new SortedSetValue();
  if (words.length % 2 !== 0) throw input.error('a sorted set member without a score');
  for (let index = 0; index < words.length; index += 2) {
    addScored(input, set, words[index] as Bytes, scoreOf(words[index + 1] as Bytes), limits);
  }
  return set;
};

/** The score that a text spells; NaN for what is none. */
const scoreOf = (text: Bytes): number => {
  if (/^[-+]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : NaN;
};

const readSortedSet = (input: RdbInput, type: number, limits: EncodingLimits): SortedSetValue => {
  const set = new SortedSetValue();
  const size = input.length();
  let longest = 0;
  for (let index = 0; index < size; index++) {
    const member = input.text();
    const score = type === TYPE_ZSET_2 ? readDoubleBytes(input.take(8), 0) : readTextScore(input);
    addScored(input, set, member, score, limits);
    longest = Math.max(longest, member.length);
  }
  set.chooseEncoding(limits, longest);
  return set;
};

const SCORE_NAN = 253;
const SCORE_INFINITE = 254;
const SCORE_NEGATIVE_INFINITE = 255;

/** As older versions wrote scores: decimal text behind its length, or one of three codes. */
const readTextScore = (input: RdbInput): number => {
  const length = input.byte();
  if (length === SCORE_NAN) return NaN;
  if (length === SCORE_INFINITE) return Infinity;
  return length === SCORE_NEGATIVE_INFINITE ? -Infinity : scoreOf(input.take(length));
};
