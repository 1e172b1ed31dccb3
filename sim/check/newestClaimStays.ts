/**
 * Invariant: whoever held itself to own a slot with a configuration epoch keeps it unless somebody comes with a greater one. At the
 * end no living node holds a slot to belong to an owner whose epoch is smaller than one with which the slot was ever claimed.
 */
import { type Bytes, type CauseId, type Note, SLOTS } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import { type ClusterView, clusterNodeCalled } from './clusterView.ts';
import type { NodeView } from './nodeView.ts';

interface Claim {
  readonly view: ClusterView;
  readonly epoch: number;
  readonly event: CauseId;
}

export class NewestClaimStays implements Check {
  readonly name = 'newest-claim-stays';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['slots'];
  private readonly views: readonly ClusterView[];
  /** The newest of each slot. */
  private readonly claims: (Claim | undefined)[] = new Array<Claim | undefined>(SLOTS).fill(undefined);

  constructor(views: readonly ClusterView[]) {
    this.views = views;
  }

  note(node: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'slots' || note.owner === null) return;
    const view = this.views.find((one) => one.node === node);
    if (view === undefined || view.id !== note.owner) return;
    const claim: Claim = { view, epoch: note.configEpoch, event: cause };
    for (const slot of note.slots) if (note.configEpoch > (this.claims[slot]?.epoch ?? 0)) this.claims[slot] = claim;
  }

  finish(): CheckResult {
    const violations = new Violations();
    let compared = 0;
    for (const view of this.views.filter((one) => one.isAlive)) {
      compared++;
      // Neighbours mostly have one owner: it is looked for once.
      let id: Bytes | null = null;
      let owner: ClusterView | null = null;
      for (let slot = 0; slot < SLOTS; slot++) {
        const claim = this.claims[slot];
        if ((view.owners[slot] ?? null) !== id) {
          id = view.owners[slot] ?? null;
          owner = clusterNodeCalled(this.views, id);
        }
        if (claim === undefined || owner === null || owner.configEpoch >= claim.epoch) continue;
        violations.add(`${view.name} holds ${owner.name} to own slot ${slot} with epoch ${owner.configEpoch}, `
          + `but ${claim.view.name} had claimed it with epoch ${claim.epoch}`, claim.event);
        break;
      }
    }
    return violations.result(compared, 'slot maps at the end');
  }
}
