/**
 * Whether the cluster serves, as this node sees it: all slots covered (where that is asked for), and a majority of the primaries
 * reachable. Source: clusterUpdateState in cluster.c of Redis 7.0.
 */
import { mark } from '../core/marks.ts';
import type { ClusterState } from './clusterState.ts';
import { SLOTS } from './slots.ts';

/** A primary that has just started gives the others time to say that it was replaced. */
const WRITABLE_DELAY_MS = 2000;
const REJOIN_MS_MIN = 500;
const REJOIN_MS_MAX = 5000;

export class Health {
  private firstCallMs = 0;
  private minorityMs = 0;

  update(state: ClusterState): void {
    const { myself, services: { host, settings } } = state;
    const now = state.nowMs;
    state.mustUpdate = false;
    if (this.firstCallMs === 0) this.firstCallMs = now;
    if (myself.isPrimary && !state.isOk && now - this.firstCallMs < WRITABLE_DELAY_MS) {
      state.mustUpdate = true;
      return;
    }
    let size = 0;
    let reachable = 0;
    let served = 0;
    const causes = [host.cause()];
    for (const node of state.allNodes) {
      // Whoever owns slots counts for them, a primary or not; a node that fails serves none.
      if (!node.isFail) served += node.slots.count;
      if (!node.isVoter) continue;
      size++;
      if (!node.isFail && !node.isPfail) reachable++;
      else causes.push(node.isFail ? node.failCause : node.suspectCause);
    }
    state.size = size;
    let isOk = served === SLOTS || !settings.flag('cluster-require-full-coverage');
    if (reachable < state.neededQuorum) {
      if (state.isOk) mark(host, 'clusterMinority');
      isOk = false;
      this.minorityMs = now;
    }
    if (isOk === state.isOk) return;
    const rejoinMs = Math.min(REJOIN_MS_MAX, Math.max(REJOIN_MS_MIN, state.nodeTimeoutMs));
    if (isOk && myself.isPrimary && now - this.minorityMs < rejoinMs) {
      mark(host, 'clusterRejoinDelayed');
      return;
    }
    host.log('warning', `Cluster state changed: ${isOk ? 'ok' : 'fail'}`);
    state.isOk = isOk;
    host.note({
      kind: 'cluster', event: isOk ? 'ok' : 'down', node: myself.name, detail: `${reachable} of ${size} primaries reachable`,
      epoch: state.currentEpoch, because: isOk ? [host.cause()] : causes,
    });
  }
}
