/**
 * A stream as commands, for the base of an append-only file: its entries, what it counts, its groups with what is pending.
 * Source: rewriteStreamObject in aof.c of Redis 7.0, for which commands it writes.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { type StreamConsumer, type StreamGroup, inNameOrder } from '../keyspace/streamGroup.ts';
import { ID_MAX, ID_MIN, idText } from '../keyspace/streamId.ts';
import type { StreamValue } from '../keyspace/streamValue.ts';
import { encodeCommand } from '../protocol/encode.ts';

const command = (...words: readonly (string | Bytes)[]): string => encodeCommand(words as readonly Bytes[]);

const consumerCommands = (key: Bytes, group: StreamGroup, { name, pending }: StreamConsumer): string => {
  if (pending.size === 0) return command('XGROUP', 'CREATECONSUMER', key, group.name, name);
  let text = '';
  for (const { id, deliveredMs, deliveries } of pending.from(ID_MIN)) {
    text += command('XCLAIM', key, group.name, name, '0', idText(id), 'TIME', String(deliveredMs), 'RETRYCOUNT',
      String(deliveries), 'JUSTID', 'FORCE');
  }
  return text;
};

/** Words of the command that makes the stream empty, where it is. */
const EMPTY_STREAM: readonly Bytes[] = [bytes('MAXLEN'), bytes('0'), bytes('0-1'), bytes('x'), bytes('y')];

export const streamCommandsText = (key: Bytes, stream: StreamValue): string => {
  let text = '';
  for (const { id, fields, values } of stream.entries(ID_MIN, ID_MAX, Infinity)) {
    text += command('XADD', key, idText(id), ...fields.flatMap((field, place) => [field, values[place] as Bytes]));
  }
  if (stream.size === 0) text += command('XADD', key, ...EMPTY_STREAM);
  text += command('XSETID', key, idText(stream.lastId), 'ENTRIESADDED', String(stream.entriesAdded), 'MAXDELETEDID',
    idText(stream.maxDeletedId));
  for (const group of inNameOrder(stream.groups)) {
    text += command('XGROUP', 'CREATE', key, group.name, idText(group.lastId), 'ENTRIESREAD', String(group.entriesRead));
    for (const consumer of inNameOrder(group.consumers)) text += consumerCommands(key, group, consumer);
  }
  return text;
};
