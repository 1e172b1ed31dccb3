/**
 * Where each node stood in the tree of histories whenever that was not just an advance: process ends, loads, resynchronisations,
 * promotions. And which positions it had safely on its disk.
 */
import type { Bytes, CauseId, HistoryReason, Micros, Note } from '../../engine/index.ts';
import type { ProcessEnd } from '../node/simProcess.ts';
import type { NodeView } from './nodeView.ts';

export interface PositionChange {
  readonly event: CauseId;
  readonly at: Micros;
  readonly what: { readonly kind: 'ended'; readonly how: ProcessEnd['kind'] }
    | { readonly kind: 'history'; readonly reason: HistoryReason };
  /** Where the node stood before; null: it had no memory. */
  readonly fromId: Bytes | null;
  readonly fromOffset: number;
  /** Where it stands from now on; null: its memory is gone. */
  readonly toId: Bytes | null;
  readonly toOffset: number;
}

export interface SavedPosition {
  readonly event: CauseId;
  readonly id: Bytes;
  readonly offset: number;
}

interface NodeLog {
  readonly changes: PositionChange[];
  readonly saved: SavedPosition[];
  id: Bytes | null;
  offset: number;
}

export class PositionLog {
  private readonly logs: Map<NodeView, NodeLog> = new Map();

  changes(view: NodeView): readonly PositionChange[] {
    return this.log(view).changes;
  }

  saved(view: NodeView): readonly SavedPosition[] {
    return this.log(view).saved;
  }

  note(view: NodeView, note: Note, event: CauseId, at: Micros): void {
    const log = this.log(view);
    if (note.kind === 'stream') {
      log.id = note.id;
      log.offset = note.offset;
    } else if (note.kind === 'saved') log.saved.push({ event, id: note.id, offset: note.offset });
    else if (note.kind === 'history') {
      this.change(log, event, at, { kind: 'history', reason: note.reason }, note.id, note.offset);
    }
  }

  ended(view: NodeView, how: ProcessEnd['kind'], event: CauseId, at: Micros): void {
    this.change(this.log(view), event, at, { kind: 'ended', how }, null, 0);
  }

  private change(
    log: NodeLog, event: CauseId, at: Micros, what: PositionChange['what'], toId: Bytes | null, toOffset: number,
  ): void {
    log.changes.push({ event, at, what, fromId: log.id, fromOffset: log.offset, toId, toOffset });
    log.id = toId;
    log.offset = toOffset;
  }

  private log(view: NodeView): NodeLog {
    let log = this.logs.get(view);
    if (log === undefined) {
      log = { changes: [], saved: [], id: null, offset: 0 };
      this.logs.set(view, log);
    }
    return log;
  }
}
