/** Invariant: a primary of a cluster gives one vote in each epoch, across restarts too: the vote is saved before it is told. */
import type { Bytes, CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

export class OneClusterVotePerEpoch implements Check {
  readonly name = 'one-cluster-vote-per-epoch';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['vote'];
  private readonly votes: Map<NodeView, Map<number, Bytes>> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'vote') return;
    const votes = this.votes.get(view) ?? new Map<number, Bytes>();
    this.votes.set(view, votes);
    const before = votes.get(note.epoch);
    this.compared++;
    if (before === undefined) votes.set(note.epoch, note.candidate);
    else {
      const whom = before === note.candidate ? `twice for ${short(before)}` : `for ${short(before)} and for ${short(note.candidate)}`;
      this.violations.add(`${view.name} voted in epoch ${note.epoch} ${whom}`, cause);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'votes');
  }
}

const short = (id: Bytes): string => id.slice(0, 8);
