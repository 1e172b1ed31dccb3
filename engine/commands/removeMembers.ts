/** SREM, HDEL and ZREM are one command over three kinds of value. Source: t_set.c, t_hash.c and t_zset.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import type { HashValue } from '../keyspace/hashValue.ts';
import type { SetValue } from '../keyspace/setValue.ts';
import type { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { ErrorReply } from '../protocol/reply.ts';
import type { EventClass } from '../keyspace/keyEvents.ts';
import { type Kind, finishChange, writeKind } from './arguments.ts';
import type { Handler } from './command.ts';

/** Removes each argument from the collection at the key, and the key with its last member. Answers how many went. */
export const removeMembers = (
  kind: Kind<SetValue | HashValue | SortedSetValue>, eventClass: EventClass, event: string,
): Handler => (call, argv) => {
  const target = writeKind(call, argv[1] as Bytes, kind);
  if (target === undefined) return 0;
  if (target instanceof ErrorReply) return target;
  let removed = 0;
  for (let index = 2; index < argv.length; index++) if (target.value.delete(argv[index] as Bytes)) removed++;
  if (removed === 0) return 0;
  finishChange(call, target, eventClass, event);
  call.changed(removed);
  return removed;
};
