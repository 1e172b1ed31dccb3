/** XPENDING: what a group's consumers were given and have not acknowledged. Source: xpendingCommand in t_stream.c of Redis 7.0. */
import { type Bytes, bytes } from '../core/bytes.ts';
import { type PendingEntry, type StreamGroup, inNameOrder } from '../keyspace/streamGroup.ts';
import { type StreamId, compareIds, idText } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, NULL_ARRAY, type Reply, SYNTAX_ERROR } from '../protocol/reply.ts';
import { isWord, readKind, readLong } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { cText, noGroup, readEnd, readStart } from './streamArguments.ts';

interface Range {
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly idleMsMin: number;
  /** Null: those of all consumers. */
  readonly consumer: Bytes | null;
}

const readRange = (argv: readonly Bytes[]): Range | ErrorReply => {
  let at = 3;
  let idleMsMin = 0;
  if (isWord(argv[at], 'idle')) {
    const idle = readLong(argv[at + 1] as Bytes);
    if (idle instanceof ErrorReply) return idle;
    if (argv.length < 8) return SYNTAX_ERROR;
    idleMsMin = idle;
    at += 2;
  }
  const count = readLong(argv[at + 2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const start = readStart(argv[at] as Bytes);
  if (start instanceof ErrorReply) return start;
  const end = readEnd(argv[at + 1] as Bytes);
  if (end instanceof ErrorReply) return end;
  return { start, end, count: Math.max(0, count), idleMsMin, consumer: argv[at + 3] ?? null };
};

const summary = (group: StreamGroup): Reply => {
  const first = group.pending.first();
  const last = group.pending.last();
  if (first === undefined || last === undefined) return [0, null, null, NULL_ARRAY];
  const owners = inNameOrder(group.consumers).filter(({ pending }) => pending.size > 0);
  return [
    group.pending.size, idText(first.id), idText(last.id),
    owners.map(({ name, pending }): Reply => [name, bytes(String(pending.size))]),
  ];
};

const details = (call: Call, group: StreamGroup, { start, end, count, idleMsMin, consumer }: Range): Reply => {
  const pending = consumer === null ? group.pending : group.consumers.get(consumer)?.pending;
  const found: PendingEntry[] = [];
  for (const entry of pending?.from(start) ?? []) {
    if (found.length >= count || compareIds(entry.id, end) > 0) break;
    if (idleMsMin !== 0 && call.nowMs - entry.deliveredMs < idleMsMin) continue;
    found.push(entry);
  }
  call.cost(found.length);
  return found.map((entry): Reply => [
    idText(entry.id), entry.consumer.name, Math.max(0, call.nowMs - entry.deliveredMs), entry.deliveries]);
};

const xpending: Handler = (call, argv) => {
  if (argv.length !== 3 && (argv.length < 6 || argv.length > 9)) return SYNTAX_ERROR;
  const range = argv.length === 3 ? null : readRange(argv);
  if (range instanceof ErrorReply) return range;
  const stream = readKind(call, argv[1] as Bytes, StreamValue);
  if (stream instanceof ErrorReply) return stream;
  const group = stream?.groups.get(argv[2] as Bytes);
  if (group === undefined) {
    return noGroup(`No such key '${cText(argv[1] as Bytes)}' or consumer group '${cText(argv[2] as Bytes)}'`);
  }
  return range === null ? summary(group) : details(call, group, range);
};

export const streamPendingCommands: readonly CommandRow[] = [
  { name: 'xpending', arity: -3, flags: ['readonly'], keys: ONE_KEY, since: '5.0.0', handler: xpending },
];
