/**
 * From "I hear nothing" to "it has failed": a majority of the primaries must have reported a node within a window.
 * Source: clusterNodeAddFailureReport, markNodeAsFailingIfNeeded, clearNodeFailureIfNeeded in cluster.c of Redis 7.0.
 */
import { mark } from '../core/marks.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { broadcastFail } from './messenger.ts';

/** A report counts for so many node timeouts. */
const REPORT_TIMEOUTS = 2;
/** A primary that still owns its slots so many node timeouts after it failed was not replaced. */
const UNDO_TIMEOUTS = 2;

/** True when the reporter said nothing of it before. */
export const addReport = (state: ClusterState, node: ClusterNode, reporter: ClusterNode): boolean => {
  const isNew = !node.failReports.has(reporter);
  node.failReports.set(reporter, { atMs: state.nowMs, cause: state.services.host.cause() });
  return isNew;
};

export const reportCount = (state: ClusterState, node: ClusterNode): number => {
  if (!node.hasFailReports) return 0;
  const oldest = state.nowMs - state.nodeTimeoutMs * REPORT_TIMEOUTS;
  for (const [reporter, { atMs }] of node.failReports) if (atMs < oldest) node.failReports.delete(reporter);
  return node.failReports.size;
};

/** FAIL, where enough agree; everybody is told. */
export const markFailing = (state: ClusterState, node: ClusterNode): void => {
  if (!node.isPfail || node.isFail) return;
  const reports = reportCount(state, node) + (state.myself.isPrimary ? 1 : 0);
  if (reports < state.neededQuorum) return;
  const { host } = state.services;
  host.log('notice', `Marking node ${node.name} as failing (quorum reached).`);
  setFail(state, node);
  host.note({
    kind: 'cluster', event: 'fail', node: node.name, detail: `${reports} of ${state.size}`, epoch: state.currentEpoch,
    reporters: [...node.failReports.keys()].map(({ name }) => name),
    because: [node.suspectCause, ...[...node.failReports.values()].map(({ cause }) => cause)],
  });
  broadcastFail(state, node);
};

export const setFail = (state: ClusterState, node: ClusterNode): void => {
  node.isFail = true;
  node.isPfail = false;
  node.failMs = state.nowMs;
  node.failCause = state.services.host.cause();
  state.mustUpdate = true;
  state.mustSave = true;
};

/** It answers again over our own link. */
export const clearFail = (state: ClusterState, node: ClusterNode): void => {
  const isReplica = !node.isPrimary;
  const mayClear = isReplica || node.slots.count === 0 || state.nowMs - node.failMs > state.nodeTimeoutMs * UNDO_TIMEOUTS;
  if (!mayClear) return;
  const what = isReplica ? 'replica' : node.slots.count === 0 ? 'master without slots' : 'is reachable again and nobody is serving its slots after some time';
  state.services.host.log('notice', isReplica || node.slots.count === 0
    ? `Clear FAIL state for node ${node.name}: ${what} is reachable again.` : `Clear FAIL state for node ${node.name}: ${what}.`);
  node.isFail = false;
  if (!isReplica && node.slots.count > 0) mark(state.services.host, 'clusterFailUndone');
  state.services.host.note({
    kind: 'cluster', event: 'recovered', node: node.name, detail: '', epoch: state.currentEpoch, because: [state.services.host.cause()],
  });
  state.mustUpdate = true;
  state.mustSave = true;
};
