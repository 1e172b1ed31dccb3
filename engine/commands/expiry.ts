/**
 * EXPIRE, TTL and PERSIST. A time from now is propagated as an absolute one; a time that is past already deletes the key
 * and is propagated as DEL.
 * Source: expire.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { type Entry, NO_EXPIRY } from '../keyspace/database.ts';
import { ErrorReply, NOT_AN_INTEGER, type Reply, error } from '../protocol/reply.ts';
import { glance } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import {
  EX, EXAT, type ExpiryForm, PX, PXAT, invalidExpireTime, isAlreadyPast, msText, storedMs, toUnixMs,
} from './expireTime.ts';

const INCOMPATIBLE = error('ERR NX and XX, GT or LT options at the same time are not compatible');
const GT_AND_LT = error('ERR GT and LT options at the same time are not compatible');

const PEXPIREAT = bytes('PEXPIREAT');

/** Under which conditions an expiry is set. */
interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

const readConditions = (argv: readonly Bytes[]): Conditions | ErrorReply => {
  const conditions: Conditions = { nx: false, xx: false, gt: false, lt: false };
  for (let index = 3; index < argv.length; index++) {
    const argument = argv[index] as Bytes;
    const word: string = lower(argument);
    if (word !== 'nx' && word !== 'xx' && word !== 'gt' && word !== 'lt') {
      return error(`ERR Unsupported option ${argument}`);
    }
    conditions[word] = true;
  }
  if (conditions.nx && (conditions.xx || conditions.gt || conditions.lt)) return INCOMPATIBLE;
  return conditions.gt && conditions.lt ? GT_AND_LT : conditions;
};

/** No expiry counts as one that never comes. */
const holds = (conditions: Conditions, entry: Readonly<Entry>, when: bigint): boolean => {
  const hasExpiry = entry.expireAtMs !== NO_EXPIRY;
  if (conditions.nx && hasExpiry) return false;
  if (conditions.xx && !hasExpiry) return false;
  if (conditions.gt && (!hasExpiry || when <= BigInt(entry.expireAtMs))) return false;
  return !(conditions.lt && hasExpiry && when >= BigInt(entry.expireAtMs));
};

const expireAs = (commandName: string, form: ExpiryForm): Handler => (call, argv) => {
  const key = argv[1] as Bytes;
  const conditions = readConditions(argv);
  if (conditions instanceof ErrorReply) return conditions;
  const value = parseInt64(argv[2] as Bytes);
  if (value === null) return NOT_AN_INTEGER;
  const when = toUnixMs(call, value, form);
  if (when === null) return invalidExpireTime(commandName);
  const entry = call.db.lookupWrite(key);
  if (entry === undefined || !holds(conditions, entry, when)) return 0;
  call.changed(1);
  if (isAlreadyPast(call, when)) {
    call.db.remove(key);
    call.db.notify('g', 'del', key);
    call.propagate([call.keyspace.deletionNames.expire, key]);
    return 1;
  }
  call.db.setExpiry(entry, storedMs(when));
  call.db.notify('g', 'expire', key);
  if (form !== PXAT) call.propagate([PEXPIREAT, key, msText(when), ...argv.slice(3)]);
  return 1;
};

const NO_KEY = -2;
const NO_TTL = -1;

/** Replies with what `show` makes of the expiry time. */
const ttlAs = (show: (expireAtMs: number, nowMs: number) => number): Handler => (call: Call, argv): Reply => {
  const entry = glance(call, argv[1] as Bytes);
  if (entry === undefined) return NO_KEY;
  if (entry.expireAtMs === NO_EXPIRY) return NO_TTL;
  const shown = show(entry.expireAtMs, call.nowMs);
  return Number.isSafeInteger(shown) ? shown : BigInt(shown);
};

const left = (expireAtMs: number, nowMs: number): number => Math.max(0, expireAtMs - nowMs);
const inSeconds = (durationMs: number): number => Math.floor((durationMs + 500) / 1000);

const persist: Handler = (call, argv) => {
  const entry = call.db.lookupWrite(argv[1] as Bytes);
  if (entry === undefined || entry.expireAtMs === NO_EXPIRY) return 0;
  call.db.setExpiry(entry, NO_EXPIRY);
  call.db.notify('g', 'persist', entry.key);
  call.changed(1);
  return 1;
};

const WRITE = ['write', 'fast'] as const;
const READ = ['readonly', 'fast'] as const;

const expireRow = (name: string, form: ExpiryForm, since: string): CommandRow =>
  ({ name, arity: -3, flags: WRITE, keys: ONE_KEY, since, handler: expireAs(name, form) });

const ttlRow = (name: string, since: string, show: (expireAtMs: number, nowMs: number) => number): CommandRow =>
  ({ name, arity: 2, flags: READ, keys: ONE_KEY, since, handler: ttlAs(show) });

export const expiryCommands: readonly CommandRow[] = [
  expireRow('expire', EX, '1.0.0'),
  expireRow('pexpire', PX, '2.6.0'),
  expireRow('expireat', EXAT, '1.2.0'),
  expireRow('pexpireat', PXAT, '2.6.0'),
  ttlRow('ttl', '1.0.0', (expireAtMs, nowMs) => inSeconds(left(expireAtMs, nowMs))),
  ttlRow('pttl', '2.6.0', left),
  ttlRow('expiretime', '7.0.0', inSeconds),
  ttlRow('pexpiretime', '7.0.0', (expireAtMs) => expireAtMs),
  { name: 'persist', arity: 2, flags: WRITE, keys: ONE_KEY, since: '2.2.0', handler: persist },
];
