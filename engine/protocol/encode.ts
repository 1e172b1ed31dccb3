/**
 * Replies and commands in wire form. What RESP2 lacks is sent in the form that Redis falls back to: maps as flat arrays,
 * sets and pushes as arrays, doubles and verbatim strings as bulks, booleans as 1 and 0.
 * Source: the RESP3 specification, and addReply* in networking.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { unreachable } from '../core/errors.ts';
import { doubleText } from './decimalText.ts';
import {
  BooleanReply, DoubleReply, ErrorReply, MapReply, NO_REPLY, NULL_ARRAY, OK, PushReply, RawReply, type Reply, SetReply,
  Status, VerbatimReply,
} from './reply.ts';

export type RespVersion = 2 | 3;

const OK_WIRE: Bytes = bytes('+OK\r\n');

/** The reply as the client's protocol version writes it; empty for `NO_REPLY`. */
export const encodeReply = (reply: Reply, version: RespVersion): Bytes => {
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n` as Bytes;
  if (reply === OK) return OK_WIRE;
  if (typeof reply === 'number') return `:${reply}\r\n` as Bytes;
  if (reply === null) return (version === 3 ? '_\r\n' : '$-1\r\n') as Bytes;
  if (Array.isArray(reply)) return encodeItems('*', reply as readonly Reply[], version);
  return encodeOther(reply as Exclude<Reply, readonly Reply[] | Bytes | number | null>, version);
};

const encodeItems = (type: string, items: readonly Reply[], version: RespVersion): Bytes =>
  gathered(`${type}${items.length}\r\n`, items, (item) => encodeReply(item, version));

/** Text of this length is put aside, so that the long answer can be joined from flat pieces. */
const PIECE_LENGTH = 512;

/**
 * The head and each item's text behind it. Added up alone, a long answer would be a tree of thousands of halves until it is sent: with
 * hundreds of those in one turn the collector of garbage has most of the work (measured: five times as much time).
 */
const gathered = <Item>(head: string, items: readonly Item[], encode: (item: Item) => Bytes): Bytes => {
  let text = head;
  let pieces: string[] | null = null;
  for (const item of items) {
    text += encode(item);
    if (text.length < PIECE_LENGTH) continue;
    if (pieces === null) pieces = [text];
    else pieces.push(text);
    text = '';
  }
  if (pieces === null) return text as Bytes;
  pieces.push(text);
  return pieces.join('') as Bytes;
};

type OtherReply = Exclude<Reply, readonly Reply[] | Bytes | number | null>;

const encodeOther = (reply: OtherReply, version: RespVersion): Bytes => {
  if (typeof reply === 'bigint') return `:${reply}\r\n` as Bytes;
  if (reply === NULL_ARRAY) return (version === 3 ? '_\r\n' : '*-1\r\n') as Bytes;
  if (reply === NO_REPLY) return EMPTY;
  if (reply instanceof Status) return `+${reply.text}\r\n` as Bytes;
  if (reply instanceof ErrorReply) return `-${oneLine(reply.text)}\r\n` as Bytes;
  if (reply instanceof RawReply) return reply.wire;
  if (reply instanceof SetReply) return encodeItems(version === 3 ? '~' : '*', reply.items, version);
  if (reply instanceof PushReply) return encodeItems(version === 3 ? '>' : '*', reply.items, version);
  if (reply instanceof MapReply) return encodeMap(reply, version);
  if (reply instanceof DoubleReply) {
    const text = doubleText(reply.value);
    return (version === 3 ? `,${text}\r\n` : `$${text.length}\r\n${text}\r\n`) as Bytes;
  }
  if (reply instanceof BooleanReply) {
    return (version === 3 ? (reply.value ? '#t\r\n' : '#f\r\n') : (reply.value ? ':1\r\n' : ':0\r\n')) as Bytes;
  }
  if (reply instanceof VerbatimReply) {
    if (version === 2) return encodeReply(reply.text, version);
    return `=${reply.text.length + 4}\r\n${reply.format}:${reply.text}\r\n` as Bytes;
  }
  return unreachable(reply);
};

const encodeMap = (reply: MapReply, version: RespVersion): Bytes => {
  const head = version === 3 ? `%${reply.entries.length}\r\n` : `*${reply.entries.length * 2}\r\n`;
  return gathered(head, reply.entries, ([key, value]) => (encodeReply(key, version) + encodeReply(value, version)) as Bytes);
};

/** An error is one line: a line end that came in with a client's text becomes a space. */
const oneLine = (text: Bytes): string =>
  text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, ' ') : text;

/** A command as an array of bulks: what clients send and what goes into the replication stream and the AOF. */
export const encodeCommand = (argv: readonly Bytes[]): Bytes =>
  gathered(`*${argv.length}\r\n`, argv, (argument) => `$${argument.length}\r\n${argument}\r\n` as Bytes);
