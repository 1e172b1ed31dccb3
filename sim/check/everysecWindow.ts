/**
 * Invariant: with `appendfsync everysec` a power loss takes no write that was acknowledged longer ago than the window.
 *
 * The window is two seconds (a sync begins when the second changes, at one of ten ticks a second, and may find another one
 * running) and four times the longest sync of that disk: the one that ran, the one that was to cover the write, and two that
 * hold the process when a rewrite begins and its manifest is written. Nodes that were stopped or slowed are not judged, nor
 * machines whose clock was wrong (the seconds are its own), nor disks that lie; and while a write fails, Redis makes no sync of what was written before.
 */
import type { Bytes, CauseId, Note } from '../../engine/index.ts';
import type { History, Operation } from '../client/history.ts';
import type { ProcessEnd } from '../node/simProcess.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { Ledger, WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';

export const EVERYSEC_WINDOW_MICROS = 2_000_000;
const SYNCS_IN_WINDOW = 4;

interface Waiting {
  /** Acknowledged and not known to be on the disk, oldest first from `head` on. */
  writes: { readonly write: WriteRecord; readonly at: number }[];
  syncedId: Bytes | null;
  syncedOffset: number;
}

export class EverysecWindow implements Check {
  readonly name = 'everysec-window';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['logged'];
  private readonly ledger: Ledger;
  private readonly tree: HistoryTree;
  private readonly now: () => number;
  private readonly waiting: Map<NodeView, Waiting> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(history: History, ledger: Ledger, tree: HistoryTree, now: () => number) {
    this.ledger = ledger;
    this.tree = tree;
    this.now = now;
    history.onCompleted((operation) => this.acknowledged(operation));
  }

  note(view: NodeView, note: Note, _cause: CauseId): void {
    if (note.kind !== 'logged') return;
    if (note.state === 'stopped' || note.state === 'failed' || note.policy !== 'everysec' || note.isSuspended) {
      this.waiting.delete(view);
      return;
    }
    const waiting = this.waiting.get(view);
    if (note.state !== 'synced') {
      if (waiting === undefined) this.waiting.set(view, { writes: [], syncedId: null, syncedOffset: 0 });
      return;
    }
    if (waiting === undefined) return;
    waiting.syncedId = note.id;
    waiting.syncedOffset = note.offset;
    waiting.writes = waiting.writes.filter(({ write }) => !this.isSynced(waiting, write));
  }

  ended(view: NodeView, end: ProcessEnd): void {
    const waiting = this.waiting.get(view);
    this.waiting.delete(view);
    const { machine, wasHindered } = view.process;
    if (waiting === undefined || end.kind !== 'power' || wasHindered || machine.clockWasWrong || machine.disk.trouble.lied
      || machine.disk.trouble.failedSync) return;
    this.compared++;
    const window = EVERYSEC_WINDOW_MICROS + SYNCS_IN_WINDOW * machine.disk.slowestSyncMicros();
    const oldest = waiting.writes[0];
    if (oldest === undefined || this.now() - oldest.at <= window) return;
    const ageMs = Math.floor((this.now() - oldest.at) / 1000);
    this.violations.add(`${view.name} lost power ${ageMs} ms after it had acknowledged ${oldest.write.id.slice(0, 8)}:`
      + `${oldest.write.offset}, which was not synced; the window is ${Math.floor(window / 1000)} ms`, oldest.write.executedIn);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'power losses under everysec');
  }

  private acknowledged(operation: Operation): void {
    const write = operation.outcome === 'ok' ? this.ledger.write(operation) : undefined;
    const waiting = write === undefined ? undefined : this.waiting.get(write.executedBy);
    if (write === undefined || waiting === undefined || this.isSynced(waiting, write)) return;
    waiting.writes.push({ write, at: this.now() });
  }

  private isSynced(waiting: Waiting, write: WriteRecord): boolean {
    return waiting.syncedId !== null
      && this.tree.contains(waiting.syncedId, waiting.syncedOffset, write.id, write.offset);
  }
}
