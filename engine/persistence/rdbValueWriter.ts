/**
 * Writes values as Redis 7.0 stores them: small collections as one listpack or intset, others element by element; strings
 * as integers where they spell one, else compressed where that helps.
 * Source: rdbSaveObject and rdbSaveRawString in rdb.c of Redis 7.0, for the format.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { SetValue } from '../keyspace/setValue.ts';
import type { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { storedScoreText } from '../keyspace/storedScore.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import type { Value } from '../keyspace/value.ts';
import { doubleBytes, littleEndian, littleEndianBig } from './byteOrder.ts';
import { LISTPACK_EMPTY_BYTES, listpackEntry, packEntries } from './listpack.ts';
import { LzfCompressor } from './lzf.ts';
import {
  ENCODED_INT16, ENCODED_INT32, ENCODED_INT8, ENCODED_LZF, LENGTH_ENCODED, NODE_PACKED, TYPE_HASH, TYPE_HASH_LISTPACK,
  TYPE_LIST_QUICKLIST_2, TYPE_SET, TYPE_SET_INTSET, TYPE_STREAM_LISTPACKS_2, TYPE_STRING, TYPE_ZSET_2, TYPE_ZSET_LISTPACK,
} from './rdbFormat.ts';
import { encodeLength } from './rdbLength.ts';
import { streamText } from './streamValueWriter.ts';

/** Shorter strings are not compressed, and a gain of fewer bytes is none. */
const COMPRESSED_LENGTH_MIN = 21;
const COMPRESSED_GAIN_MIN = 4;

/** Longest text of an integer that goes as one. */
const INTEGER_LENGTH_MAX = 11;

/** Bytes of a node of a list for a size of -1 to -5, and for one that counts elements. */
const NODE_BYTES: readonly number[] = [4096, 8192, 16384, 32768, 65536];
const COUNTED_NODE_BYTES = 8192;
/** What Redis reckons an element to cost beside its text. */
const NODE_ENTRY_OVERHEAD = 8;

export interface ValueWriteOptions {
  /** `rdbcompression`. */
  readonly compression: boolean;
  /** `list-max-listpack-size`. */
  readonly listMaxListpackSize: number;
}

const encoded = (kind: number): string => String.fromCharCode((LENGTH_ENCODED << 6) | kind);

const encodeInteger = (number: number): string => {
  if (number >= -128 && number <= 127) return encoded(ENCODED_INT8) + littleEndian(number, 1);
  if (number >= -32768 && number <= 32767) return encoded(ENCODED_INT16) + littleEndian(number, 2);
  return encoded(ENCODED_INT32) + littleEndian(number, 4);
};

export class ValueWriter {
  private readonly options: ValueWriteOptions;
  private readonly compressor: LzfCompressor | null;

  constructor(options: ValueWriteOptions) {
    this.options = options;
    this.compressor = options.compression ? new LzfCompressor() : null;
  }

  string(text: Bytes): string {
    const { length } = text;
    if (length <= INTEGER_LENGTH_MAX) {
      const number = parseSafeInteger(text);
      if (number !== null && (number | 0) === number) return encodeInteger(number);
    } else if (length >= COMPRESSED_LENGTH_MIN && this.compressor !== null) {
      const compressed = this.compressor.compress(text, length - COMPRESSED_GAIN_MIN);
      if (compressed !== null) {
        return encoded(ENCODED_LZF) + encodeLength(compressed.length) + encodeLength(length) + compressed;
      }
    }
    return encodeLength(length) + text;
  }

  /** The code of the type that the value is written as. */
  type(value: Value): number {
    if (typeof value === 'string') return TYPE_STRING;
    if (value instanceof ListValue) return TYPE_LIST_QUICKLIST_2;
    if (value instanceof SetValue) return value.encoding === 'intset' ? TYPE_SET_INTSET : TYPE_SET;
    if (value instanceof HashValue) return value.encoding === 'listpack' ? TYPE_HASH_LISTPACK : TYPE_HASH;
    if (value instanceof StreamValue) return TYPE_STREAM_LISTPACKS_2;
    return value.encoding === 'listpack' ? TYPE_ZSET_LISTPACK : TYPE_ZSET_2;
  }

  /** The value without its type. */
  value(value: Value): string {
    if (typeof value === 'string') return this.string(value);
    if (value instanceof ListValue) return this.list(value);
    if (value instanceof SetValue) return this.set(value);
    if (value instanceof StreamValue) return streamText(value, (text) => this.string(text));
    return value instanceof HashValue ? this.hash(value) : this.sortedSet(value);
  }

  private list(list: ListValue): string {
    const fill = this.options.listMaxListpackSize;
    const bytesMax = fill < 0 ? NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1] as number : COUNTED_NODE_BYTES;
    const countMax = fill < 0 ? Infinity : Math.max(1, fill);
    let text = '';
    let nodes = 0;
    let entries = '';
    let count = 0;
    const endNode = (): void => {
      text += encodeLength(NODE_PACKED) + this.string(packEntries(entries, count));
      nodes++;
      entries = '';
      count = 0;
    };
    for (const part of list.parts()) {
      for (const element of part) {
        const size = LISTPACK_EMPTY_BYTES + entries.length + element.length + NODE_ENTRY_OVERHEAD;
        if (count > 0 && (size > bytesMax || count >= countMax)) endNode();
        entries += listpackEntry(element);
        count++;
      }
    }
    endNode();
    return encodeLength(nodes) + text;
  }

  private set(set: SetValue): string {
    if (set.encoding === 'intset') return this.string(bytes(encodeIntset(set.list())));
    let text = encodeLength(set.size);
    for (const member of set.members.values()) text += this.string(member);
    return text;
  }

  private hash(hash: HashValue): string {
    const fields = hash.fields();
    const values = hash.values();
    let text = '';
    if (hash.encoding === 'listpack') {
      for (let place = 0; place < fields.length; place++) {
        text += listpackEntry(fields[place] as Bytes) + listpackEntry(values[place] as Bytes);
      }
      return this.string(packEntries(text, fields.length * 2));
    }
    for (let place = 0; place < fields.length; place++) {
      text += this.string(fields[place] as Bytes) + this.string(values[place] as Bytes);
    }
    return encodeLength(fields.length) + text;
  }

  private sortedSet(set: SortedSetValue): string {
    const items = set.slice();
    let text = '';
    if (set.encoding === 'listpack') {
      for (const { member, score } of items) text += listpackEntry(member) + listpackEntry(bytes(storedScoreText(score)));
      return this.string(packEntries(text, items.length * 2));
    }
    // Highest first, as Redis does: whoever loads it then inserts each at the front.
    for (const { member, score } of items.reverse()) text += this.string(member) + doubleBytes(score);
    return encodeLength(items.length) + text;
  }
}

/** Width of the widest member, count, then the members, all little endian. `members` are sorted. */
const encodeIntset = (members: readonly Bytes[]): string => {
  const numbers = members.map((member) => BigInt(member));
  const fits = (bits: number): boolean => numbers.every((number) => BigInt.asIntN(bits, number) === number);
  const width = fits(16) ? 2 : fits(32) ? 4 : 8;
  let text = littleEndian(width, 4) + littleEndian(numbers.length, 4);
  for (const number of numbers) text += width === 8 ? littleEndianBig(number) : littleEndian(Number(number), width);
  return text;
};
