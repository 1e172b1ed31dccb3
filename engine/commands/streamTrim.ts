/**
 * XTRIM, and the options that XADD shares with it. What was trimmed by whole blocks, or within a limit, goes into the stream as
 * an exact trim to what is left, so that replicas whose blocks are others cut at the same place.
 * Source: t_stream.c of Redis 7.0 (streamParseAddOrTrimArgsOrReply, streamRewriteTrimArgument, xtrimCommand), for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ID_MAX, idText } from '../keyspace/streamId.ts';
import { StreamValue, type TrimTarget } from '../keyspace/streamValue.ts';
import { ErrorReply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readLong, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { type GivenId, cText, readGivenId, readId } from './streamArguments.ts';

/** How much one approximate trim may take, in blocks, and within which bounds that is. */
const TRIM_BLOCKS_MAX = 100;
const TRIM_ENTRIES_DEFAULT = 10_000;
const TRIM_ENTRIES_MAX = 1_000_000;

const TWO_STRATEGIES = error('ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
const NEGATIVE_MAXLEN = error('ERR The MAXLEN argument must be >= 0.');
const NEGATIVE_LIMIT = error('ERR The LIMIT argument must be >= 0.');
const LIMIT_ALONE = error('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
const NO_STRATEGY = error('ERR syntax error, XTRIM must be called with a trimming strategy');
const EXACT_LIMIT = error('ERR syntax error, LIMIT cannot be used without the special ~ option');

const EQUALS = bytes('=');

export interface TrimOptions {
  /** Null: nothing is trimmed. */
  readonly target: TrimTarget | null;
  /** Where in argv it stands. */
  readonly targetAt: number;
  readonly wholeBlocks: boolean;
  /** Entries to take at most; 0: any number. */
  readonly limit: number;
}

export interface AddOptions {
  readonly trim: TrimOptions;
  readonly makesStream: boolean;
  /** Where the ID stands; behind all arguments when there is none. */
  readonly idAt: number;
  /** Null: `*`. */
  readonly given: GivenId | null;
}

/** What one word and those that belong to it say. */
interface Reading {
  target: TrimTarget | null;
  targetAt: number;
  wholeBlocks: boolean;
  limit: number;
  hasLimit: boolean;
  makesStream: boolean;
  at: number;
}

const readTarget = (argv: readonly Bytes[], reading: Reading): ErrorReply | null => {
  if (reading.target !== null) return TWO_STRATEGIES;
  const isLength = isWord(argv[reading.at], 'maxlen');
  const sign = cText(argv[reading.at + 1] as Bytes);
  const hasSign = argv.length - reading.at > 2 && (sign === '~' || sign === '=');
  reading.wholeBlocks = hasSign && sign === '~';
  reading.at += hasSign ? 2 : 1;
  const argument = argv[reading.at] as Bytes;
  if (isLength) {
    const length = readLong(argument);
    if (length instanceof ErrorReply) return length;
    if (length < 0) return NEGATIVE_MAXLEN;
    reading.target = { length };
  } else {
    const from = readId(argument);
    if (from instanceof ErrorReply) return from;
    reading.target = { from };
  }
  reading.targetAt = reading.at;
  return null;
};

const readLimit = (argv: readonly Bytes[], reading: Reading): ErrorReply | null => {
  reading.at++;
  const limit = readLong(argv[reading.at] as Bytes);
  if (limit instanceof ErrorReply) return limit;
  if (limit < 0) return NEGATIVE_LIMIT;
  reading.limit = limit;
  reading.hasLimit = true;
  return null;
};

/** The limit that holds in the end. What our primary sends was cut to size there. */
const finishLimit = (call: Call, reading: Reading): number | ErrorReply => {
  if (call.fromStream) return 0;
  if (reading.hasLimit) return reading.wholeBlocks ? reading.limit : EXACT_LIMIT;
  if (!reading.wholeBlocks) return 0;
  const limit = TRIM_BLOCKS_MAX * call.keyspace.limits.streamNodeMaxEntries;
  return limit <= 0 ? TRIM_ENTRIES_DEFAULT : Math.min(limit, TRIM_ENTRIES_MAX);
};

const readOptions = (call: Call, argv: readonly Bytes[], isAdd: boolean): AddOptions | ErrorReply => {
  const reading: Reading = {
    target: null, targetAt: 0, wholeBlocks: false, limit: 0, hasLimit: false, makesStream: true, at: 2,
  };
  let given: GivenId | null = null;
  for (; reading.at < argv.length; reading.at++) {
    const word = argv[reading.at] as Bytes;
    const hasMore = reading.at + 1 < argv.length;
    let problem: ErrorReply | null = null;
    if (isAdd && cText(word) === '*') break;
    if (hasMore && (isWord(word, 'maxlen') || isWord(word, 'minid'))) problem = readTarget(argv, reading);
    else if (hasMore && isWord(word, 'limit')) problem = readLimit(argv, reading);
    else if (isAdd && isWord(word, 'nomkstream')) reading.makesStream = false;
    else if (isAdd) {
      const id = readGivenId(word);
      if (id instanceof ErrorReply) return id;
      given = id;
      break;
    } else return SYNTAX_ERROR;
    if (problem !== null) return problem;
  }
  if (reading.target === null && reading.limit !== 0) return LIMIT_ALONE;
  if (reading.target === null && !isAdd) return NO_STRATEGY;
  const limit = finishLimit(call, reading);
  if (limit instanceof ErrorReply) return limit;
  const { target, targetAt, wholeBlocks, makesStream, at } = reading;
  return { trim: { target, targetAt, wholeBlocks, limit }, makesStream, idAt: at, given };
};

/** XADD's options, up to its ID. */
export const readAddOptions = (call: Call, argv: readonly Bytes[]): AddOptions | ErrorReply => readOptions(call, argv, true);

/** Trims as the options say. Returns how many entries went. */
export const trimStream = (call: Call, key: Bytes, stream: StreamValue, { target, wholeBlocks, limit }: TrimOptions): number => {
  if (target === null) return 0;
  const deleted = stream.trim(target, wholeBlocks, limit);
  if (deleted > 0) call.db.notify('t', 'xtrim', key);
  call.cost(deleted);
  return deleted;
};

/** The arguments with an approximate trim made exact, for the stream. */
export const exactTrim = (argv: readonly Bytes[], stream: StreamValue, { target, targetAt }: TrimOptions): Bytes[] => {
  const exact = [...argv];
  exact[targetAt - 1] = EQUALS;
  exact[targetAt] = target !== null && 'length' in target
    ? bytes(String(stream.size)) : idText(stream.edge(true)?.id ?? ID_MAX);
  return exact;
};

const xtrim: Handler = (call, argv) => {
  const options = readOptions(call, argv, false);
  if (options instanceof ErrorReply) return options;
  const target = writeKind(call, argv[1] as Bytes, StreamValue);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  const { entry, value } = target;
  const deleted = trimStream(call, entry.key, value, options.trim);
  if (deleted === 0) return 0;
  if (options.trim.wholeBlocks) call.propagate(exactTrim(argv, value, options.trim));
  call.db.changed(entry);
  call.changed(deleted);
  return deleted;
};

export const streamTrimCommands: readonly CommandRow[] = [
  { name: 'xtrim', arity: -4, flags: ['write'], keys: ONE_KEY, since: '5.0.0', handler: xtrim },
];
