/**
 * Reading arguments and values: what every family needs, with Redis's error replies as values.
 * A reader returns what it read, or the `ErrorReply` to answer with: check with `instanceof`.
 * Source: getLongLongFromObjectOrReply and its kin in object.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { lower } from '../core/bytes.ts';
import { INT64_MAX, INT64_MIN, parseInt64 } from '../core/integers.ts';
import type { Entry } from '../keyspace/database.ts';
import type { EventClass } from '../keyspace/keyEvents.ts';
import { SetValue } from '../keyspace/setValue.ts';
import type { Collection } from '../keyspace/value.ts';
import { type ErrorReply, NOT_AN_INTEGER, WRONG_TYPE, error } from '../protocol/reply.ts';
import type { Call } from './command.ts';

/** Whether an argument spells a keyword (given in lower case), whatever its case. */
export const isWord = (argument: Bytes | undefined, word: string): boolean =>
  argument !== undefined && argument.length === word.length && lower(argument) === word;

/** A 64-bit integer. */
export const readInt64 = (argument: Bytes): bigint | ErrorReply => parseInt64(argument) ?? NOT_AN_INTEGER;

/** An integer for counts and positions: beyond 2^53 only its size matters, not its last digits. */
export const readLong = (argument: Bytes): number | ErrorReply => {
  const value = parseInt64(argument);
  return value === null ? NOT_AN_INTEGER : Number(value);
};

/** An integer within bounds; `message` replaces Redis's own text about the range. */
export const readLongInRange = (
  argument: Bytes, min: bigint, max: bigint, message: string,
): number | ErrorReply => {
  const value = parseInt64(argument);
  if (value === null) return NOT_AN_INTEGER;
  return value < min || value > max ? error(message) : Number(value);
};

/** A count whose sign means something: anything but the smallest integer. */
export const readSignedCount = (argument: Bytes): number | ErrorReply =>
  readLongInRange(argument, -INT64_MAX, INT64_MAX,
    `ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);

/** A count of at least one; whatever else stands there gets `message`. */
export const readAtLeastOne = (argument: Bytes, message: string): number | ErrorReply => {
  const value = parseInt64(argument);
  return value === null || value < 1n ? error(message) : Number(value);
};

/** A count that may not be negative. */
export const readPositive = (
  argument: Bytes, message = 'ERR value is out of range, must be positive',
): number | ErrorReply => {
  const value = parseInt64(argument);
  if (value === null || value < 0n) return error(message);
  return Number(value);
};

export const fitsInt64 = (value: bigint): boolean => value >= INT64_MIN && value <= INT64_MAX;

/** The string at a key, undefined when there is none. Touches the access time. */
export const readString = (call: Call, key: Bytes): Bytes | undefined | ErrorReply => {
  const entry = call.db.lookupRead(key);
  if (entry === undefined) return undefined;
  return typeof entry.value === 'string' ? entry.value : WRONG_TYPE;
};

/** A collection's class. */
export type Kind<Type extends Collection> = new () => Type;

/** The collection at a key, undefined when there is none. Touches the access time. Not to be changed. */
export const readKind = <Type extends Collection>(
  call: Call, key: Bytes, kind: Kind<Type>,
): Readonly<Type> | undefined | ErrorReply => {
  const entry = call.db.lookupRead(key);
  if (entry === undefined) return undefined;
  return entry.value instanceof kind ? entry.value : WRONG_TYPE;
};

/** The set at a key, undefined when there is none. Touches the access time. Not to be changed. */
export const readSet = (call: Call, key: Bytes): Readonly<SetValue> | undefined | ErrorReply =>
  readKind(call, key, SetValue);

/** A collection that a command is about to change, with its entry. */
export interface Writable<Type extends Collection> {
  readonly entry: Entry;
  readonly value: Type;
}

/** The collection at a key, to be changed in place; undefined when there is none. See `finishChange`. */
export const writeKind = <Type extends Collection>(
  call: Call, key: Bytes, kind: Kind<Type>,
): Writable<Type> | undefined | ErrorReply => {
  const entry = call.db.lookupWrite(key);
  if (entry === undefined) return undefined;
  return entry.value instanceof kind ? { entry, value: entry.value } : WRONG_TYPE;
};

/** After a change in place, which is told as `event`: an empty collection goes, with its key. */
export const finishChange = (call: Call, { entry, value }: Writable<Collection>, kind: EventClass, event: string): void => {
  call.db.notify(kind, event, entry.key);
  if (value.size > 0) {
    call.db.changed(entry);
    return;
  }
  call.db.remove(entry.key);
  call.db.notify('g', 'del', entry.key);
};

/** A reader that does not touch the access time: the entry, or undefined. */
export const glance = (call: Call, key: Bytes): Readonly<Entry> | undefined => {
  const isThere = call.db.has(key);
  call.db.countRead(key, isThere);
  return isThere ? call.db.peek(key) : undefined;
};

/** The target of a STORE whose result is empty goes. Whether its time had come is not asked: an expired one goes by this command too. */
export const removeTarget = (call: Call, key: Bytes): void => {
  if (!call.db.remove(key)) return;
  call.db.notify('g', 'del', key);
  call.changed(1);
};

/** The text of a command's arity error. */
export const arityError = (name: string): ErrorReply => error(`ERR wrong number of arguments for '${name}' command`);
