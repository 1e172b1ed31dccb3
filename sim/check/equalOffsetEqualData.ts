/**
 * Invariant: two nodes at the same replication ID and offset hold the same data, by digest. A node that gives its history a
 * new name at some place has the data of that place.
 */
import type { Bytes, CauseId, HistoryNote, Note, StreamNote } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

/** Places of one history whose digests are kept: at least so many of the last. What is older counts as not known. */
const KEPT_PLACES_MIN = 262_144;

/** Digests along one history, in the order of offsets. */
class Digests {
  private offsets: number[] = [];
  private lo: number[] = [];
  private hi: number[] = [];

  /** The last digest at an offset counts: what comes behind it at the same place replaced it. */
  add(offset: number, lo: number, hi: number): void {
    const last = this.offsets.length - 1;
    if (last >= 0 && this.offsets[last] === offset) {
      this.lo[last] = lo;
      this.hi[last] = hi;
      return;
    }
    if (last >= 0 && (this.offsets[last] as number) > offset) return;
    this.offsets.push(offset);
    this.lo.push(lo);
    this.hi.push(hi);
    if (this.offsets.length >= KEPT_PLACES_MIN * 2) this.forgetOld();
  }

  private forgetOld(): void {
    this.offsets = this.offsets.slice(-KEPT_PLACES_MIN);
    this.lo = this.lo.slice(-KEPT_PLACES_MIN);
    this.hi = this.hi.slice(-KEPT_PLACES_MIN);
  }

  /** Whether the digest at `offset` is another; null when none is known there. */
  differs(offset: number, lo: number, hi: number): boolean | null {
    let low = 0;
    let high = this.offsets.length - 1;
    // Who follows closely stands at the end, or just before it.
    if (high >= 2 && (this.offsets[high - 2] as number) < offset) low = high - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    if (this.offsets[low] !== offset) return null;
    return this.lo[low] !== lo || this.hi[low] !== hi;
  }
}

/** The history is another node's: by synchronisation, or loaded from a snapshot that goes on under its own ID. */
const takesOver = (note: HistoryNote): boolean =>
  note.reason === 'full-sync' || note.reason === 'partial-sync' || note.parent === note.id;

/** Reasons to go on with the same data under a new ID. (A primary that loads a snapshot leaves out what has expired.) */
const RENAMES: readonly HistoryNote['reason'][] = ['promotion', 'newBacklog', 'backlogExpired'];

export class EqualOffsetEqualData implements Check {
  readonly name = 'equal-offset-equal-data';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['stream', 'history'];
  private readonly histories: Map<Bytes, Digests> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind !== 'stream' && note.kind !== 'history') return;
    const leads = note.kind === 'stream' ? note.role === 'primary' : !takesOver(note);
    let digests = this.histories.get(note.id);
    if (leads) {
      if (note.kind === 'history' && RENAMES.includes(note.reason) && note.parent !== null) {
        this.compare(view, note, this.histories.get(note.parent), note.parent, note.parentOffset, cause);
      }
      if (digests === undefined) {
        digests = new Digests();
        this.histories.set(note.id, digests);
      }
      digests.add(note.offset, note.digestLo, note.digestHi);
      return;
    }
    this.compare(view, note, digests, note.id, note.offset, cause);
  }

  private compare(
    view: NodeView, note: HistoryNote | StreamNote, digests: Digests | undefined, id: Bytes, offset: number, cause: CauseId,
  ): void {
    const differs = digests?.differs(offset, note.digestLo, note.digestHi) ?? null;
    if (differs === null) return;
    this.compared++;
    if (differs) {
      this.violations.add(`${view.name} holds other data than its primary did at ${id.slice(0, 8)}:${offset}`, cause);
    }
  }

  /** Whether the data at a place were other than these; null when nobody said what they were. */
  differs(id: Bytes, offset: number, lo: number, hi: number): boolean | null {
    return this.histories.get(id)?.differs(offset, lo, hi) ?? null;
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'data sets compared at equal offsets');
  }
}
