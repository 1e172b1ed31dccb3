/**
 * Which replica is promoted: one in good order, by priority, then offset, then run ID.
 * Source: sentinelSelectSlave, compareSlavesForPromotion in sentinel.c of Redis 7.0.
 */
import { compare, lower } from '../core/bytes.ts';
import type { WatchedPrimary, WatchedReplica } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

/** Its last valid reply may be so many ping periods old. */
const AVAILABLE_PING_PERIODS = 5;
/** INFO may be so many of its periods old; while the primary is down, so many ping periods. */
const INFO_PERIODS = 3;
const INFO_PING_PERIODS = 5;
/** Its link to the primary may have been down for so many times down-after, on top of the time that the primary is down. */
const LINK_DOWN_AFTERS = 10;

/** Null: none will do. */
export const selectReplica = (sentinel: Sentinel, primary: WatchedPrimary): WatchedReplica | null => {
  const candidates = [...primary.replicas.values()].filter((replica) => isEligible(sentinel, primary, replica));
  return candidates.sort(byPreference)[0] ?? null;
};

const isEligible = (sentinel: Sentinel, primary: WatchedPrimary, replica: WatchedReplica): boolean => {
  const now = sentinel.nowMs;
  const { ping, info } = sentinel.periods;
  const infoAgeMsMax = primary.isSdown ? ping * INFO_PING_PERIODS : info * INFO_PERIODS;
  const linkDownMsMax = (primary.isSdown ? now - primary.sdownSinceMs : 0) + primary.downAfterMs * LINK_DOWN_AFTERS;
  return !replica.isSdown && !replica.link.isDisconnected
    && now - replica.link.lastAvailableMs <= ping * AVAILABLE_PING_PERIODS
    && (replica.priority !== 0 || sentinel.services.bugs.promotesPriorityZero)
    && now - replica.infoMs <= infoAgeMsMax
    && replica.primaryLinkDownMs <= linkDownMsMax;
};

/** Lower priority, greater offset, smaller run ID; one without a run ID comes last. */
const byPreference = (left: WatchedReplica, right: WatchedReplica): number => {
  if (left.priority !== right.priority) return left.priority - right.priority;
  if (left.replOffset !== right.replOffset) return right.replOffset - left.replOffset;
  if (left.runId === null || right.runId === null) return left.runId === right.runId ? 0 : left.runId === null ? 1 : -1;
  return compare(lower(left.runId), lower(right.runId));
};
