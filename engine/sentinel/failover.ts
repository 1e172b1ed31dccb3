/**
 * A failover, from its start to the switch: one state after the other, at most one a tick (see `FailoverState`).
 *
 *     state                 leaves when                                       aborts when
 *     wait-start            elected, or forced                                not elected in min(10 s, failover-timeout)
 *     select-replica        a good replica is found                           there is none
 *     send-replicaof-noone  the command could be sent                         not in failover-timeout
 *     wait-promotion        its INFO says primary (`followUpPromotion`)       not in failover-timeout
 *     reconf-replicas       all reachable replicas follow, or failover-timeout
 *     update-config         at the end of the same tick: the switch
 *
 * Source: the sentinelFailover… functions in sentinel.c of Redis 7.0.
 */
import { lower } from '../core/bytes.ts';
import { ctimeText } from '../core/dateText.ts';
import { unreachable } from '../core/errors.ts';
import { type MarkName, mark } from '../core/marks.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import { leaderOf } from './election.ts';
import type { FailoverState, WatchedPrimary, WatchedReplica } from './instance.ts';
import { sendReplicaof } from './reconfigure.ts';
import { selectReplica } from './replicaSelection.ts';
import { switchAddress } from './reset.ts';
import type { Sentinel } from './sentinel.ts';

/** Nothing is started sooner than so many failover-timeouts after the last start. */
const RETRY_FAILOVER_TIMEOUTS = 2;
/** How the process ends when SIMULATE-FAILURE asked for it. */
const SIMULATED_CRASH_STATUS = 99;

/** True when one was started. */
export const startIfNeeded = (sentinel: Sentinel, primary: WatchedPrimary): boolean => {
  if (!primary.isOdown || primary.isFailingOver || sentinel.services.bugs.neverFailsOver) return false;
  const waitMs = primary.options.failoverTimeoutMs * RETRY_FAILOVER_TIMEOUTS;
  if (sentinel.nowMs - primary.failoverStartMs < waitMs) {
    if (primary.failoverDelayLoggedMs !== primary.failoverStartMs) {
      primary.failoverDelayLoggedMs = primary.failoverStartMs;
      mark(sentinel.host, 'sentinelFailoverDelayed');
      const until = ctimeText(primary.failoverStartMs + waitMs);
      sentinel.host.log('warning', `Next failover delay: I will not start a failover before ${until}`);
    }
    return false;
  }
  start(sentinel, primary);
  return true;
};

export const start = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  enter(sentinel, primary, 'wait-start');
  sentinel.enterEpoch(sentinel.currentEpoch + 1, primary);
  primary.failoverEpoch = sentinel.currentEpoch;
  sentinel.announceEpoch(primary);
  // A forced one rests on nothing but the command that came.
  const because = primary.isOdown ? [primary.odownCause] : [];
  sentinel.event('warning', SENTINEL_EVENT.tryFailover, primary, '', because);
  primary.failoverStartMs = sentinel.nowMs + sentinel.desyncMs;
};

/** One step, at most one state further. */
export const step = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  switch (primary.failoverState) {
    case 'none':
    case 'update-config': return;
    case 'wait-start': waitStart(sentinel, primary); return;
    case 'select-replica': select(sentinel, primary); return;
    case 'send-replicaof-noone': sendNoOne(sentinel, primary); return;
    case 'wait-promotion':
      if (hasTimedOut(sentinel, primary)) abort(sentinel, primary, SENTINEL_EVENT.abortReplicaTimeout);
      return;
    case 'reconf-replicas': reconfigureReplicas(sentinel, primary); return;
    default: unreachable(primary.failoverState);
  }
};

const enter = (sentinel: Sentinel, primary: WatchedPrimary, state: FailoverState): void => {
  primary.failoverState = state;
  primary.failoverStateChangedMs = sentinel.nowMs;
};

const hasTimedOut = (sentinel: Sentinel, primary: WatchedPrimary): boolean =>
  sentinel.nowMs - primary.failoverStateChangedMs > primary.options.failoverTimeoutMs;

type AbortEvent = typeof SENTINEL_EVENT.abortNotElected | typeof SENTINEL_EVENT.abortNoGoodReplica
  | typeof SENTINEL_EVENT.abortReplicaTimeout;

const ABORT_MARKS: Readonly<Record<AbortEvent, MarkName>> = {
  [SENTINEL_EVENT.abortNotElected]: 'sentinelNotElected',
  [SENTINEL_EVENT.abortNoGoodReplica]: 'sentinelNoGoodReplica',
  [SENTINEL_EVENT.abortReplicaTimeout]: 'sentinelPromotionTimedOut',
};

const abort = (sentinel: Sentinel, primary: WatchedPrimary, event: AbortEvent): void => {
  mark(sentinel.host, ABORT_MARKS[event]);
  sentinel.event('warning', event, primary, '', [primary.sdownCause]);
  primary.isForced = false;
  enter(sentinel, primary, 'none');
  if (primary.promoted !== null) primary.promoted.isPromoted = false;
  primary.promoted = null;
};

const waitStart = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const { leader, votes, known, because } = leaderOf(sentinel, primary, primary.failoverEpoch);
  const isLeader = leader !== null && lower(leader) === lower(sentinel.id);
  if (!isLeader && !primary.isForced) {
    const timeoutMs = Math.min(sentinel.periods.election, primary.options.failoverTimeoutMs);
    if (sentinel.nowMs - primary.failoverStartMs > timeoutMs) abort(sentinel, primary, SENTINEL_EVENT.abortNotElected);
    return;
  }
  sentinel.event('warning', SENTINEL_EVENT.electedLeader, primary, '', because);
  sentinel.host.note({
    kind: 'leader', name: primary.name, epoch: primary.failoverEpoch, leader: sentinel.id, votes, known,
    quorum: primary.options.quorum, isForced: primary.isForced, because,
  });
  if (sentinel.crashAfterElection) {
    crash(sentinel);
    return;
  }
  enter(sentinel, primary, 'select-replica');
  sentinel.event('warning', SENTINEL_EVENT.stateSelectReplica, primary);
};

