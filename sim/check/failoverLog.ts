/** Every failover that a sentinel began, and how it went: for the report. */
import { type Bytes, type CauseId, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import type { FailoverReport } from '../report.ts';
import type { CauseRecords } from './causeRecord.ts';
import { explain } from './explain.ts';
import type { SentinelView } from './sentinelView.ts';

const MICROS_PER_MS = 1000;

interface Attempt {
  readonly name: Bytes;
  readonly sentinel: string;
  readonly at: number;
  readonly event: CauseId;
  epoch: number | null;
  chosen: Bytes | null;
  switchedAt: number | null;
  outcome: string;
}

const ABORTS: readonly string[] = [
  SENTINEL_EVENT.abortNotElected, SENTINEL_EVENT.abortNoGoodReplica, SENTINEL_EVENT.abortReplicaTimeout];
const UNFINISHED = 'unfinished';

export class FailoverLog {
  private readonly attempts: Attempt[] = [];

  /** `event` is the note's record. */
  note(view: SentinelView, note: Note, event: CauseId, at: number): void {
    if (note.kind === 'sentinel' && note.name !== null) this.event(view, note.name, note.event, event, at);
    else if (note.kind === 'leader') {
      const attempt = this.open(view, note.name);
      if (attempt !== undefined) attempt.epoch = note.epoch;
    } else if (note.kind === 'selected') {
      const attempt = this.open(view, note.name);
      if (attempt !== undefined) attempt.chosen = note.replica;
    } else if (note.kind === 'belief' && note.name !== undefined) this.believed(view, note.name, note.primary, at);
  }

  /** The sentinel's process ended, and its failovers with it. */
  ended(view: SentinelView): void {
    for (const attempt of this.attempts) {
      if (attempt.sentinel === view.name && attempt.outcome === UNFINISHED) attempt.outcome = 'its sentinel ended';
    }
  }

  report(records: CauseRecords): FailoverReport[] {
    return this.attempts.map(({ name, sentinel, at, event, epoch, chosen, switchedAt, outcome }) => ({
      name, sentinel, atMs: at / MICROS_PER_MS, event, epoch, chosen,
      switchedMs: switchedAt === null ? null : switchedAt / MICROS_PER_MS, outcome, because: explain(records, event),
    }));
  }

  private event(view: SentinelView, name: Bytes, kind: string, event: CauseId, at: number): void {
    if (kind === SENTINEL_EVENT.tryFailover) {
      this.attempts.push({
        name, sentinel: view.name, at, event, epoch: null, chosen: null, switchedAt: null, outcome: UNFINISHED,
      });
      return;
    }
    const attempt = ABORTS.includes(kind) ? this.open(view, name) : undefined;
    if (attempt !== undefined) attempt.outcome = kind;
  }

  private believed(view: SentinelView, name: Bytes, primary: Bytes | null, at: number): void {
    const attempt = this.open(view, name);
    if (attempt === undefined) return;
    if (attempt.chosen !== null && primary === attempt.chosen) {
      attempt.switchedAt = at;
      attempt.outcome = 'switched';
    } else attempt.outcome = 'overtaken';
  }

  private open(view: SentinelView, name: Bytes): Attempt | undefined {
    return this.attempts.findLast(
      (attempt) => attempt.sentinel === view.name && attempt.name === name && attempt.outcome === UNFINISHED);
  }
}
