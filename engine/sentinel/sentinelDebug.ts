/**
 * For tests and for a look inside: SENTINEL DEBUG (periods), SIMULATE-FAILURE, PENDING-SCRIPTS, INFO-CACHE.
 * Source: sentinelSetDebugConfigParameters, sentinelPendingScriptsCommand in sentinel.c of Redis 7.0.
 */
import { type Bytes, bytes, lower, upper } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { MapReply, OK, type Reply, error } from '../protocol/reply.ts';
import { SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import type { WatchedPrimary, WatchedReplica } from './instance.ts';
import { PERIOD_NAMES } from './periods.ts';
import type { Sentinel } from './sentinel.ts';

/** DEBUG: all periods; DEBUG name ms [name ms …] changes some, those before a wrong one too. */
export const sentinelDebug = (sentinel: Sentinel, argv: readonly Bytes[]): Reply => {
  const { periods } = sentinel;
  if (argv.length === 2) {
    return new MapReply(PERIOD_NAMES.map(([name, key]) => [upper(bytes(name)), bytes(String(periods[key]))]));
  }
  for (let at = 2; at < argv.length; at += 2) {
    const name = argv[at] as Bytes;
    const value = argv[at + 1];
    const known = PERIOD_NAMES.find(([one]) => one === lower(name));
    if (known === undefined || value === undefined) {
      return error(`ERR Unknown option or number of arguments for SENTINEL DEBUG '${name}'`);
    }
    const periodMs = parseInt64(value);
    if (periodMs === null || periodMs <= 0n) return error(`ERR Invalid argument '${value}' for SENTINEL DEBUG '${name}'`);
    periods[known[1]] = Number(periodMs);
  }
  return OK;
};

const AFTER_ELECTION = bytes('crash-after-election');
const AFTER_PROMOTION = bytes('crash-after-promotion');

/** Each call starts from none. */
export const simulateFailure = (sentinel: Sentinel, argv: readonly Bytes[]): Reply => {
  sentinel.crashAfterElection = false;
  sentinel.crashAfterPromotion = false;
  for (const argument of argv.slice(2)) {
    switch (lower(argument)) {
      case AFTER_ELECTION:
        sentinel.crashAfterElection = true;
        sentinel.host.log('warning', 'Failure simulation: this Sentinel will crash after being successfully elected as failover leader');
        break;
      case AFTER_PROMOTION:
        sentinel.crashAfterPromotion = true;
        sentinel.host.log('warning', SENTINEL_TEXT.crashAfterPromotion);
        break;
      case 'help': return [AFTER_ELECTION, AFTER_PROMOTION];
      default: return error('ERR Unknown failure simulation specified');
    }
  }
  return OK;
};

export const pendingScripts = (sentinel: Sentinel): Reply =>
  sentinel.scripts.pending(sentinel.nowMs).map(({ argv, isRunning, pid, timeMs, retries }) => new MapReply([
    [bytes('argv'), argv],
    [bytes('flags'), bytes(isRunning ? 'running' : 'scheduled')],
    [bytes('pid'), bytes(String(pid))],
    [bytes(isRunning ? 'run-time' : 'run-delay'), bytes(String(timeMs))],
    [bytes('retry-num'), bytes(String(retries))],
  ]));

/** INFO-CACHE name …: for each, how old the last INFO of the primary and of its replicas is, and its text. */
export const infoCache = (sentinel: Sentinel, names: readonly Bytes[]): Reply => {
  const now = sentinel.nowMs;
  const cached = ({ infoMs, infoText }: WatchedPrimary | WatchedReplica): Reply =>
    (infoMs === 0 ? [0, null] : [now - infoMs, infoText]);
  return [...sentinel.primaries.values()].filter(({ name }) => names.includes(name))
    .flatMap((primary): Reply[] => [primary.name, [primary, ...primary.replicas.values()].map(cached)]);
};
