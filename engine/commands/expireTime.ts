/**
 * Expiry times as arguments give them: what is valid, what is past already, and what is stored.
 * Source: getExpireMillisecondsOrReply in t_string.c and checkAlreadyExpired in expire.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { INT64_MAX, parseInt64 } from '../core/integers.ts';
import { type ErrorReply, NOT_AN_INTEGER, error } from '../protocol/reply.ts';
import type { Call } from './command.ts';

/** How an expiry is given: in seconds or not, from now or absolute. */
export interface ExpiryForm {
  readonly inSeconds: boolean;
  readonly isRelative: boolean;
}

export const EX: ExpiryForm = { inSeconds: true, isRelative: true };
export const PX: ExpiryForm = { inSeconds: false, isRelative: true };
export const EXAT: ExpiryForm = { inSeconds: true, isRelative: false };
export const PXAT: ExpiryForm = { inSeconds: false, isRelative: false };

/** The largest time that the keyspace stores: the last double below 2^63. Later times are as good as never. */
const STORED_MS_MAX = Number(INT64_MAX - 1023n);

export const invalidExpireTime = (commandName: string): ErrorReply =>
  error(`ERR invalid expire time in '${commandName}' command`);

/** Unix time in ms of an expiry that must be positive (SET, GETEX and the like). */
export const readExpiry = (
  call: Call, argument: Bytes, form: ExpiryForm, commandName: string,
): bigint | ErrorReply => {
  const value = parseInt64(argument);
  if (value === null) return NOT_AN_INTEGER;
  if (value <= 0n) return invalidExpireTime(commandName);
  return toUnixMs(call, value, form) ?? invalidExpireTime(commandName);
};

/** Unix time in ms; null when 64 bits do not hold it. */
export const toUnixMs = (call: Call, value: bigint, form: ExpiryForm): bigint | null => {
  const limit = form.inSeconds ? INT64_MAX / 1000n : INT64_MAX;
  if (value > limit || value < -limit) return null;
  const size = form.inSeconds ? value * 1000n : value;
  const when = form.isRelative ? size + BigInt(call.nowMs) : size;
  return when > INT64_MAX ? null : when;
};

/** As the keyspace stores it. What only a replica may see, a time before 1970, must not read as "no expiry". */
export const storedMs = (when: bigint): number =>
  Math.max(0, Math.min(Number(when), STORED_MS_MAX));

/** Past already, and this node may act on it: one that follows a primary (or loads a file) waits for the DEL. */
export const isAlreadyPast = (call: Call, when: bigint): boolean =>
  call.keyspace.expiryMode === 'delete' && when <= BigInt(call.nowMs);

export const msText = (when: bigint): Bytes => bytes(when.toString());
