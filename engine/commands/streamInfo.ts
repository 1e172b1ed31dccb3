/** XINFO: what a stream, its groups and their consumers are like. Source: xinfoCommand in t_stream.c of Redis 7.0. */
import { type Bytes, bytes } from '../core/bytes.ts';
import { lagOf } from '../keyspace/streamCounters.ts';
import { ENTRIES_READ_UNKNOWN, type PendingEntry, type StreamConsumer, type StreamGroup, inNameOrder } from '../keyspace/streamGroup.ts';
import { ID_MAX, ID_MIN, idText, rawId } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, MapReply, NO_SUCH_KEY, type Reply, Status } from '../protocol/reply.ts';
import { isWord, readKind, readLong } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, NO_KEYS } from './command.ts';
import { radixNodes } from './radixNodes.ts';
import { cText, entryReply, noGroup, subcommandSyntaxError } from './streamArguments.ts';

/** Entries that FULL shows of each list. */
const FULL_COUNT = 10;

const map = (...pairs: readonly (readonly [string, Reply])[]): MapReply =>
  new MapReply(pairs.map(([name, value]) => [bytes(name), value]));

const readGroupCount = ({ entriesRead }: StreamGroup): Reply => (entriesRead === ENTRIES_READ_UNKNOWN ? null : entriesRead);

/** At most so many of a list of pending entries. */
const pendingList = (entries: Iterable<PendingEntry>, max: number, show: (entry: PendingEntry) => Reply): Reply => {
  const replies: Reply[] = [];
  for (const entry of entries) {
    if (replies.length >= max) break;
    replies.push(show(entry));
  }
  return replies;
};

const fullConsumer = ({ name, seenMs, pending }: StreamConsumer, max: number): Reply => map(
  ['name', name], ['seen-time', seenMs], ['pel-count', pending.size],
  ['pending', pendingList(pending.from(ID_MIN), max, ({ id, deliveredMs, deliveries }) => [idText(id), deliveredMs, deliveries])]);

const fullGroup = (stream: Readonly<StreamValue>, group: StreamGroup, max: number): Reply => map(
  ['name', group.name], ['last-delivered-id', idText(group.lastId)], ['entries-read', readGroupCount(group)],
  ['lag', lagOf(stream, group)], ['pel-count', group.pending.size],
  ['pending', pendingList(group.pending.from(ID_MIN), max, ({ id, consumer, deliveredMs, deliveries }) =>
    [idText(id), consumer.name, deliveredMs, deliveries])],
  ['consumers', inNameOrder(group.consumers).map((consumer) => fullConsumer(consumer, max))]);

/** FULL's count; null without FULL. */
const readFull = (argv: readonly Bytes[]): number | null | ErrorReply => {
  if (argv.length === 3) return null;
  if ((argv.length !== 4 && argv.length !== 6) || !isWord(argv[3], 'full')) return subcommandSyntaxError(argv);
  if (argv.length === 4) return FULL_COUNT;
  if (!isWord(argv[4], 'count')) return subcommandSyntaxError(argv);
  const count = readLong(argv[5] as Bytes);
  if (count instanceof ErrorReply) return count;
  if (count < 0) return FULL_COUNT;
  return count === 0 ? Infinity : count;
};

/** The stream at argv[2]; `show` says the rest. */
const about = (show: (stream: Readonly<StreamValue>, argv: readonly Bytes[], call: Call) => Reply): Handler => (call, argv) => {
  const stream = readKind(call, argv[2] as Bytes, StreamValue);
  if (stream === undefined) return NO_SUCH_KEY;
  return stream instanceof ErrorReply ? stream : show(stream, argv, call);
};

const streamInfo = about((stream, argv, call) => {
  const full = readFull(argv);
  if (full instanceof ErrorReply) return full;
  const head: readonly (readonly [string, Reply])[] = [
    ['length', stream.size], ['radix-tree-keys', stream.blocks.length],
    ['radix-tree-nodes', radixNodes(stream.blocks.map(({ id }) => rawId(id)))], ['last-generated-id', idText(stream.lastId)],
    ['max-deleted-entry-id', idText(stream.maxDeletedId)], ['entries-added', stream.entriesAdded],
    ['recorded-first-entry-id', idText(stream.firstId)],
  ];
  call.cost(stream.blocks.length);
  const groups = inNameOrder(stream.groups);
  if (full !== null) {
    return map(...head, ['entries', stream.entries(ID_MIN, ID_MAX, full).map(entryReply)],
      ['groups', groups.map((group) => fullGroup(stream, group, full))]);
  }
  const [first] = stream.entries(ID_MIN, ID_MAX, 1);
  const [last] = stream.entries(ID_MIN, ID_MAX, 1, true);
  return map(...head, ['groups', groups.length], ['first-entry', first === undefined ? null : entryReply(first)],
    ['last-entry', last === undefined ? null : entryReply(last)]);
});

const groupsInfo = about((stream) => inNameOrder(stream.groups).map((group) => map(
  ['name', group.name], ['consumers', group.consumers.size], ['pending', group.pending.size],
  ['last-delivered-id', idText(group.lastId)], ['entries-read', readGroupCount(group)], ['lag', lagOf(stream, group)])));

const consumersInfo = about((stream, argv, call) => {
  const group = stream.groups.get(argv[3] as Bytes);
  if (group === undefined) {
    return noGroup(`No such consumer group '${cText(argv[3] as Bytes)}' for key name '${cText(argv[2] as Bytes)}'`);
  }
  return inNameOrder(group.consumers).map(({ name, seenMs, pending }) => map(
    ['name', name], ['pending', pending.size], ['idle', Math.max(0, call.nowMs - seenMs)]));
});

const HELP: readonly string[] = [
  'XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
  'HELP',
  '    Prints this help.',
];

const KEY_AT_TWO: KeyRange = { first: 2, last: 2, step: 1 };
const READ = ['readonly'] as const;

export const streamInfoCommands: readonly CommandRow[] = [
  { name: 'xinfo|stream', arity: -3, flags: READ, keys: KEY_AT_TWO, since: '5.0.0', handler: streamInfo },
  { name: 'xinfo|groups', arity: 3, flags: READ, keys: KEY_AT_TWO, since: '5.0.0', handler: groupsInfo },
  { name: 'xinfo|consumers', arity: 4, flags: READ, keys: KEY_AT_TWO, since: '5.0.0', handler: consumersInfo },
  {
    name: 'xinfo|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '5.0.0',
    handler: () => HELP.map((line) => new Status(line)),
  },
];
