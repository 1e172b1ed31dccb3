/**
 * CLUSTER FAILOVER: the primary pauses its clients, the replica catches up, and asks for votes that are given although the
 * primary lives.
 * Source: resetManualFailover, manualFailoverCheckTimeout, clusterHandleManualFailover in cluster.c of Redis 7.0.
 */
import { mark } from '../core/marks.ts';
import type { BusLink } from './busLink.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { sendManualFailoverStart, sendPing } from './messenger.ts';

export const MANUAL_FAILOVER_MS = 5000;
/** Clients are paused for longer than the failover may take. */
const PAUSE_TIMES = 2;

export const resetManualFailover = (state: ClusterState): void => {
  if ((state.manualFailover?.replica ?? null) !== null) state.services.pauseWrites(null);
  state.manualFailover = null;
};

/** On a replica, by command. `isForced`: without the primary, which may be gone. */
export const startManualFailover = (state: ClusterState, isForced: boolean): void => {
  resetManualFailover(state);
  const { host } = state.services;
  state.manualFailover = {
    endMs: state.nowMs + MANUAL_FAILOVER_MS, replica: null, primaryOffset: -1, canStart: isForced, cause: host.cause(),
  };
  if (isForced) {
    host.log('warning', 'Forced failover user request accepted.');
    state.mustHandleManualFailover = true;
    return;
  }
  host.log('warning', 'Manual failover user request accepted.');
  if (state.myself.primary !== null) sendManualFailoverStart(state, state.myself.primary);
};

/** On the primary, by a message of its replica. */
export const acceptManualFailover = (state: ClusterState, replica: ClusterNode, link: BusLink): void => {
  resetManualFailover(state);
  const now = state.nowMs;
  state.manualFailover = {
    endMs: now + MANUAL_FAILOVER_MS, replica, primaryOffset: -1, canStart: false, cause: state.services.host.cause(),
  };
  state.services.pauseWrites(now + MANUAL_FAILOVER_MS * PAUSE_TIMES);
  state.services.host.log('warning', `Manual failover requested by replica ${replica.name}.`);
  // Over the replica's own link: ours may be down, and the offset must get there.
  sendPing(state, link, 'ping');
};

export const checkManualFailoverTimeout = (state: ClusterState): void => {
  if (state.manualFailover === null || state.manualFailover.endMs >= state.nowMs) return;
  state.services.host.log('warning', 'Manual failover timed out.');
  mark(state.services.host, 'clusterManualFailoverTimedOut');
  resetManualFailover(state);
};

/** On the replica: once it has all that the paused primary had, the election may start. */
export const handleManualFailover = (state: ClusterState): void => {
  const failover = state.manualFailover;
  state.mustHandleManualFailover = false;
  if (failover === null || failover.canStart || failover.primaryOffset === -1) return;
  if (failover.primaryOffset !== state.services.offset()) return;
  failover.canStart = true;
  mark(state.services.host, 'clusterManualFailoverReady');
  state.mustHandleFailover = true;
  state.services.host.log('warning', 'All master replication stream processed, manual failover can start.');
};
