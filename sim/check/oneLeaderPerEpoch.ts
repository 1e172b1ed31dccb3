/**
 * Invariant: in each epoch at most one sentinel is elected to lead a failover of a primary. A failover that an operator forces
 * needs no election, so it is not judged.
 */
import type { Bytes, CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { SentinelView } from './sentinelView.ts';

export class OneLeaderPerEpoch implements Check {
  readonly name = 'one-leader-per-epoch';
  readonly isSafety = true;
  private readonly leaders: Map<Bytes, Map<number, SentinelView>> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind !== 'leader' || note.isForced) return;
    const epochs = this.leaders.get(note.name) ?? new Map<number, SentinelView>();
    this.leaders.set(note.name, epochs);
    const before = epochs.get(note.epoch);
    this.compared++;
    if (before === undefined) epochs.set(note.epoch, view);
    else if (before !== view) {
      this.violations.add(`${before.name} and ${view.name} were both elected in epoch ${note.epoch} of ${note.name}`, cause);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'elections');
  }
}
