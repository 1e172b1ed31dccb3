/** Invariant: a replica whose priority is 0, as the sentinel knows it, is never promoted. */
import type { CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { SentinelView } from './sentinelView.ts';

export class PriorityZero implements Check {
  readonly name = 'priority-zero-never-promoted';
  readonly isSafety = true;
  private readonly violations: Violations = new Violations();
  private compared = 0;

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind !== 'selected') return;
    this.compared++;
    if (note.priority === 0) this.violations.add(`${view.name} chose ${note.replica}, whose priority is 0`, cause);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'replicas chosen for promotion');
  }
}
