/**
 * XGROUP and XACK: groups, their consumers, and what is done with.
 * Source: t_stream.c of Redis 7.0 (xgroupCommand, xackCommand), for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { narrow } from '../core/integers.ts';
import { ENTRIES_READ_UNKNOWN, StreamGroup } from '../keyspace/streamGroup.ts';
import { ID_MIN, type StreamId, type Wide } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, OK, type Reply, Status, error } from '../protocol/reply.ts';
import { type Writable, isWord, readInt64, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, NO_KEYS, ONE_KEY } from './command.ts';
import { askForStream, cText, noGroup, readId, readIds, readLooseId, subcommandSyntaxError } from './streamArguments.ts';

const NO_STREAM = error('ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the '
  + 'MKSTREAM option to create an empty stream automatically.');
const BUSY_GROUP = error('BUSYGROUP Consumer Group name already exists');
const WRONG_ENTRIES_READ = error('ERR value for ENTRIESREAD must be positive or -1');

interface Options {
  makesStream: boolean;
  entriesRead: Wide;
}

const readOptions = (argv: readonly Bytes[], mayMake: boolean): Options | ErrorReply => {
  const options: Options = { makesStream: false, entriesRead: ENTRIES_READ_UNKNOWN };
  for (let at = 5; at < argv.length; at++) {
    const value = argv[at + 1];
    if (mayMake && isWord(argv[at], 'mkstream')) options.makesStream = true;
    else if (value !== undefined && isWord(argv[at], 'entriesread')) {
      const count = readInt64(value);
      if (count instanceof ErrorReply) return count;
      if (count < -1n) return WRONG_ENTRIES_READ;
      options.entriesRead = narrow(count);
      at++;
    } else return subcommandSyntaxError(argv);
  }
  return options;
};

/** The place that an ID or `$` names. */
const placeOf = (
  argument: Bytes, stream: StreamValue | undefined, read: (argument: Bytes) => StreamId | ErrorReply,
): StreamId | ErrorReply => (cText(argument) === '$' ? stream?.lastId ?? ID_MIN : read(argument));

const noSuchGroup = (argv: readonly Bytes[]): ErrorReply =>
  noGroup(`No such consumer group '${cText(argv[3] as Bytes)}' for key name '${cText(argv[2] as Bytes)}'`);

const create: Handler = (call, argv) => {
  const options = readOptions(argv, true);
  if (options instanceof ErrorReply) return options;
  const key = argv[2] as Bytes;
  const target = writeKind(call, key, StreamValue);
  if (target instanceof ErrorReply) return target;
  if (target === undefined && !options.makesStream) return NO_STREAM;
  if (argv.length > 8) return subcommandSyntaxError(argv);
  const lastId = placeOf(argv[4] as Bytes, target?.value, readId);
  if (lastId instanceof ErrorReply) return lastId;
  const stream = target === undefined ? new StreamValue() : target.value;
  const group = new StreamGroup(argv[3] as Bytes, lastId, options.entriesRead);
  if (stream.groups.has(group.name)) return BUSY_GROUP;
  stream.groups.set(group.name, group);
  if (target === undefined) call.db.put(key, stream);
  else call.db.changed(target.entry);
  call.changed(1);
  call.db.notify('t', 'xgroup-create', key);
  return OK;
};

interface Found extends Writable<StreamValue> {
  readonly group: StreamGroup;
}

/** The group that the arguments name. */
const find = (call: Call, argv: readonly Bytes[]): Found | ErrorReply => {
  const target = writeKind(call, argv[2] as Bytes, StreamValue);
  if (target instanceof ErrorReply) return target;
  if (target === undefined) return NO_STREAM;
  const group = target.value.groups.get(argv[3] as Bytes);
  return group === undefined ? noSuchGroup(argv) : { ...target, group };
};

const done = (call: Call, { entry }: Found, event: string): void => {
  call.db.changed(entry);
  call.changed(1);
  call.db.notify('t', event, entry.key);
};

