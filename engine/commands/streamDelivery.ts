/**
 * Giving entries to a consumer of a group: new ones, which move the group on and become pending, or those that it was given
 * before. Source: t_stream.c of Redis 7.0 (streamReplyWithRange, streamReplyWithRangeFromConsumerPEL), for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { advance } from '../keyspace/streamCounters.ts';
import type { StreamConsumer, StreamGroup } from '../keyspace/streamGroup.ts';
import { ID_MAX, type StreamId, compareIds, idText, plusUnsigned } from '../keyspace/streamId.ts';
import type { StreamValue } from '../keyspace/streamValue.ts';
import { NULL_ARRAY, type Reply } from '../protocol/reply.ts';
import type { Call } from './command.ts';
import { entryReply } from './streamArguments.ts';
import type { GroupPropagation } from './streamPropagation.ts';

/** Who reads what, and how. */
export interface GroupReading {
  readonly key: Bytes;
  readonly stream: StreamValue;
  readonly group: StreamGroup;
  readonly consumerName: Bytes;
  /** What is given counts as acknowledged. */
  readonly noAck: boolean;
  readonly start: StreamId;
  /** Entries at most. */
  readonly max: number;
}

/** The consumer, made if need be, and seen now. */
export const seeConsumer = (call: Call, key: Bytes, group: StreamGroup, name: Bytes): StreamConsumer => {
  const known = group.consumers.get(name);
  if (known !== undefined) {
    known.seenMs = call.nowMs;
    return known;
  }
  call.changed(1);
  call.db.notify('t', 'xgroup-createconsumer', key);
  return group.addConsumer(name, call.nowMs);
};

/** The same for a reader: who acknowledges nothing leaves no claim that would make the consumer elsewhere. */
const seeReader = (call: Call, { key, group, consumerName, noAck }: GroupReading, out: GroupPropagation): StreamConsumer => {
  if (noAck && !group.consumers.has(consumerName)) out.newConsumer(key, group, consumerName);
  return seeConsumer(call, key, group, consumerName);
};

/** Entries from `start` on that the group has not been given, or was given and forgot. */
export const deliverNew = (call: Call, reading: GroupReading, out: GroupPropagation): Reply => {
  const { key, stream, group, noAck, start, max } = reading;
  const consumer = seeReader(call, reading, out);
  const entries = stream.entries(start, ID_MAX, max);
  let hasMovedUnclaimed = false;
  for (const { id } of entries) {
    if (compareIds(id, group.lastId) > 0) {
      advance(stream, group, id);
      hasMovedUnclaimed = noAck;
    }
    if (noAck) continue;
    const pending = group.assign(id, consumer, { deliveredMs: call.nowMs, deliveries: 1 });
    out.claim(key, group, pending, idText(id));
  }
  if (hasMovedUnclaimed) out.groupId(key, group);
  call.cost(entries.length);
  return entries.map(entryReply);
};

/** What the consumer was given before and has not acknowledged; nothing in place of the fields of what is deleted. */
export const deliverAgain = (call: Call, reading: GroupReading, out: GroupPropagation): Reply => {
  const { stream, start, max } = reading;
  const replies: Reply[] = [];
  for (const pending of seeReader(call, reading, out).pending.from(start)) {
    if (replies.length >= max) break;
    const [entry] = stream.entries(pending.id, pending.id, 1);
    if (entry === undefined) replies.push([idText(pending.id), NULL_ARRAY]);
    else {
      pending.deliveredMs = call.nowMs;
      pending.deliveries = plusUnsigned(pending.deliveries, 1);
      replies.push(entryReply(entry));
    }
  }
  call.cost(replies.length);
  return replies;
};
