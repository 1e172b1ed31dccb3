/**
 * A data set as commands: the base of the append-only file where `aof-use-rdb-preamble` is off. In chunks, from a snapshot.
 * Source: aof.c of Redis 7.0 (rewriteAppendOnlyFileRio), for which commands it writes.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { SetValue } from '../keyspace/setValue.ts';
import type { Snapshot, SnapshotItem } from '../keyspace/snapshot.ts';
import type { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import type { Value } from '../keyspace/value.ts';
import { doubleText } from '../protocol/decimalText.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { streamCommandsText } from './streamRewrite.ts';

/** Elements in one command of a collection. */
const ITEMS_PER_COMMAND = 64;
/** Chunks of about this size are handed out. */
const CHUNK_BYTES = 16384;

/** The whole base. `head` are annotations that stand before it. Closes the snapshot at its end. */
export function* writeAofBase(snapshot: Snapshot, head: Bytes): Generator<Bytes, void> {
  const libraries = snapshot.libraries.map((code) => encodeCommand([bytes('FUNCTION'), bytes('LOAD'), code]));
  let text: string = head + libraries.join('');
  try {
    for (const { database, keys } of snapshot.sizes) {
      if (keys === 0) continue;
      text += encodeCommand([bytes('SELECT'), bytes(String(database))]);
      for (const item of snapshot.items(database)) {
        text += itemCommands(item);
        if (text.length < CHUNK_BYTES) continue;
        yield bytes(text);
        text = '';
      }
    }
  } finally {
    snapshot.close();
  }
  yield bytes(text);
}

const itemCommands = (item: SnapshotItem): string => {
  const text = valueCommands(item.key, item.value);
  if (item.expireAtMs < 0) return text;
  return text + encodeCommand([bytes('PEXPIREAT'), item.key, bytes(String(item.expireAtMs))]);
};

const valueCommands = (key: Bytes, value: Value): string => {
  if (typeof value === 'string') return encodeCommand([bytes('SET'), key, value]);
  if (value instanceof ListValue) return inPieces('RPUSH', key, value.slice(0, value.size), 1);
  if (value instanceof SetValue) return inPieces('SADD', key, value.list(), 1);
  if (value instanceof StreamValue) return streamCommandsText(key, value);
  return value instanceof HashValue ? inPieces('HMSET', key, hashWords(value), 2)
    : inPieces('ZADD', key, sortedSetWords(value), 2);
};

const hashWords = (hash: HashValue): Bytes[] => {
  const values = hash.values();
  return hash.fields().flatMap((field, index) => [field, values[index] as Bytes]);
};

const sortedSetWords = (set: SortedSetValue): Bytes[] =>
  set.slice().flatMap(({ member, score }) => [bytes(doubleText(score)), member]);

/** Commands of at most so many elements, each of `width` words. */
const inPieces = (name: string, key: Bytes, words: readonly Bytes[], width: number): string => {
  let text = '';
  const step = ITEMS_PER_COMMAND * width;
  for (let at = 0; at < words.length; at += step) {
    text += encodeCommand([bytes(name), key, ...words.slice(at, at + step)]);
  }
  return text;
};
