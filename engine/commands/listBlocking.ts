/** BLPOP and BRPOP. Source: blockingPopGenericCommand in t_list.c of Redis 7.0, for behaviour. */
import type { Bytes } from '../core/bytes.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { ErrorReply, NULL_ARRAY, type Reply } from '../protocol/reply.ts';
import { writeKind } from './arguments.ts';
import type { Call, CommandRow, Handler, KeyRange } from './command.ts';
import { type Side, popName, popSome } from './listEnds.ts';
import { readTimeout } from './multiPop.ts';

/** Key and element of the first list that has one; null when none has. */
const popOne = (call: Call, keys: readonly Bytes[], side: Side, skipsWrongType: boolean): Reply | null => {
  for (const key of keys) {
    const target = writeKind(call, key, ListValue);
    if (target === undefined || (skipsWrongType && target instanceof ErrorReply)) continue;
    if (target instanceof ErrorReply) return target;
    const [element] = popSome(call, target, side, 1);
    call.propagate([popName(side), key]);
    return [key, element as Bytes];
  }
  return null;
};

const popOrWait = (side: Side): Handler => (call, argv): Reply => {
  const timeoutMs = readTimeout(call, argv[argv.length - 1] as Bytes);
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const keys = argv.slice(1, -1);
  return popOne(call, keys, side, false) ?? call.block({
    keys, timeoutMs, timeoutReply: NULL_ARRAY, retry: (later, key) => popOne(later, [key], side, true),
  });
};

const KEYS: KeyRange = { first: 1, last: -2, step: 1 };
const BLOCKING = ['write', 'noscript', 'blocking'] as const;

export const listBlockingCommands: readonly CommandRow[] = [
  { name: 'blpop', arity: -3, flags: BLOCKING, keys: KEYS, since: '2.0.0', handler: popOrWait('left') },
  { name: 'brpop', arity: -3, flags: BLOCKING, keys: KEYS, since: '2.0.0', handler: popOrWait('right') },
];
