/**
 * Whether the cluster serves, as this node sees it: all slots covered (where that is asked for), and a majority of the primaries
 * reachable. Source: clusterUpdateState in cluster.c of Redis 7.0.
 */
import type { ClusterState } from './clusterState.ts';

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
    let isOk = !settings.flag('cluster-require-full-coverage') || state.owners.every((owner) => owner !== null && !owner.isFail);
    let size = 0;
    let reachable = 0;
    for (const node of state.nodes.values()) {
      if (!node.isVoter) continue;
      size++;
      if (!node.isFail && !node.isPfail) reachable++;
    }
    state.size = size;
    if (reachable < state.neededQuorum) {
      isOk = false;
      this.minorityMs = now;
    }
    if (isOk === state.isOk) return;
    const rejoinMs = Math.min(REJOIN_MS_MAX, Math.max(REJOIN_MS_MIN, state.nodeTimeoutMs));
    if (isOk && myself.isPrimary && now - this.minorityMs < rejoinMs) return;
    host.log('warning', `Cluster state changed: ${isOk ? 'ok' : 'fail'}`);
    state.isOk = isOk;
    host.note({
      kind: 'cluster', event: isOk ? 'ok' : 'down', node: myself.name, detail: `${reachable} of ${size} primaries reachable`,
      epoch: state.currentEpoch, because: [host.cause()],
    });
  }
}
