/**
 * What the stream commands share: IDs and ranges of IDs as clients write them, looking up streams and groups, entries as
 * replies. Source: t_stream.c (streamGenericParseIDOrReply, streamParseIntervalIDOrReply) and util.c (string2ull) of Redis 7.0,
 * for behaviour.
 */
import { type Bytes, bytes, upper } from '../core/bytes.ts';
import { narrow } from '../core/integers.ts';
import type { StreamEntry } from '../keyspace/streamBlock.ts';
import { ID_MAX, ID_MIN, type StreamId, WIDE_MAX, type Wide, idAfter, idBefore, idText } from '../keyspace/streamId.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, type Reply, error } from '../protocol/reply.ts';
import { type Writable, writeKind } from './arguments.ts';
import type { Call } from './command.ts';

const INVALID_ID = error('ERR Invalid stream ID specified as stream command argument');
const INVALID_START = error('ERR invalid start ID for the interval');
const INVALID_END = error('ERR invalid end ID for the interval');

const ID_LENGTH_MAX = 127;
const UNSIGNED_MAX = BigInt(WIDE_MAX);

/** Up to a zero byte, as C sees a text. */
export const cText = (text: Bytes): Bytes => {
  const end = text.indexOf('\0');
  return end < 0 ? text : bytes(text.slice(0, end));
};

/** An unsigned integer as C's strtoull reads it: spaces before it, a sign, zeros; null for anything else. */
const readUnsigned = (text: string): Wide | null => {
  // An integer in plain form may not be negative; in any other form a minus wraps.
  if (/^-[1-9][0-9]*$/.test(text) && BigInt(text) >= -(2n ** 63n)) return null;
  const parts = /^[ \t\n\v\f\r]*([-+]?)([0-9]+)$/.exec(text);
  if (parts === null) return null;
  const value = BigInt(parts[2] as string);
  if (value > UNSIGNED_MAX) return null;
  return narrow(parts[1] === '-' ? BigInt.asUintN(64, -value) : value);
};

/** An ID; `isOpen`: its sequence is still to be found (`ms-*`). */
export interface GivenId {
  readonly id: StreamId;
  readonly isOpen: boolean;
}

const parse = (argument: Bytes, missing: Wide, isStrict: boolean, takesOpen: boolean): GivenId | ErrorReply => {
  if (argument.length > ID_LENGTH_MAX) return INVALID_ID;
  const text = cText(argument);
  if (text === '-' || text === '+') return isStrict ? INVALID_ID : { id: text === '-' ? ID_MIN : ID_MAX, isOpen: false };
  const dash = text.indexOf('-');
  const ms = readUnsigned(dash < 0 ? text : text.slice(0, dash));
  if (ms === null) return INVALID_ID;
  if (dash < 0) return { id: { ms, seq: missing }, isOpen: false };
  const rest = text.slice(dash + 1);
  if (takesOpen && rest === '*') return { id: { ms, seq: 0 }, isOpen: true };
  const seq = readUnsigned(rest);
  return seq === null ? INVALID_ID : { id: { ms, seq }, isOpen: false };
};

/** An ID that names one entry: no `-` or `+`. */
export const readId = (argument: Bytes): StreamId | ErrorReply => {
  const given = parse(argument, 0, true, false);
  return given instanceof ErrorReply ? given : given.id;
};

/** The same, or one of the two ends. */
export const readLooseId = (argument: Bytes): StreamId | ErrorReply => {
  const given = parse(argument, 0, false, false);
  return given instanceof ErrorReply ? given : given.id;
};

/** The ID of an entry to come. */
export const readGivenId = (argument: Bytes): GivenId | ErrorReply => parse(argument, 0, true, true);

/** All IDs from a place on; the first error of any. */
export const readIds = (argv: readonly Bytes[], from: number): StreamId[] | ErrorReply => {
  const ids: StreamId[] = [];
  for (const argument of argv.slice(from)) {
    const id = readId(argument);
    if (id instanceof ErrorReply) return id;
    ids.push(id);
  }
  return ids;
};

const readBound = (
  argument: Bytes, missing: Wide, beside: (id: StreamId) => StreamId | null, none: ErrorReply,
): StreamId | ErrorReply => {
  const isExclusive = argument.length > 1 && argument.startsWith('(');
  const given = parse(isExclusive ? bytes(argument.slice(1)) : argument, missing, isExclusive, false);
  if (given instanceof ErrorReply) return given;
  return isExclusive ? beside(given.id) ?? none : given.id;
};

/** The start of a range; `(` leaves the ID itself out. */
export const readStart = (argument: Bytes): StreamId | ErrorReply => readBound(argument, 0, idAfter, INVALID_START);

/** The end of a range: without a sequence it is all of its millisecond. */
export const readEnd = (argument: Bytes): StreamId | ErrorReply => readBound(argument, WIDE_MAX, idBefore, INVALID_END);

/** The stream at a key, to be changed by a command that asks for it as a reader does, which is counted and told. */
export const askForStream = (call: Call, key: Bytes): Writable<StreamValue> | undefined | ErrorReply => {
  const target = writeKind(call, key, StreamValue);
  call.db.countRead(key, target !== undefined);
  return target;
};

/** An entry with its fields. */
export const entryReply = ({ id, fields, values }: StreamEntry): Reply => {
  const words: Bytes[] = [];
  for (let place = 0; place < fields.length; place++) words.push(fields[place] as Bytes, values[place] as Bytes);
  return [idText(id), words];
};

export const noGroup = (text: string): ErrorReply => error(`NOGROUP ${text}`);

/** What a container answers to a subcommand whose arguments make no sense. */
export const subcommandSyntaxError = (argv: readonly Bytes[]): ErrorReply => error(
  `ERR unknown subcommand or wrong number of arguments for '${cText(argv[1] as Bytes).slice(0, 128)}'. `
  + `Try ${upper(cText(argv[0] as Bytes))} HELP.`);
