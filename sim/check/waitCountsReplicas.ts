/**
 * Invariant: when WAIT answers with a number, at least so many other nodes have had the write. What a replica counts as applied it
 * told its primary by REPLCONF ACK; an answer that is greater counts somebody who never said so.
 *
 * Nodes that had the write and lost it since (a restart, another history) still count: WAIT speaks of the past.
 */
import type { History, Operation } from '../client/history.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { Ledger, WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';

export class WaitCountsReplicas implements Check {
  readonly name = 'wait-counts-replicas';
  readonly isSafety = true;
  private readonly ledger: Ledger;
  private readonly tree: HistoryTree;
  private readonly views: readonly NodeView[];
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(history: History, ledger: Ledger, tree: HistoryTree, views: readonly NodeView[]) {
    this.ledger = ledger;
    this.tree = tree;
    this.views = views;
    history.onWaited((operation) => this.waited(operation));
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'answers to WAIT compared with what the replicas had');
  }

  private waited(operation: Operation): void {
    const answered = operation.acknowledgedBy ?? 0;
    // The offset that WAIT asks for is that of the connection's last write: one that failed was none.
    const write = operation.outcome === 'ok' ? this.ledger.write(operation) : undefined;
    if (write === undefined || answered === 0) return;
    this.compared++;
    const had = this.views.filter((view) => view !== write.executedBy && this.hadIt(view, write));
    if (had.length >= answered) return;
    this.violations.add(`WAIT answered ${answered} for ${write.id.slice(0, 8)}:${write.offset}, which `
      + `${had.length === 0 ? 'nobody else' : had.map(({ name }) => `only ${name}`).join(', ')} has had`, operation.completedBy);
  }

  private hadIt(view: NodeView, { id, offset }: WriteRecord): boolean {
    if (view.id !== null && this.tree.contains(view.id, view.offset, id, offset)) return true;
    return this.ledger.positions.changes(view)
      .some(({ fromId, fromOffset }) => fromId !== null && this.tree.contains(fromId, fromOffset, id, offset));
  }
}
