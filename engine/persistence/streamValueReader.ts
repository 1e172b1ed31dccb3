/**
 * Reads a stream of an RDB file or a payload, in the forms of Redis 5 to 7.2. Whatever does not fit together ends with an
 * `RdbError`: counts that are not those of the entries, IDs out of order, an entry pending that its group does not know.
 * Source: rdbLoadObject in rdb.c and streamValidateListpackIntegrity in t_stream.c of Redis 7.0, for the format.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { parseInt64, parseSafeInteger } from '../core/integers.ts';
import { StreamBlock } from '../keyspace/streamBlock.ts';
import { entriesUpTo } from '../keyspace/streamCounters.ts';
import { StreamGroup } from '../keyspace/streamGroup.ts';
import {
  ID_MAX, ID_MIN, RAW_ID_BYTES, type StreamId, type Wide, compareIds, idOfRaw, plusSigned, plusUnsigned,
} from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { decodeListpack } from './listpack.ts';
import {
  STREAM_ENTRY_DELETED, STREAM_ENTRY_SAME_FIELDS, TYPE_STREAM_LISTPACKS, TYPE_STREAM_LISTPACKS_3,
} from './rdbFormat.ts';
import type { RdbInput } from './rdbInput.ts';

/** The elements of a listpack, one after the other. */
class Elements {
  private readonly input: RdbInput;
  private readonly all: readonly Bytes[];
  private at = 0;

  constructor(input: RdbInput, all: readonly Bytes[]) {
    this.input = input;
    this.all = all;
  }

  get isAtEnd(): boolean {
    return this.at === this.all.length;
  }

  text(): Bytes {
    const text = this.all[this.at++];
    if (text === undefined) throw this.input.error('integrity check failed: stream entry');
    return text;
  }

  /** Texts that stay: they keep no file alive. */
  texts(count: number): Bytes[] {
    const texts: Bytes[] = [];
    for (let index = 0; index < count; index++) texts.push(detach(this.text()));
    return texts;
  }

  /** A part of an ID, as a difference. */
  wide(): Wide {
    const text = this.text();
    const value = parseSafeInteger(text) ?? parseInt64(text);
    if (value === null) throw this.input.error('integrity check failed: stream entry');
    return value;
  }

  count(): number {
    const value = this.wide();
    if (typeof value === 'bigint' || value < 0) throw this.input.error('integrity check failed: stream entry');
    return value;
  }
}

const readEntry = (input: RdbInput, elements: Elements, block: StreamBlock): void => {
  const flags = elements.count();
  const id: StreamId = { ms: plusUnsigned(block.id.ms, elements.wide()), seq: plusUnsigned(block.id.seq, elements.wide()) };
  if (block.entries.length > 0 && compareIds(id, block.lastId) <= 0) throw input.error('stream entries out of order');
  const isDeleted = (flags & STREAM_ENTRY_DELETED) !== 0;
  if ((flags & STREAM_ENTRY_SAME_FIELDS) !== 0) {
    block.push({ id, fields: block.fields, values: elements.texts(block.fields.length), isDeleted });
  } else {
    const size = elements.count();
    const fields: Bytes[] = [];
    const values: Bytes[] = [];
    for (let index = 0; index < size; index++) {
      fields.push(detach(elements.text()));
      values.push(detach(elements.text()));
    }
    block.push({ id, fields, values, isDeleted });
  }
  // How many elements it took, for walking back.
  elements.count();
};

const readBlock = (input: RdbInput): StreamBlock => {
  const raw = input.text();
  if (raw.length !== RAW_ID_BYTES) throw input.error('the ID of a stream node is not of 16 bytes');
  const all = decodeListpack(input.text());
  if (all === null) throw input.error('integrity check failed: listpack');
  const elements = new Elements(input, all);
  const live = elements.count();
  const deleted = elements.count();
  const block = new StreamBlock(idOfRaw(raw), elements.texts(elements.count()));
  elements.count();
  while (!elements.isAtEnd) readEntry(input, elements, block);
  if (block.live !== live || block.deleted !== deleted || block.entries.length === 0) {
    throw input.error('integrity check failed: stream node');
  }
  return block;
};

