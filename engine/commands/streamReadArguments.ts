/**
 * The arguments of XREAD and XREADGROUP, and what their IDs mean.
 * Source: xreadCommand in t_stream.c and getTimeoutFromObjectOrReply in timeout.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { INT64_MAX, parseInt64 } from '../core/integers.ts';
import type { StreamGroup } from '../keyspace/streamGroup.ts';
import { ID_MAX, ID_MIN, type StreamId } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readKind, readLong } from './arguments.ts';
import type { Call } from './command.ts';
import { askForStream, cText, noGroup, readId } from './streamArguments.ts';

const UNBALANCED = error('ERR Unbalanced XREAD list of streams: for each stream key an ID or \'$\' must be specified.');
const GROUP_IN_XREAD = error('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.');
const NOACK_IN_XREAD = error('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.');
const MISSING_GROUP = error('ERR Missing GROUP option for XREADGROUP');
const DOLLAR_IN_GROUP = error('ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this '
  + 'consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.');
const NEW_WITHOUT_GROUP = error('ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.');
const NOT_A_TIMEOUT = error('ERR timeout is not an integer or out of range');
const NEGATIVE_TIMEOUT = error('ERR timeout is negative');
const TIMEOUT_OUT_OF_RANGE = error('ERR timeout is out of range');

/** As a group. */
export interface GroupNames {
  readonly group: Bytes;
  readonly consumer: Bytes;
}

export interface ReadOptions {
  /** Null: does not wait. 0: for ever. */
  readonly timeoutMs: number | null;
  /** Entries of each stream; null: not said. */
  readonly count: number | null;
  readonly names: GroupNames | null;
  readonly noAck: boolean;
  readonly keys: readonly Bytes[];
  readonly ids: readonly Bytes[];
}

/** A stream that is read: from behind which ID, and by which group. */
export interface Source {
  readonly key: Bytes;
  /** Undefined: there is none (yet). */
  readonly stream: StreamValue | undefined;
  readonly after: StreamId;
  readonly group: StreamGroup | null;
}

const readTimeoutMs = (call: Call, argument: Bytes): number | ErrorReply => {
  const value = parseInt64(argument);
  if (value === null) return NOT_A_TIMEOUT;
  if (value < 0n) return NEGATIVE_TIMEOUT;
  return value > INT64_MAX - BigInt(call.nowMs) ? TIMEOUT_OUT_OF_RANGE : Number(value);
};

interface Reading {
  timeoutMs: number | null;
  count: number | null;
  names: GroupNames | null;
  noAck: boolean;
  streamsAt: number;
}

const blockInScript = (argv: readonly Bytes[]): ErrorReply =>
  error(`ERR ${cText(argv[0] as Bytes)} command is not allowed with BLOCK option from scripts`);

/** One option; how many words it takes, or the error. */
const readOption = (call: Call, argv: readonly Bytes[], at: number, isGroup: boolean, out: Reading): number | ErrorReply => {
  const word = argv[at];
  const value = argv[at + 1];
  if (value !== undefined && isWord(word, 'block')) {
    if (call.client.scriptTargets !== null) return blockInScript(argv);
    const timeoutMs = readTimeoutMs(call, value);
    if (timeoutMs instanceof ErrorReply) return timeoutMs;
    out.timeoutMs = timeoutMs;
    return 2;
  }
  if (value !== undefined && isWord(word, 'count')) {
    const count = readLong(value);
    if (count instanceof ErrorReply) return count;
    out.count = count > 0 ? count : null;
    return 2;
  }
  if (value !== undefined && isWord(word, 'streams')) {
    out.streamsAt = at + 1;
    return (argv.length - at - 1) % 2 === 0 ? argv.length - at : UNBALANCED;
  }
  const consumer = argv[at + 2];
  if (value !== undefined && consumer !== undefined && isWord(word, 'group')) {
    if (!isGroup) return GROUP_IN_XREAD;
    out.names = { group: value, consumer };
    return 3;
  }
  if (!isWord(word, 'noack')) return SYNTAX_ERROR;
  if (!isGroup) return NOACK_IN_XREAD;
  out.noAck = true;
  return 1;
};

export const readReadOptions = (call: Call, argv: readonly Bytes[], isGroup: boolean): ReadOptions | ErrorReply => {
  const reading: Reading = { timeoutMs: null, count: null, names: null, noAck: false, streamsAt: 0 };
  for (let at = 1; at < argv.length;) {
    const words = readOption(call, argv, at, isGroup, reading);
    if (words instanceof ErrorReply) return words;
    at += words;
  }
  const { streamsAt, timeoutMs, count, names, noAck } = reading;
  if (streamsAt === 0) return SYNTAX_ERROR;
  if (isGroup && names === null) return MISSING_GROUP;
  const middle = (streamsAt + argv.length) / 2;
  return { timeoutMs, count, names, noAck, keys: argv.slice(streamsAt, middle), ids: argv.slice(middle) };
};

/** The group that reads a stream. */
const groupOf = (key: Bytes, stream: StreamValue | undefined, name: Bytes): StreamGroup | ErrorReply =>
  stream?.groups.get(name) ?? noGroup(
    `No such key '${cText(key)}' or consumer group '${cText(name)}' in XREADGROUP with GROUP option`);

const afterOf = (argument: Bytes, stream: StreamValue | undefined, isGroup: boolean): StreamId | ErrorReply => {
  const text = cText(argument);
  if (text === '$') return isGroup ? DOLLAR_IN_GROUP : stream?.lastId ?? ID_MIN;
  // The last of all IDs stands for what the group has not been given.
  if (text === '>') return isGroup ? ID_MAX : NEW_WITHOUT_GROUP;
  return readId(argument);
};

/** Each stream with what its ID means; the first error of any. A stream read by a group may be changed. */
export const readSources = (call: Call, { keys, ids, names }: ReadOptions): Source[] | ErrorReply => {
  const sources: Source[] = [];
  for (const [place, key] of keys.entries()) {
    let stream: StreamValue | undefined | ErrorReply;
    if (names === null) stream = readKind(call, key, StreamValue) as StreamValue | undefined | ErrorReply;
    else {
      const target = askForStream(call, key);
      stream = target instanceof ErrorReply ? target : target?.value;
    }
    if (stream instanceof ErrorReply) return stream;
    const group = names === null ? null : groupOf(key, stream, names.group);
    if (group instanceof ErrorReply) return group;
    const after = afterOf(ids[place] as Bytes, stream, names !== null);
    if (after instanceof ErrorReply) return after;
    sources.push({ key, stream, after, group });
  }
  return sources;
};

/** The keys of a request, for COMMAND GETKEYS and the slots of a cluster. */
export const keysOfRead = (argv: readonly Bytes[]): readonly Bytes[] => {
  let at = 1;
  while (at < argv.length && !isWord(argv[at], 'streams')) {
    if (isWord(argv[at], 'block') || isWord(argv[at], 'count')) at += 2;
    else if (isWord(argv[at], 'group')) at += 3;
    else if (isWord(argv[at], 'noack')) at++;
    else return [];
  }
  const words = argv.length - at - 1;
  return words > 0 && words % 2 === 0 ? argv.slice(at + 1, at + 1 + words / 2) : [];
};
