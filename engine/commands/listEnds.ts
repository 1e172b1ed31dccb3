/** The two ends of a list: what plain, moving and waiting commands share. Source: t_list.c of Redis 7.0, for behaviour. */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { ListValue } from '../keyspace/listValue.ts';
import { SYNTAX_ERROR, type ErrorReply } from '../protocol/reply.ts';
import { type Writable, finishChange, isWord } from './arguments.ts';
import type { Call } from './command.ts';

/** An end of a list. */
export type Side = 'left' | 'right';

export const pushTo = (list: ListValue, side: Side, element: Bytes): void => {
  if (side === 'left') list.pushLeft(element);
  else list.pushRight(element);
};

export const popFrom = (list: ListValue, side: Side): Bytes => (side === 'left' ? list.popLeft() : list.popRight());

/** Takes at most `count` elements off one end; the key goes with the last one. */
export const popSome = (call: Call, target: Writable<ListValue>, side: Side, count: number): Bytes[] => {
  const { value } = target;
  const size = Math.min(count, value.size);
  const out: Bytes[] = [];
  while (out.length < size) out.push(popFrom(value, side));
  finishChange(call, target, 'l', side === 'left' ? 'lpop' : 'rpop');
  call.cost(size);
  call.changed(size);
  return out;
};

/** LEFT or RIGHT. */
export const readSide = (argument: Bytes | undefined): Side | ErrorReply => {
  if (isWord(argument, 'left')) return 'left';
  return isWord(argument, 'right') ? 'right' : SYNTAX_ERROR;
};

/** The command that a pop from this end is in the stream. */
export const popName = (side: Side): Bytes => bytes(side === 'left' ? 'LPOP' : 'RPOP');
