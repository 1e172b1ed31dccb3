/**
 * Invariant: with `appendfsync always` a write is on the disk when it is acknowledged, and whatever ends the process then, the
 * next start has it. Does not apply while `no-appendfsync-on-rewrite` suspends the syncs, nor to a disk that lies or decays.
 */
import type { Bytes, CauseId, LoggedNote, Note } from '../../engine/index.ts';
import type { History, Operation } from '../client/history.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { Ledger, WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';

interface Owing {
  policy: LoggedNote['policy'];
  isOff: boolean;
  syncedId: Bytes;
  syncedOffset: number;
  /** The furthest write that this node acknowledged as durable since its start. */
  owed: WriteRecord | null;
}

export class AlwaysNoLoss implements Check {
  readonly name = 'always-no-loss';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['logged', 'history'];
  private readonly ledger: Ledger;
  private readonly tree: HistoryTree;
  private readonly promises: Map<NodeView, Owing> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(history: History, ledger: Ledger, tree: HistoryTree) {
    this.ledger = ledger;
    this.tree = tree;
    history.onCompleted((operation) => this.acknowledged(operation));
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    const promise = this.promises.get(view);
    if (note.kind === 'logged') {
      const isOff = note.state === 'stopped' || note.isSuspended;
      const next = promise ?? { policy: note.policy, isOff, syncedId: note.id, syncedOffset: 0, owed: null };
      next.policy = note.policy;
      next.isOff = isOff;
      if (note.state === 'synced') {
        next.syncedId = note.id;
        next.syncedOffset = note.offset;
      }
      if (promise === undefined) this.promises.set(view, next);
    } else if (note.kind === 'history' && promise !== undefined) {
      if (note.reason === 'load' || note.reason === 'start') this.started(view, promise, note.id, note.offset, cause);
      // What its primary has replaces what it had.
      if (note.reason === 'full-sync') promise.owed = null;
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'acknowledged writes compared with the disk');
  }

  private acknowledged(operation: Operation): void {
    const write = operation.outcome === 'ok' ? this.ledger.write(operation) : undefined;
    const promise = write === undefined ? undefined : this.promises.get(write.executedBy);
    if (write === undefined || promise === undefined || promise.policy !== 'always' || promise.isOff) return;
    this.compared++;
    if (!this.tree.contains(promise.syncedId, promise.syncedOffset, write.id, write.offset)) {
      this.violations.add(`${write.executedBy.name} acknowledged ${write.id.slice(0, 8)}:${write.offset} before it was synced`,
        operation.completedBy);
      return;
    }
    const { owed } = promise;
    if (owed === null || this.tree.contains(write.id, write.offset, owed.id, owed.offset)) promise.owed = write;
  }

  private started(view: NodeView, promise: Owing, id: Bytes, offset: number, cause: CauseId): void {
    const { owed } = promise;
    this.promises.delete(view);
    const { lied, failedSync, rotted, tore } = view.process.machine.disk.trouble;
    // Nor is a promise owed by a directory that went with its container, or a file that this start does not read.
    if (view.process.erasures.length > 0 || view.process.startsWithAof === false) return;
    if (owed === null || lied || failedSync || rotted || tore) return;
    this.compared++;
    if (!this.tree.contains(id, offset, owed.id, owed.offset)) {
      this.violations.add(`${view.name} came back without ${owed.id.slice(0, 8)}:${owed.offset}, which it had acknowledged`, cause);
    }
  }
}
