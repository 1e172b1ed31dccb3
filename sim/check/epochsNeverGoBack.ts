/**
 * Invariant: a sentinel's current epoch never goes back, nor does the epoch of the configuration that it holds of a primary;
 * across restarts too, since both are saved before anything rests on them. The one exception is Redis's own: the epoch that a
 * failover begins with is saved with the first vote in it, so a sentinel that dies before (in TILT it does not vote) forgets it.
 * Source: sentinelStartFailover and sentinelVoteLeader in sentinel.c of Redis 7.0.
 */
import { type Bytes, type CauseId, type EpochNote, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { SentinelView } from './sentinelView.ts';

/** The greatest that one sentinel ever had. */
interface Epochs {
  /** Which start of its process spoke last. */
  start: number;
  current: number;
  /** What a restart must find; and the same before the last epoch was entered. */
  saved: number;
  savedBefore: number;
  readonly config: Map<Bytes, number>;
}

export class EpochsNeverGoBack implements Check {
  readonly name = 'epochs-never-go-back';
  readonly isSafety = true;
  private readonly epochs: Map<SentinelView, Epochs> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind === 'sentinel' && note.event === SENTINEL_EVENT.unmonitor && note.name !== null) {
      this.epochs.get(view)?.config.delete(note.name);
    }
    const known = this.of(view);
    if (note.kind === 'sentinel' && note.event === SENTINEL_EVENT.tryFailover) known.saved = known.savedBefore;
    else if (note.kind === 'vote') known.saved = Math.max(known.saved, note.epoch);
    else if (note.kind === 'epoch') this.entered(view, known, note, cause);
  }

  private entered(view: SentinelView, known: Epochs, note: EpochNote, cause: CauseId): void {
    const config = known.config.get(note.name) ?? 0;
    this.compared++;
    if (note.current < known.current) {
      this.violations.add(`${view.name} went back from epoch ${known.current} to ${note.current}`, cause);
    }
    if (note.config < config) {
      this.violations.add(`${view.name} went back from the configuration of epoch ${config} to that of ${note.config}`
        + ` for ${note.name}`, cause);
    }
    if (note.current > known.current) {
      known.savedBefore = known.saved;
      known.saved = note.current;
      known.current = note.current;
    }
    known.config.set(note.name, Math.max(config, note.config));
  }

  /** What is known of it; after a restart what was not saved is forgotten. */
  private of(view: SentinelView): Epochs {
    const { starts } = view.process;
    const known = this.epochs.get(view)
      ?? { start: starts, current: 0, saved: 0, savedBefore: 0, config: new Map<Bytes, number>() };
    if (known.start !== starts) {
      known.start = starts;
      known.current = known.saved;
    }
    this.epochs.set(view, known);
    return known;
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'epochs');
  }
}
