/**
 * LMOVE, RPOPLPUSH and LMPOP, and those of their kind that wait. What a waiting client got goes into the stream as the
 * plain command. Source: lmoveGenericCommand and mpopGenericCommand in t_list.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { ErrorReply, NULL_ARRAY, type Reply } from '../protocol/reply.ts';
import { finishChange, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, NO_KEYS } from './command.ts';
import { type Side, popFrom, popName, popSome, pushTo, readSide } from './listEnds.ts';
import { countedKeysAt, readMultiPop, readTimeout } from './multiPop.ts';

interface Move {
  readonly from: Bytes;
  readonly to: Bytes;
  readonly fromSide: Side;
  readonly toSide: Side;
}

/** The element moved; null when there is none. */
const moveElement = (call: Call, { from, to, fromSide, toSide }: Move): Bytes | null | ErrorReply => {
  const source = writeKind(call, from, ListValue);
  if (source === undefined) return null;
  if (source instanceof ErrorReply) return source;
  const target = writeKind(call, to, ListValue);
  if (target instanceof ErrorReply) return target;
  const element = popFrom(source.value, fromSide);
  const list = target === undefined ? new ListValue() : target.value;
  pushTo(list, toSide, element);
  if (target === undefined) call.db.put(to, list);
  else call.db.changed(target.entry);
  call.db.notify('l', toSide === 'left' ? 'lpush' : 'rpush', to);
  const event = fromSide === 'left' ? 'lpop' : 'rpop';
  if (source.entry !== target?.entry) finishChange(call, source, 'l', event);
  else call.db.notify('l', event, from);
  call.changed(1);
  return element;
};

const lmove: Handler = (call, argv) => {
  const fromSide = readSide(argv[3]);
  if (fromSide instanceof ErrorReply) return fromSide;
  const toSide = readSide(argv[4]);
  if (toSide instanceof ErrorReply) return toSide;
  return moveElement(call, { from: argv[1] as Bytes, to: argv[2] as Bytes, fromSide, toSide });
};

const rpoplpush: Handler = (call, argv) =>
  moveElement(call, { from: argv[1] as Bytes, to: argv[2] as Bytes, fromSide: 'right', toSide: 'left' });

/** Moves now or waits. `plain` is what the stream gets once the move is done. */
const moveOrWait = (call: Call, move: Move, timeout: Bytes, plain: readonly Bytes[], whenServed: readonly Bytes[]): Reply => {
  const timeoutMs = readTimeout(call, timeout);
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const element = moveElement(call, move);
  if (element !== null) {
    if (!(element instanceof ErrorReply)) call.propagate(plain);
    return element;
  }
  // A transaction hears a plain null, a client that waited in vain a null array.
  if (call.denyBlocking) return null;
  return call.block({
    keys: [move.from], timeoutMs, timeoutReply: NULL_ARRAY,
    retry: (later) => {
      const source = writeKind(later, move.from, ListValue);
      if (source === undefined || source instanceof ErrorReply) return null;
      const moved = moveElement(later, move);
      if (!(moved instanceof ErrorReply)) later.propagate(whenServed);
      return moved;
    },
  });
};

const blmove: Handler = (call, argv) => {
  const fromSide = readSide(argv[3]);
  if (fromSide instanceof ErrorReply) return fromSide;
  const toSide = readSide(argv[4]);
  if (toSide instanceof ErrorReply) return toSide;
  const [, from = bytes(''), to = bytes(''), first = bytes(''), second = bytes('')] = argv;
  return moveOrWait(call, { from, to, fromSide, toSide }, argv[5] as Bytes, [bytes('LMOVE'), from, to, first, second],
    [bytes('LMOVE'), from, to, bytes(fromSide), bytes(toSide)]);
};

const brpoplpush: Handler = (call, argv) => {
  const [, from = bytes(''), to = bytes('')] = argv;
  const plain = [bytes('RPOPLPUSH'), from, to];
  return moveOrWait(call, { from, to, fromSide: 'right', toSide: 'left' }, argv[3] as Bytes, plain, plain);
};

/** The first list with elements gives up to `count` of them; null when none has any. */
const popFirst = (
  call: Call, keys: readonly Bytes[], side: Side, count: number, skipsWrongType: boolean,
): Reply | null => {
  for (const key of keys) {
    const target = writeKind(call, key, ListValue);
    if (target === undefined || (skipsWrongType && target instanceof ErrorReply)) continue;
    if (target instanceof ErrorReply) return target;
    const elements = popSome(call, target, side, count);
    call.propagate([popName(side), key, bytes(String(elements.length))]);
    return [key, elements];
  }
  return null;
};

const lmpop: Handler = (call, argv) => {
  const request = readMultiPop(argv, 1, readSide);
  if (request instanceof ErrorReply) return request;
  return popFirst(call, request.keys, request.end, request.count, false) ?? NULL_ARRAY;
};

const blmpop: Handler = (call, argv) => {
  const timeoutMs = readTimeout(call, argv[1] as Bytes);
  const request = readMultiPop(argv, 2, readSide);
  if (request instanceof ErrorReply) return request;
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const { keys, end, count } = request;
  return popFirst(call, keys, end, count, false) ?? call.block({
    keys, timeoutMs, timeoutReply: NULL_ARRAY, retry: (later, key) => popFirst(later, [key], end, count, true),
  });
};

const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const GROW = ['write', 'denyoom'] as const;
const GROW_BLOCKING = ['write', 'denyoom', 'noscript', 'blocking'] as const;

export const listMoveCommands: readonly CommandRow[] = [
  { name: 'lmove', arity: 5, flags: GROW, keys: TWO_KEYS, since: '6.2.0', handler: lmove },
  { name: 'rpoplpush', arity: 3, flags: GROW, keys: TWO_KEYS, since: '1.2.0', handler: rpoplpush },
  { name: 'blmove', arity: 6, flags: GROW_BLOCKING, keys: TWO_KEYS, since: '6.2.0', handler: blmove },
  { name: 'brpoplpush', arity: 4, flags: GROW_BLOCKING, keys: TWO_KEYS, since: '2.2.0', handler: brpoplpush },
  {
    name: 'lmpop', arity: -4, flags: ['write', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(1), since: '7.0.0',
    handler: lmpop,
  },
  {
    name: 'blmpop', arity: -5, flags: ['write', 'blocking', 'movablekeys'], keys: NO_KEYS, movableKeys: countedKeysAt(2),
    since: '7.0.0', handler: blmpop,
  },
];
