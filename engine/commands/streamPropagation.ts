/**
 * How reading by a group goes into the stream: as what it did, one command for each entry, so that replicas and files need not
 * know what was there to read. Source: t_stream.c of Redis 7.0 (streamPropagateXCLAIM, streamPropagateGroupID,
 * streamPropagateConsumerCreation), for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { PendingEntry, StreamGroup } from '../keyspace/streamGroup.ts';
import { idText } from '../keyspace/streamId.ts';

const XCLAIM = bytes('XCLAIM');
const XGROUP = bytes('XGROUP');
const SETID = bytes('SETID');
const CREATECONSUMER = bytes('CREATECONSUMER');
const ENTRIESREAD = bytes('ENTRIESREAD');
const TIME = bytes('TIME');
const RETRYCOUNT = bytes('RETRYCOUNT');
const FORCE = bytes('FORCE');
const JUSTID = bytes('JUSTID');
const LASTID = bytes('LASTID');
const ZERO = bytes('0');

/** Commands in place of the one that ran. */
export class GroupPropagation {
  readonly commands: (readonly Bytes[])[] = [];

  /** An entry was given to its consumer; or, where it is not in the stream any more, taken from it. `id` as it was asked for. */
  claim(key: Bytes, group: StreamGroup, { consumer, deliveredMs, deliveries }: PendingEntry, id: Bytes): void {
    this.commands.push([
      XCLAIM, key, group.name, consumer.name, ZERO, id, TIME, bytes(String(deliveredMs)), RETRYCOUNT, bytes(String(deliveries)),
      FORCE, JUSTID, LASTID, idText(group.lastId),
    ]);
  }

  /** The group has moved on, and no claim says so. */
  groupId(key: Bytes, group: StreamGroup): void {
    this.commands.push([XGROUP, SETID, key, group.name, idText(group.lastId), ENTRIESREAD, bytes(String(group.entriesRead))]);
  }

  newConsumer(key: Bytes, group: StreamGroup, consumer: Bytes): void {
    this.commands.push([XGROUP, CREATECONSUMER, key, group.name, consumer]);
  }
}
