/**
 * Who owns which slot, by the simulator's knowledge: the node that claimed it itself with the greatest configuration epoch, dead or
 * alive. What plans mean by the primary of a slot.
 */
import { type Note, SLOTS } from '../../engine/index.ts';
import type { ClusterView } from './clusterView.ts';

export class SlotClaims {
  /** Both empty before the first word of slots: most worlds have none. */
  private claims: (ClusterView | null)[] = [];
  private epochs: Float64Array = new Float64Array(0);

  /** A note of the node of `view`, after that was brought up to date. */
  note(view: ClusterView, note: Note): void {
    if (note.kind !== 'slots') return;
    if (this.claims.length === 0) {
      this.claims = new Array<ClusterView | null>(SLOTS).fill(null);
      this.epochs = new Float64Array(SLOTS);
    }
    const isOwn = note.owner !== null && note.owner === view.id;
    for (const slot of note.slots) {
      const known = this.claims[slot] ?? null;
      if (isOwn && (known === null || known === view || note.configEpoch >= (this.epochs[slot] as number))) {
        this.claims[slot] = view;
        this.epochs[slot] = note.configEpoch;
      } else if (!isOwn && note.byCommand && known === view) this.claims[slot] = null;
    }
  }

  owner(slot: number): ClusterView | null {
    return this.claims[slot] ?? null;
  }

  /** Everybody who owns a slot, ordered by name. */
  owners(): readonly ClusterView[] {
    const found = new Set<ClusterView>();
    for (const view of this.claims) if (view !== null) found.add(view);
    return [...found].sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}
