/**
 * A stream as Redis 7.0 stores it: its blocks as listpacks under their IDs, what it counts, its groups. A block's listpack begins
 * with its counts and fields; entries with the same fields leave them out.
 * Source: rdbSaveObject, rdbSaveStreamPEL and rdbSaveStreamConsumers in rdb.c, streamAppendItem in t_stream.c of Redis 7.0, for
 * the format.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { type StreamBlock, type StreamEntry, entryParts } from '../keyspace/streamBlock.ts';
import { type PendingEntry, type StreamConsumer, type StreamGroup, inNameOrder } from '../keyspace/streamGroup.ts';
import { ID_MIN, type StreamId, type Wide, difference, rawId } from '../keyspace/streamId.ts';
import type { StreamValue } from '../keyspace/streamValue.ts';
import { littleEndian64, littleEndianBig } from './byteOrder.ts';
import { listpackEntry, packEntries } from './listpack.ts';
import { LENGTH_64_BIT, STREAM_ENTRY_DELETED, STREAM_ENTRY_SAME_FIELDS } from './rdbFormat.ts';
import { encodeLength } from './rdbLength.ts';

/** How a value writer stores a string. */
type WriteString = (text: Bytes) => string;

const integer = (value: Wide): string => listpackEntry(bytes(String(value)));

const texts = (all: readonly Bytes[]): string => {
  let text = '';
  for (const one of all) text += listpackEntry(one);
  return text;
};

/** An unsigned integer of 64 bits, a counter of -1 included. */
const wide = (value: Wide): string =>
  (typeof value === 'number' && value >= 0 ? encodeLength(value) : String.fromCharCode(LENGTH_64_BIT) + bigEndian64(BigInt(value)));

const bigEndian64 = (value: bigint): string => [...littleEndianBig(value)].reverse().join('');

const entryText = (block: StreamBlock, { id, fields, values, isDeleted }: StreamEntry): string => {
  const hasOwnFields = fields !== block.fields;
  let text = integer((isDeleted ? STREAM_ENTRY_DELETED : 0) | (hasOwnFields ? 0 : STREAM_ENTRY_SAME_FIELDS))
    + integer(difference(block.id.ms, id.ms)) + integer(difference(block.id.seq, id.seq));
  if (hasOwnFields) {
    text += integer(fields.length);
    for (const [place, field] of fields.entries()) text += listpackEntry(field) + listpackEntry(values[place] as Bytes);
  } else text += texts(values);
  return text + integer(entryParts(fields.length, hasOwnFields));
};

/** The listpack of a block. */
export const packBlock = (block: StreamBlock): Bytes => {
  let text = integer(block.live) + integer(block.deleted) + integer(block.fields.length) + texts(block.fields) + integer(0);
  // Counts, number of fields, their end.
  let elements = 4 + block.fields.length;
  for (const entry of block.entries) {
    text += entryText(block, entry);
    elements += entryParts(entry.fields.length, entry.fields !== block.fields) + 1;
  }
  return packEntries(text, elements);
};

const idLengths = ({ ms, seq }: StreamId): string => wide(ms) + wide(seq);

const pendingText = ({ id, deliveredMs, deliveries }: PendingEntry): string =>
  rawId(id) + littleEndian64(deliveredMs) + wide(deliveries);

const consumerText = ({ name, seenMs, pending }: StreamConsumer, string: WriteString): string => {
  let text = string(name) + littleEndian64(seenMs) + encodeLength(pending.size);
  for (const { id } of pending.from(ID_MIN)) text += rawId(id);
  return text;
};

const groupText = (group: StreamGroup, string: WriteString): string => {
  let text = string(group.name) + idLengths(group.lastId) + wide(group.entriesRead) + encodeLength(group.pending.size);
  for (const entry of group.pending.from(ID_MIN)) text += pendingText(entry);
  text += encodeLength(group.consumers.size);
  for (const consumer of inNameOrder(group.consumers)) text += consumerText(consumer, string);
  return text;
};

/** The value without its type. */
export const streamText = (stream: StreamValue, string: WriteString): string => {
  let text = encodeLength(stream.blocks.length);
  for (const block of stream.blocks) text += string(rawId(block.id)) + string(packBlock(block));
  text += encodeLength(stream.size) + idLengths(stream.lastId) + idLengths(stream.firstId) + idLengths(stream.maxDeletedId)
    + wide(stream.entriesAdded) + encodeLength(stream.groups.size);
  for (const group of inNameOrder(stream.groups)) text += groupText(group, string);
  return text;
};
