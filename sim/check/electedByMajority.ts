/**
 * Invariant: a replica of a cluster takes its primary's place by election only with the votes of a majority of the primaries that it
 * knows: both by its own count, and by what the voters themselves noted.
 *
 * A takeover by hand asks nobody: its `leader` note says that it is forced.
 */
import type { CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

export class ElectedByMajority implements Check {
  readonly name = 'elected-by-majority';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['vote', 'leader'];
  /** By `epoch candidate`: who voted. */
  private readonly voters: Map<string, Set<string>> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind === 'vote') {
      const ballot = `${note.epoch} ${note.candidate}`;
      const voters = this.voters.get(ballot) ?? new Set<string>();
      voters.add(note.voter);
      this.voters.set(ballot, voters);
    } else if (note.kind === 'leader' && !note.isForced) {
      this.compared++;
      const given = this.voters.get(`${note.epoch} ${note.leader}`)?.size ?? 0;
      const needed = Math.floor(note.known / 2) + 1;
      if (note.votes >= needed && given >= needed) return;
      this.violations.add(`${view.name} took over in epoch ${note.epoch} with ${note.votes} votes, of which ${given} were given; `
        + `${needed} of ${note.known} are needed`, cause);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'elections in a cluster');
  }
}