const crash = (sentinel: Sentinel): void => {
  sentinel.host.log('warning', 'Sentinel CRASH because of SENTINEL simulate-failure');
  sentinel.host.exit(SIMULATED_CRASH_STATUS);
};

const select = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const replica = selectReplica(sentinel, primary);
  if (replica === null) {
    abort(sentinel, primary, SENTINEL_EVENT.abortNoGoodReplica);
    return;
  }
  const because = [replica.infoCause];
  sentinel.event('warning', SENTINEL_EVENT.selectedReplica, replica, '', because);
  sentinel.host.note({
    kind: 'selected', name: primary.name, replica: sentinel.place(replica.address), priority: replica.priority,
    replOffset: replica.replOffset, runId: replica.runId ?? sentinel.id, because,
  });
  replica.isPromoted = true;
  primary.promoted = replica;
  enter(sentinel, primary, 'send-replicaof-noone');
  sentinel.event('notice', SENTINEL_EVENT.stateSendReplicaofNoOne, replica);
};

const sendNoOne = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const promoted = primary.promoted as WatchedReplica;
  if (promoted.link.isDisconnected) {
    if (hasTimedOut(sentinel, primary)) abort(sentinel, primary, SENTINEL_EVENT.abortReplicaTimeout);
    return;
  }
  if (!sendReplicaof(sentinel, promoted, null)) return;
  sentinel.event('notice', SENTINEL_EVENT.stateWaitPromotion, promoted);
  enter(sentinel, primary, 'wait-promotion');
};

/** The promoted replica's INFO says that it is a primary: from now on this configuration is the newest. */
export const followUpPromotion = (sentinel: Sentinel, primary: WatchedPrimary, promoted: WatchedReplica): void => {
  primary.configEpoch = primary.failoverEpoch;
  enter(sentinel, primary, 'reconf-replicas');
  sentinel.noteEpochs(primary);
  sentinel.services.saveConfig();
  sentinel.event('warning', SENTINEL_EVENT.promotedReplica, promoted, '', [promoted.infoCause]);
  if (sentinel.crashAfterPromotion) {
    crash(sentinel);
    return;
  }
  sentinel.event('warning', SENTINEL_EVENT.stateReconfReplicas, primary);
  sentinel.noteBelief(primary);
};

/** Points the others to the new primary, `parallel-syncs` at a time. */
const reconfigureReplicas = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const promoted = primary.promoted as WatchedReplica;
  const now = sentinel.nowMs;
  let inProgress = 0;
  for (const { reconf } of primary.replicas.values()) if (reconf === 'sent' || reconf === 'in-progress') inProgress++;
  for (const replica of primary.replicas.values()) {
    if (inProgress >= primary.options.parallelSyncs) break;
    if (replica.isPromoted || replica.reconf === 'done' || replica.hasReconfTimedOut) continue;
    if (replica.reconf === 'sent' && now - replica.reconfSentMs > sentinel.periods.replicaReconf) {
      sentinel.event('notice', SENTINEL_EVENT.reconfSentTimeout, replica);
      mark(sentinel.host, 'sentinelReconfTimedOut');
      // Nobody waits for it any more, but it is told once again.
      replica.hasReconfTimedOut = true;
      replica.reconf = 'none';
    }
    if (replica.reconf !== 'none' || replica.link.isDisconnected) continue;
    if (!sendReplicaof(sentinel, replica, promoted.address)) continue;
    replica.reconf = 'sent';
    replica.reconfSentMs = now;
    sentinel.event('notice', SENTINEL_EVENT.reconfSent, replica);
    inProgress++;
  }
  detectEnd(sentinel, primary, promoted);
};

const detectEnd = (sentinel: Sentinel, primary: WatchedPrimary, promoted: WatchedReplica): void => {
  if (promoted.isSdown) return;
  const waiting = [...primary.replicas.values()]
    .filter((replica) => !replica.isPromoted && replica.reconf !== 'done' && !replica.hasReconfTimedOut && !replica.isSdown);
  const isLate = hasTimedOut(sentinel, primary);
  if (isLate) {
    mark(sentinel.host, 'sentinelFailoverEndedByTimeout');
    sentinel.event('warning', SENTINEL_EVENT.failoverEndForTimeout, primary);
  }
  if (waiting.length === 0 || isLate) {
    sentinel.event('warning', SENTINEL_EVENT.failoverEnd, primary);
    enter(sentinel, primary, 'update-config');
  }
  if (!isLate) return;
  for (const replica of primary.replicas.values()) {
    if (replica.isPromoted || replica.hasReconfTimedOut || replica.link.isDisconnected) continue;
    if (replica.reconf === 'done' || replica.reconf === 'sent') continue;
    if (!sendReplicaof(sentinel, replica, promoted.address)) continue;
    sentinel.event('notice', SENTINEL_EVENT.reconfSentBestEffort, replica);
    replica.reconf = 'sent';
  }
};

/** The end: the name means the promoted replica from now on. */
export const switchToPromoted = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const to = (primary.promoted ?? primary).address;
  const from = primary.address;
  sentinel.plainEvent('warning', SENTINEL_EVENT.switchPrimary, primary,
    `${primary.name} ${sentinel.shown(from)} ${from.port} ${sentinel.shown(to)} ${to.port}`, [primary.promoted?.infoCause ?? primary.infoCause]);
  switchAddress(sentinel, primary, to.hostname, to.port);
};
