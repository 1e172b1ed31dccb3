/**
 * Invariant: a sentinel gives one vote in each epoch for each primary, across restarts too: the vote is saved before it is
 * told. A primary that is removed and watched anew is another one.
 */
import { type Bytes, type CauseId, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { SentinelView } from './sentinelView.ts';

export class OneVotePerEpoch implements Check {
  readonly name = 'one-vote-per-epoch';
  readonly isSafety = true;
  private readonly votes: Map<SentinelView, Map<Bytes, Map<number, Bytes>>> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind === 'sentinel' && note.event === SENTINEL_EVENT.unmonitor && note.name !== null) {
      this.votes.get(view)?.delete(note.name);
    }
    if (note.kind !== 'vote') return;
    const names = this.votes.get(view) ?? new Map<Bytes, Map<number, Bytes>>();
    this.votes.set(view, names);
    const epochs = names.get(note.name) ?? new Map<number, Bytes>();
    names.set(note.name, epochs);
    const before = epochs.get(note.epoch);
    this.compared++;
    if (before === undefined) epochs.set(note.epoch, note.candidate);
    else if (before !== note.candidate) {
      this.violations.add(
        `${view.name} voted in epoch ${note.epoch} of ${note.name} for ${short(before)} and for ${short(note.candidate)}`, cause);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'votes');
  }
}

const short = (id: Bytes): string => id.slice(0, 8);
