/**
 * XREAD and XREADGROUP: entries behind an ID, from several streams, perhaps waiting for the next. A client that waits is served
 * from the one stream that got an entry; one that waits as a group is told when group or stream go away.
 * Source: t_stream.c (xreadCommand) and blocked.c (serveClientsBlockedOnStreamKey, unblockDeletedStreamReadgroupClients) of
 * Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { ID_MAX, type StreamId, compareIds, idAfter } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, MapReply, NULL_ARRAY, type Reply, error } from '../protocol/reply.ts';
import { writeKind } from './arguments.ts';
import { type Blocking, type Call, type CommandRow, type Handler, NO_KEYS } from './command.ts';
import { entryReply, noGroup } from './streamArguments.ts';
import { deliverAgain, deliverNew } from './streamDelivery.ts';
import { GroupPropagation } from './streamPropagation.ts';
import {
  type GroupNames, type ReadOptions, type Source, keysOfRead, readReadOptions, readSources,
} from './streamReadArguments.ts';

/** Entries for a client that waited and named no count: its ID may lie far back by then. */
const WAITED_COUNT = 1000;

const STREAM_GONE = error('UNBLOCKED the stream key no longer exists');
const GROUP_GONE = noGroup('the consumer group this client was blocked on no longer exists');

/** Streams and their entries, as the protocol of the client has them. */
const streamsReply = (call: Call, streams: readonly (readonly [Bytes, Reply])[]): Reply =>
  (call.client.protocol === 3 ? new MapReply(streams) : streams);

const startAfter = (id: StreamId): StreamId => idAfter(id) ?? ID_MAX;

const hasBehind = (stream: StreamValue, after: StreamId): boolean =>
  stream.size > 0 && compareIds(stream.lastLiveId(), after) > 0;

/** What a plain reader gets of one stream; null: nothing. */
const readPlain = (call: Call, stream: StreamValue, after: StreamId, max: number): Reply | null => {
  if (!hasBehind(stream, after)) return null;
  const entries = stream.entries(startAfter(after), ID_MAX, max);
  call.cost(entries.length);
  return entries.map(entryReply);
};

/** What a group's reader gets of one stream; null: nothing. An ID other than `>` is always answered. */
const readAsGroup = (
  call: Call, options: ReadOptions, { key, stream, after, group }: Source, out: GroupPropagation,
): Reply | null => {
  const { names, noAck, count } = options;
  if (stream === undefined || group === null || names === null) return null;
  const isHistory = compareIds(after, ID_MAX) !== 0;
  if (!isHistory && !hasBehind(stream, group.lastId)) return null;
  const reading = {
    key, stream, group, noAck, consumerName: names.consumer, max: count ?? Infinity,
    start: startAfter(isHistory ? after : group.lastId),
  };
  const reply = isHistory ? deliverAgain(call, reading, out) : deliverNew(call, reading, out);
  call.changed(1);
  changedAt(call, key);
  return reply;
};

const changedAt = (call: Call, key: Bytes): void => {
  const entry = call.db.lookupWrite(key);
  if (entry !== undefined) call.db.changed(entry);
};

/** Another try of a plain reader, after an entry was added. */
const retryPlain = (call: Call, key: Bytes, after: StreamId, max: number): Reply | null => {
  const target = writeKind(call, key, StreamValue);
  if (target === undefined || target instanceof ErrorReply) return null;
  const { value: stream } = target;
  if (compareIds(stream.lastId, after) <= 0) return null;
  return streamsReply(call, [[key, stream.entries(startAfter(after), ID_MAX, max).map(entryReply)]]);
};

/** The same of a group's reader; it also hears that there is nothing left to wait for. */
const retryAsGroup = (call: Call, key: Bytes, names: GroupNames, noAck: boolean, max: number): Reply | null => {
  const target = writeKind(call, key, StreamValue);
  if (target === undefined || target instanceof ErrorReply) return STREAM_GONE;
  const { value: stream, entry } = target;
  const group = stream.groups.get(names.group);
  if (group === undefined) return GROUP_GONE;
  if (compareIds(stream.lastId, group.lastId) <= 0) return null;
  const out = new GroupPropagation();
  const reading = { key, stream, group, noAck, max, consumerName: names.consumer, start: startAfter(group.lastId) };
  const reply = deliverNew(call, reading, out);
  call.propagate(...out.commands);
  call.db.changed(entry);
  return streamsReply(call, [[key, reply]]);
};

const waiting = (options: ReadOptions, sources: readonly Source[], timeoutMs: number): Blocking => {
  const { names, noAck, keys, count } = options;
  const max = count ?? WAITED_COUNT;
  if (names !== null) {
    return {
      keys, timeoutMs, timeoutReply: NULL_ARRAY, needsStream: true,
      retry: (later, key) => retryAsGroup(later, key, names, noAck, max),
    };
  }
  const afters = new Map<Bytes, StreamId>();
  // Of a key that is named twice, the first ID counts.
  for (const { key, after } of sources) if (!afters.has(key)) afters.set(key, after);
  return {
    keys, timeoutMs, timeoutReply: NULL_ARRAY, retry: (later, key) => retryPlain(later, key, afters.get(key) as StreamId, max),
  };
};

const readAs = (isGroup: boolean): Handler => (call, argv) => {
  const options = readReadOptions(call, argv, isGroup);
  if (options instanceof ErrorReply) return options;
  const sources = readSources(call, options);
  if (sources instanceof ErrorReply) return sources;
  const out = new GroupPropagation();
  const replies: (readonly [Bytes, Reply])[] = [];
  for (const source of sources) {
    const { key, stream, after } = source;
    // Redis looks it up a second time.
    call.db.countRead(key, stream !== undefined);
    if (stream === undefined) continue;
    const reply = isGroup ? readAsGroup(call, options, source, out) : readPlain(call, stream, after, options.count ?? Infinity);
    if (reply !== null) replies.push([key, reply]);
  }
  if (isGroup) call.propagate(...out.commands);
  if (replies.length > 0) return streamsReply(call, replies);
  return options.timeoutMs === null ? NULL_ARRAY : call.block(waiting(options, sources, options.timeoutMs));
};

export const streamReadCommands: readonly CommandRow[] = [
  {
    name: 'xread', arity: -4, flags: ['readonly', 'blocking', 'movablekeys'], keys: NO_KEYS, movableKeys: keysOfRead, since: '5.0.0',
    handler: readAs(false),
  },
  {
    name: 'xreadgroup', arity: -7, flags: ['write', 'blocking', 'movablekeys'], keys: NO_KEYS, movableKeys: keysOfRead,
    since: '5.0.0', handler: readAs(true),
  },
];
