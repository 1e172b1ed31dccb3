/** Invariant: in each epoch of a cluster at most one replica is elected, of whatever primary. */
import type { CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

export class OneElectedPerEpoch implements Check {
  readonly name = 'one-elected-per-epoch';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['leader'];
  private readonly elected: Map<number, NodeView> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'leader' || note.isForced) return;
    const before = this.elected.get(note.epoch);
    this.compared++;
    if (before === undefined) this.elected.set(note.epoch, view);
    else this.violations.add(`${before.name} and ${view.name} were both elected in epoch ${note.epoch}`, cause);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'elections');
  }
}
