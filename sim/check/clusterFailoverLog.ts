/**
 * Every failover of a cluster that a replica began, and how it went: since when its primary was silent, who voted, which slots it
 * got, when it served them. For the report.
 */
import { type Bytes, CLUSTER_BY_HAND, type CauseId, type ClusterNote, type Note, type SlotsNote } from '../../engine/index.ts';
import type { ClusterFailoverReport } from '../report.ts';
import type { CauseRecords } from './causeRecord.ts';
import type { ClusterView } from './clusterView.ts';
import { explain } from './explain.ts';

const MICROS_PER_MS = 1000;
const UNFINISHED = 'unfinished';
const SERVES = 'serves';

interface Attempt {
  readonly view: ClusterView;
  readonly primary: Bytes;
  readonly at: number;
  readonly event: CauseId;
  readonly epoch: number;
  readonly isByHand: boolean;
  /** When its primary was first found to be silent, and to have failed, in this trouble of it. */
  readonly silentAt: number | null;
  readonly failedAt: number | null;
  votes: ClusterFailoverReport['votes'];
  slots: readonly number[];
  servesAt: number | null;
  outcome: string;
}

/** When each node began to hold which other for silent, or failed. */
type Since = Map<Bytes, Map<ClusterView, number>>;

export class ClusterFailoverLog {
  private readonly attempts: Attempt[] = [];
  private readonly silent: Since = new Map();
  private readonly failed: Since = new Map();

  /** `event` is the note's record. */
  note(view: ClusterView, note: Note, event: CauseId, at: number): void {
    switch (note.kind) {
      case 'cluster':
        if (note.event === 'election') this.began(view, note.node, note.epoch, note.detail === CLUSTER_BY_HAND, event, at);
        else this.heard(view, note, at);
        break;
      case 'leader':
        if (note.isForced) this.began(view, note.name, note.epoch, true, event, at);
        else this.elected(view, { given: note.votes, needed: note.quorum, primaries: note.known });
        break;
      case 'slots':
        this.took(view, note, at);
        break;
      default:
    }
  }

  /** The node's process ended, and what it had begun. */
  ended(view: ClusterView): void {
    for (const since of [this.silent, this.failed]) for (const holders of since.values()) holders.delete(view);
    const attempt = this.open(view);
    if (attempt !== undefined) attempt.outcome = 'its node ended';
  }

  /** `called` gives the process of a node's name in the cluster. */
  report(records: CauseRecords, called: (id: Bytes) => string): ClusterFailoverReport[] {
    return this.attempts.map(({ view, primary, at, event, epoch, isByHand, silentAt, failedAt, votes, slots, servesAt, outcome }) => ({
      name: called(primary), replica: view.name, atMs: at / MICROS_PER_MS, event, epoch, isByHand, votes, slots: rangesOf(slots),
      silentMs: inMs(silentAt), failedMs: inMs(failedAt), switchedMs: inMs(servesAt),
      gapMs: silentAt === null || servesAt === null ? null : (servesAt - silentAt) / MICROS_PER_MS,
      outcome, because: explain(records, event),
    }));
  }

  private began(view: ClusterView, primary: Bytes, epoch: number, isByHand: boolean, event: CauseId, at: number): void {
    const before = this.open(view);
    if (before !== undefined) before.outcome = 'not elected';
    this.attempts.push({
      view, primary, at, event, epoch, isByHand, silentAt: earliest(this.silent, primary), failedAt: earliest(this.failed, primary),
      votes: null, slots: [], servesAt: null, outcome: UNFINISHED,
    });
  }

  private elected(view: ClusterView, votes: NonNullable<ClusterFailoverReport['votes']>): void {
    const attempt = this.open(view);
    if (attempt !== undefined) attempt.votes = votes;
  }

  /** A node that holds itself to own slots has taken them over; others of the same primary came too late. */
  private took(view: ClusterView, { owner, slots, byCommand }: SlotsNote, at: number): void {
    const attempt = owner === view.id && !byCommand ? this.open(view) : undefined;
    if (attempt === undefined) return;
    attempt.slots = slots;
    attempt.servesAt = at;
    attempt.outcome = SERVES;
    for (const other of this.attempts) {
      if (other.primary === attempt.primary && other.outcome === UNFINISHED) other.outcome = 'overtaken';
    }
  }

  private heard(view: ClusterView, { event, node }: ClusterNote, at: number): void {
    if (event === 'pfail') put(this.silent, node, view, at);
    else if (event === 'fail' || event === 'told') put(this.failed, node, view, at);
    else if (event === 'recovered') {
      this.silent.get(node)?.delete(view);
      this.failed.get(node)?.delete(view);
    }
  }

  private open(view: ClusterView): Attempt | undefined {
    return this.attempts.findLast((attempt) => attempt.view === view && attempt.outcome === UNFINISHED);
  }
}

const put = (since: Since, node: Bytes, view: ClusterView, at: number): void => {
  const known = since.get(node);
  if (known === undefined) since.set(node, new Map([[view, at]]));
  else known.set(view, at);
};

const earliest = (since: Since, node: Bytes): number | null => {
  const times = [...since.get(node)?.values() ?? []];
  return times.length === 0 ? null : Math.min(...times);
};

const inMs = (at: number | null): number | null => (at === null ? null : at / MICROS_PER_MS);

/** Neighbours together, ends included. */
const rangesOf = (slots: readonly number[]): readonly (readonly [number, number])[] => {
  const ranges: [number, number][] = [];
  for (const slot of [...slots].sort((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === slot - 1) last[1] = slot;
    else ranges.push([slot, slot]);
  }
  return ranges;
};
