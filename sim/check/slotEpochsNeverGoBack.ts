/**
 * Invariant: within one life of a process the configuration epoch under which it holds a slot's owner never goes back. Only an
 * operator (SETSLOT and the like ask no epoch) may put a slot where it was before; a slot that nobody owned starts anew.
 *
 * What a note tells is the owner's epoch at that time; it may have grown since, so what is compared is a lower bound, and a
 * violation is one for certain.
 * Source: clusterUpdateSlotsConfigWith in cluster.c of Redis 7.0.
 */
import { type CauseId, type Note, SLOTS } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

/** Stands for a slot without an owner: any epoch is greater. */
const UNOWNED = -1;

export class SlotEpochsNeverGoBack implements Check {
  readonly name = 'slot-epochs-never-go-back';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['slots'];
  /** Of each living node: the epoch of each slot's owner. */
  private readonly epochs: Map<NodeView, Float64Array> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'slots') return;
    let epochs = this.epochs.get(view);
    if (epochs === undefined) this.epochs.set(view, epochs = new Float64Array(SLOTS).fill(UNOWNED));
    const epoch = note.owner === null ? UNOWNED : note.configEpoch;
    let gone: number | null = null;
    for (const slot of note.slots) {
      const known = epochs[slot] as number;
      if (known !== UNOWNED && epoch !== UNOWNED) {
        this.compared++;
        if (epoch < known && !note.byCommand) gone ??= slot;
      }
      if (gone === slot) {
        this.violations.add(`${view.name} holds ${note.owner?.slice(0, 8) ?? 'nobody'} to own slot ${slot} with epoch ${epoch}, `
          + `and held an owner with epoch ${known} before`, cause);
      }
      epochs[slot] = epoch;
    }
  }

  /** nodes.conf may be older than what the process knew. */
  ended(view: NodeView): void {
    this.epochs.delete(view);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'slots that changed their owners');
  }
}
