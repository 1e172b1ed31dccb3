/** Liveness: in the end no two living primaries with slots have the same configuration epoch; collisions were resolved. */
import type { Check, CheckResult } from './check.ts';
import type { ClusterView } from './clusterView.ts';

export class ConfigEpochsUnique implements Check {
  readonly name = 'config-epochs-unique';
  readonly isSafety = false;
  private readonly views: readonly ClusterView[];

  constructor(views: readonly ClusterView[]) {
    this.views = views;
  }

  finish(): CheckResult {
    const owners = this.views.filter((view) => view.isAlive && view.node.role === 'primary' && view.ownsSlots);
    if (owners.length < 2) return { verdict: 'not exercised', detail: 'fewer than two living primaries have slots', comparisons: 0 };
    const known = new Map<number, ClusterView>();
    for (const view of owners) {
      const other = known.get(view.configEpoch);
      if (other !== undefined) {
        return { verdict: 'violated', detail: `${other.name} and ${view.name} both have configuration epoch ${view.configEpoch}` };
      }
      known.set(view.configEpoch, view);
    }
    return { verdict: 'holds', detail: `${owners.length} primaries, each with an epoch of its own`, comparisons: owners.length };
  }
}
