/**
 * XADD, XDEL and XSETID: what changes a stream but for its groups. XADD goes into the stream with the ID that it found.
 * Source: t_stream.c of Redis 7.0 (xaddCommand, streamAppendItem, streamNextID, xdelCommand, xsetidCommand), for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { narrow } from '../core/integers.ts';
import {
  ID_MAX, ID_MIN, type StreamId, WIDE_MAX, type Wide, compareIds, idAfter, idText, isZeroId, plusUnsigned,
} from '../keyspace/streamId.ts';
import { BLOCK_BYTES_MAX, StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, NO_SUCH_KEY, OK, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { arityError, isWord, readInt64, writeKind } from './arguments.ts';
import { type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { type GivenId, readId, readIds } from './streamArguments.ts';
import { exactTrim, readAddOptions, trimStream } from './streamTrim.ts';

const ZERO_ID = error('ERR The ID specified in XADD must be greater than 0-0');
const EXHAUSTED = error('ERR The stream has exhausted the last possible ID, unable to add more items');
const TOO_SMALL = error('ERR The ID specified in XADD is equal or smaller than the target stream top item');
const TOO_LARGE = error('ERR Elements are too large to be stored');
const NEGATIVE_ADDED = error('ERR entries_added must be positive');
const BELOW_DELETED = error('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id');
const BELOW_TOP = error('ERR The ID specified in XSETID is smaller than the target stream top item');
const BELOW_LENGTH = error('ERR The entries_added specified in XSETID is smaller than the target stream length');

/** The ID of the next entry, which is above the last. */
const nextId = (lastId: StreamId, given: GivenId | null, nowMs: number): StreamId | ErrorReply => {
  if (given === null) return nowMs > lastId.ms ? { ms: nowMs, seq: 0 } : idAfter(lastId) ?? EXHAUSTED;
  const { id, isOpen } = given;
  if (isOpen && id.ms === lastId.ms) {
    // The millisecond has no sequence left; Redis blames the elements.
    return lastId.seq === WIDE_MAX ? TOO_LARGE : { ms: id.ms, seq: plusUnsigned(lastId.seq, 1) };
  }
  return compareIds(id, lastId) > 0 ? id : TOO_SMALL;
};

const xadd: Handler = (call, argv) => {
  const options = readAddOptions(call, argv);
  if (options instanceof ErrorReply) return options;
  const { trim, idAt, given } = options;
  const words = argv.slice(idAt + 1);
  if (words.length < 2 || words.length % 2 === 1) return arityError('xadd');
  if (given !== null && !given.isOpen && isZeroId(given.id)) return ZERO_ID;
  const key = argv[1] as Bytes;
  const target = writeKind(call, key, StreamValue);
  if (target instanceof ErrorReply) return target;
  if (target === undefined && !options.makesStream) return null;
  const stream = target?.value ?? new StreamValue();
  if (compareIds(stream.lastId, ID_MAX) === 0) return EXHAUSTED;
  const id = nextId(stream.lastId, given, call.nowMs);
  if (id instanceof ErrorReply) return id;
  if (words.reduce((sum, word) => sum + word.length, 0) > BLOCK_BYTES_MAX) return TOO_LARGE;
  const entry = target?.entry ?? call.db.put(key, stream);
  stream.append(id, words, call.keyspace.limits);
  call.changed(1);
  call.db.notify('t', 'xadd', key);
  trimStream(call, key, stream, trim);
  const isTrimRewritten = trim.target !== null && trim.wholeBlocks;
  const isIdFound = given === null || given.isOpen;
  if (isTrimRewritten || isIdFound) {
    const resolved = isTrimRewritten ? exactTrim(argv, stream, trim) : [...argv];
    if (isIdFound) resolved[idAt] = idText(id);
    call.propagate(resolved);
  }
  // As if it were new: those who wait for entries hear of it.
  call.db.changed(entry, true);
  return idText(id);
};

const xdel: Handler = (call, argv) => {
  const target = writeKind(call, argv[1] as Bytes, StreamValue);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  const ids = readIds(argv, 2);
  if (ids instanceof ErrorReply) return ids;
  let deleted = 0;
  for (const id of ids) if (target.value.delete(id)) deleted++;
  if (deleted === 0) return 0;
  call.db.changed(target.entry);
  call.changed(deleted);
  call.db.notify('t', 'xdel', target.entry.key);
  return deleted;
};

interface Settings {
  /** Null: not said. */
  entriesAdded: Wide | null;
  maxDeletedId: StreamId;
}

const readSettings = (argv: readonly Bytes[], id: StreamId): Settings | ErrorReply => {
  const settings: Settings = { entriesAdded: null, maxDeletedId: ID_MIN };
  for (let at = 3; at < argv.length; at += 2) {
    const value = argv[at + 1];
    if (value !== undefined && isWord(argv[at], 'entriesadded')) {
      const count = readInt64(value);
      if (count instanceof ErrorReply) return count;
      if (count < 0n) return NEGATIVE_ADDED;
      settings.entriesAdded = narrow(count);
    } else if (value !== undefined && isWord(argv[at], 'maxdeletedid')) {
      const deleted = readId(value);
      if (deleted instanceof ErrorReply) return deleted;
      if (compareIds(id, deleted) < 0) return BELOW_DELETED;
      settings.maxDeletedId = deleted;
    } else return SYNTAX_ERROR;
  }
  return settings;
};

const xsetid: Handler = (call, argv) => {
  const id = readId(argv[2] as Bytes);
  if (id instanceof ErrorReply) return id;
  const settings = readSettings(argv, id);
  if (settings instanceof ErrorReply) return settings;
  const target = writeKind(call, argv[1] as Bytes, StreamValue);
  if (target === undefined) return NO_SUCH_KEY;
  if (target instanceof ErrorReply) return target;
  const { entry, value: stream } = target;
  const { entriesAdded, maxDeletedId } = settings;
  if (stream.size > 0) {
    if (compareIds(id, stream.lastLiveId()) < 0) return BELOW_TOP;
    if (entriesAdded !== null && stream.size > entriesAdded) return BELOW_LENGTH;
  }
  stream.lastId = id;
  if (entriesAdded !== null) stream.entriesAdded = entriesAdded;
  if (!isZeroId(maxDeletedId)) stream.maxDeletedId = maxDeletedId;
  call.db.changed(entry);
  call.changed(1);
  call.db.notify('t', 'xsetid', entry.key);
  return OK;
};

const GROW_FAST = ['write', 'denyoom', 'fast'] as const;

export const streamAddCommands: readonly CommandRow[] = [
  { name: 'xadd', arity: -5, flags: GROW_FAST, keys: ONE_KEY, since: '5.0.0', handler: xadd },
  { name: 'xdel', arity: -3, flags: ['write', 'fast'], keys: ONE_KEY, since: '5.0.0', handler: xdel },
  { name: 'xsetid', arity: -3, flags: GROW_FAST, keys: ONE_KEY, since: '5.0.0', handler: xsetid },
];
