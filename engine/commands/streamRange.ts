/** XLEN, XRANGE and XREVRANGE. Source: t_stream.c of Redis 7.0 (xrangeGenericCommand, xlenCommand), for behaviour. */
import type { Bytes } from '../core/bytes.ts';
import { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, NULL_ARRAY, SYNTAX_ERROR } from '../protocol/reply.ts';
import { isWord, readKind, readLong } from './arguments.ts';
import { type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { entryReply, readEnd, readStart } from './streamArguments.ts';

const xlen: Handler = (call, argv) => {
  const stream = readKind(call, argv[1] as Bytes, StreamValue);
  if (stream === undefined) return 0;
  return stream instanceof ErrorReply ? stream : stream.size;
};

const rangeAs = (isReverse: boolean): Handler => (call, argv) => {
  const start = readStart(argv[isReverse ? 3 : 2] as Bytes);
  if (start instanceof ErrorReply) return start;
  const end = readEnd(argv[isReverse ? 2 : 3] as Bytes);
  if (end instanceof ErrorReply) return end;
  let count = Infinity;
  for (let at = 4; at < argv.length; at += 2) {
    const value = argv[at + 1];
    if (value === undefined || !isWord(argv[at], 'count')) return SYNTAX_ERROR;
    const given = readLong(value);
    if (given instanceof ErrorReply) return given;
    count = Math.max(0, given);
  }
  const stream = readKind(call, argv[1] as Bytes, StreamValue);
  if (stream === undefined) return [];
  if (stream instanceof ErrorReply) return stream;
  if (count === 0) return NULL_ARRAY;
  const entries = stream.entries(start, end, count, isReverse);
  call.cost(entries.length);
  return entries.map(entryReply);
};

const READ = ['readonly'] as const;

export const streamRangeCommands: readonly CommandRow[] = [
  { name: 'xlen', arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, since: '5.0.0', handler: xlen },
  { name: 'xrange', arity: -4, flags: READ, keys: ONE_KEY, since: '5.0.0', handler: rangeAs(false) },
  { name: 'xrevrange', arity: -4, flags: READ, keys: ONE_KEY, since: '5.0.0', handler: rangeAs(true) },
];
