/**
 * Invariant: in one configuration epoch a slot has one owner, whoever tells of it. Epoch 0 is none: nobody was elected in it, and
 * nobody set it.
 */
import { type Bytes, type CauseId, type Note, SLOTS } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

export class OneOwnerPerSlotEpoch implements Check {
  readonly name = 'one-owner-per-slot-and-epoch';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['slots'];
  /** By epoch, then by slot. */
  private readonly owners: Map<number, (Bytes | undefined)[]> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'slots' || note.owner === null || note.configEpoch === 0) return;
    const { owner, configEpoch } = note;
    const owners = this.owners.get(configEpoch) ?? new Array<Bytes | undefined>(SLOTS).fill(undefined);
    this.owners.set(configEpoch, owners);
    let other: number | null = null;
    for (const slot of note.slots) {
      const known = owners[slot];
      if (known === undefined) owners[slot] = owner;
      else if (known !== owner) other ??= slot;
    }
    if (other !== null) {
      this.violations.add(
        `${view.name} holds ${short(owner)} to own slot ${other} in epoch ${configEpoch}, in which ${short(owners[other] as Bytes)} did`,
        cause);
    }
    this.compared++;
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'changes of the slot map');
  }
}

const short = (id: Bytes): string => id.slice(0, 8);