const setid: Handler = (call, argv) => {
  const options = readOptions(argv, false);
  if (options instanceof ErrorReply) return options;
  const found = find(call, argv);
  if (found instanceof ErrorReply) return found;
  if (argv.length !== 5 && argv.length !== 7) return subcommandSyntaxError(argv);
  const lastId = placeOf(argv[4] as Bytes, found.value, readLooseId);
  if (lastId instanceof ErrorReply) return lastId;
  found.group.lastId = lastId;
  found.group.entriesRead = options.entriesRead;
  done(call, found, 'xgroup-setid');
  return OK;
};

const destroy: Handler = (call, argv) => {
  const target = writeKind(call, argv[2] as Bytes, StreamValue);
  if (target instanceof ErrorReply) return target;
  if (target === undefined) return NO_STREAM;
  if (!target.value.groups.delete(argv[3] as Bytes)) return 0;
  // As if the stream were new: the group's readers, who wait, hear that it is gone.
  call.db.changed(target.entry, true);
  call.changed(1);
  call.db.notify('t', 'xgroup-destroy', target.entry.key);
  return 1;
};

const createconsumer: Handler = (call, argv) => {
  const found = find(call, argv);
  if (found instanceof ErrorReply) return found;
  const name = argv[4] as Bytes;
  if (found.group.consumers.has(name)) return 0;
  found.group.addConsumer(name, call.nowMs);
  done(call, found, 'xgroup-createconsumer');
  return 1;
};

const delconsumer: Handler = (call, argv) => {
  const found = find(call, argv);
  if (found instanceof ErrorReply) return found;
  const consumer = found.group.consumers.get(argv[4] as Bytes);
  if (consumer === undefined) return 0;
  const pending = consumer.pending.size;
  found.group.removeConsumer(consumer);
  done(call, found, 'xgroup-delconsumer');
  return pending;
};

const xack: Handler = (call, argv) => {
  const target = askForStream(call, argv[1] as Bytes);
  if (target instanceof ErrorReply) return target;
  const group = target?.value.groups.get(argv[2] as Bytes);
  if (target === undefined || group === undefined) return 0;
  const ids = readIds(argv, 3);
  if (ids instanceof ErrorReply) return ids;
  let acknowledged = 0;
  for (const id of ids) {
    const entry = group.pending.get(id);
    if (entry === undefined) continue;
    group.release(entry);
    acknowledged++;
  }
  if (acknowledged === 0) return 0;
  call.db.changed(target.entry);
  call.changed(acknowledged);
  return acknowledged;
};

const HELP: readonly string[] = [
  'XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
  'HELP',
  '    Prints this help.',
];

const help: Handler = (): Reply => HELP.map((line) => new Status(line));

const KEY_AT_TWO: KeyRange = { first: 2, last: 2, step: 1 };
const WRITE = ['write'] as const;
const GROW = ['write', 'denyoom'] as const;

export const streamGroupCommands: readonly CommandRow[] = [
  { name: 'xgroup|create', arity: -5, flags: GROW, keys: KEY_AT_TWO, since: '5.0.0', handler: create },
  { name: 'xgroup|setid', arity: -5, flags: WRITE, keys: KEY_AT_TWO, since: '5.0.0', handler: setid },
  { name: 'xgroup|destroy', arity: 4, flags: WRITE, keys: KEY_AT_TWO, since: '5.0.0', handler: destroy },
  { name: 'xgroup|createconsumer', arity: 5, flags: GROW, keys: KEY_AT_TWO, since: '6.2.0', handler: createconsumer },
  { name: 'xgroup|delconsumer', arity: 5, flags: WRITE, keys: KEY_AT_TWO, since: '5.0.0', handler: delconsumer },
  { name: 'xgroup|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '5.0.0', handler: help },
  { name: 'xack', arity: -4, flags: ['write', 'fast'], keys: ONE_KEY, since: '5.0.0', handler: xack },
];
