/**
 * Liveness: in the end all living nodes have the same map, every slot has an owner in it, and each owner lives, holds itself to be
 * a primary and to own the slot.
 */
import { SLOTS } from '../../engine/index.ts';
import type { Check, CheckResult } from './check.ts';
import { type ClusterView, clusterNodeCalled } from './clusterView.ts';

export class SlotMapsAgree implements Check {
  readonly name = 'slot-maps-agree';
  readonly isSafety = false;
  private readonly views: readonly ClusterView[];

  constructor(views: readonly ClusterView[]) {
    this.views = views;
  }

  finish(): CheckResult {
    // A node without a map is in no cluster: it was not added yet, or has been removed.
    const living = this.views.filter((view) => view.isAlive && view.slotOwners.size > 0);
    const [first] = living;
    if (first === undefined || living.length < 2) return { verdict: 'not exercised', detail: 'fewer than two nodes live', comparisons: 0 };
    for (const view of living) {
      const slot = firstDifference(view, first);
      if (slot !== null) {
        return { verdict: 'violated', detail: `${view.name} holds ${this.named(view, slot)} to own slot ${slot}, ${first.name} holds ${this.named(first, slot)}` };
      }
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      if (slot > 0 && first.owners[slot] === first.owners[slot - 1]) continue;
      const owner = clusterNodeCalled(this.views, first.owners[slot] ?? null);
      if (owner === null) return { verdict: 'violated', detail: `nobody owns slot ${slot}` };
      if (!owner.isAlive || owner.node.role !== 'primary') {
        return { verdict: 'violated', detail: `slot ${slot} belongs to ${owner.name}, which ${owner.isAlive ? 'is a replica' : 'is dead'}` };
      }
    }
    return { verdict: 'holds', detail: `${living.length} nodes have the same map, all slots are owned`, comparisons: living.length };
  }

  private named(view: ClusterView, slot: number): string {
    const id = view.owners[slot] ?? null;
    return clusterNodeCalled(this.views, id)?.name ?? id?.slice(0, 8) ?? 'nobody';
  }
}

const firstDifference = (left: ClusterView, right: ClusterView): number | null => {
  for (let slot = 0; slot < SLOTS; slot++) if (left.owners[slot] !== right.owners[slot]) return slot;
  return null;
};