const readBlocks = (input: RdbInput, stream: StreamValue): void => {
  const blocks = input.length();
  for (let index = 0; index < blocks; index++) {
    const block = readBlock(input);
    const last = stream.blocks[stream.blocks.length - 1];
    if (last !== undefined && compareIds(block.id, last.lastId) <= 0) throw input.error('stream nodes out of order');
    stream.adopt(block);
  }
};

const readLengthsId = (input: RdbInput): StreamId => ({ ms: input.wideLength(), seq: input.wideLength() });

/** What the stream counts; what older files do not say follows from the entries. */
const readCounters = (input: RdbInput, type: number, stream: StreamValue): void => {
  if (input.length() !== stream.size) throw input.error('a stream whose length is not that of its entries');
  stream.lastId = readLengthsId(input);
  const last = stream.blocks[stream.blocks.length - 1]?.lastId ?? ID_MIN;
  if (compareIds(stream.lastId, last) < 0) throw input.error('a stream whose last ID lies before its last entry');
  if (type === TYPE_STREAM_LISTPACKS) {
    stream.entriesAdded = stream.size;
    // Of an empty one Redis says that it begins at the end.
    if (stream.size === 0) stream.firstId = ID_MAX;
    return;
  }
  stream.firstId = readLengthsId(input);
  stream.maxDeletedId = readLengthsId(input);
  stream.entriesAdded = plusSigned(input.wideLength(), 0n);
};

const readGroup = (input: RdbInput, type: number, stream: StreamValue): void => {
  const name = input.text();
  const lastId = readLengthsId(input);
  const entriesRead = type === TYPE_STREAM_LISTPACKS ? entriesUpTo(stream, lastId) : plusSigned(input.wideLength(), 0n);
  const group = new StreamGroup(name, lastId, entriesRead);
  if (stream.groups.has(group.name)) throw input.error('the same consumer group twice');
  stream.groups.set(group.name, group);
  const pending = readPending(input);
  const consumers = input.length();
  for (let index = 0; index < consumers; index++) readConsumer(input, type, group, pending);
  if (pending.size > 0) throw input.error('a pending entry without a consumer');
};

/** When an entry was given, and how often, by its raw ID. */
type Pending = Map<Bytes, { readonly deliveredMs: number; readonly deliveries: Wide }>;

const readPending = (input: RdbInput): Pending => {
  const pending: Pending = new Map();
  const size = input.length();
  for (let index = 0; index < size; index++) {
    const raw = detach(input.take(RAW_ID_BYTES));
    if (pending.has(raw)) throw input.error('the same pending entry twice');
    pending.set(raw, { deliveredMs: input.milliseconds(), deliveries: input.wideLength() });
  }
  return pending;
};

const readConsumer = (input: RdbInput, type: number, group: StreamGroup, pending: Pending): void => {
  const name = input.text();
  if (group.consumers.has(name)) throw input.error('the same consumer twice');
  const consumer = group.addConsumer(name, input.milliseconds());
  // When it last got something: 7.0 does not ask.
  if (type === TYPE_STREAM_LISTPACKS_3) input.milliseconds();
  const size = input.length();
  for (let index = 0; index < size; index++) {
    const raw = detach(input.take(RAW_ID_BYTES));
    const delivery = pending.get(raw);
    if (delivery === undefined || !pending.delete(raw)) throw input.error('a consumer with an entry that is not pending');
    group.assign(idOfRaw(raw), consumer, delivery);
  }
};

/** The value behind its type. Throws `RdbError`. */
export const readStream = (input: RdbInput, type: number): StreamValue => {
  const stream = new StreamValue();
  readBlocks(input, stream);
  readCounters(input, type, stream);
  const groups = input.length();
  for (let index = 0; index < groups; index++) readGroup(input, type, stream);
  return stream;
};
