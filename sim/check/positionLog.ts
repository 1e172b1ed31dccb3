/**
 * Where each node stood in the tree of histories whenever that was not just an advance: process ends, loads, resynchronisations,
 * promotions. And which positions its disk held: in snapshots, and in its append-only file.
 */
import type { Bytes, CauseId, HistoryReason, LoggedNote, Micros, Note, StreamNote } from '../../engine/index.ts';
import type { ProcessEnd } from '../node/simProcess.ts';
import type { NodeView } from './nodeView.ts';

export interface PositionChange {
  readonly event: CauseId;
  readonly at: Micros;
  readonly what:
    | {
      readonly kind: 'ended'; readonly how: ProcessEnd['kind'];
      /** What its append-only file held then; null: it had none. */
      readonly aof: AofPosition | null;
    }
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

/** How far the append-only file of a node reaches, by its own word. */
export interface AofPosition {
  readonly policy: LoggedNote['policy'];
  /** It is not continued (after a full synchronisation a new one is made first), or not synced while a child writes. */
  readonly isStopped: boolean;
  readonly isSuspended: boolean;
  /** The disk refused a write; what came since waits in memory. */
  readonly hasFailed: boolean;
  readonly written: Place;
  readonly synced: Place | null;
}

interface Place {
  readonly id: Bytes;
  readonly offset: number;
}

type Writable<Shape> = { -readonly [Field in keyof Shape]: Shape[Field] };

/** As it is brought up to date, note by note, until the process ends. */
type OpenAof = Omit<Writable<AofPosition>, 'written' | 'synced'>
  & { readonly written: Writable<Place>; synced: Writable<Place> | null };

interface NodeLog {
  readonly changes: PositionChange[];
  readonly saved: SavedPosition[];
  aof: OpenAof | null;
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
    if (note.kind === 'logged') return this.logged(view, note);
    if (note.kind === 'stream') return this.streamed(view, note);
    const log = this.log(view);
    if (note.kind === 'saved') log.saved.push({ event, id: note.id, offset: note.offset });
    else if (note.kind === 'history') {
      this.change(log, event, at, { kind: 'history', reason: note.reason }, note.id, note.offset);
    }
  }

  /** As `note`, for those who know what it is. */
  streamed(view: NodeView, note: StreamNote): void {
    const log = this.log(view);
    log.id = note.id;
    log.offset = note.offset;
  }

  /** As `note`, for those who know what it is. */
  logged(view: NodeView, note: LoggedNote): void {
    reached(this.log(view), note);
  }

  ended(view: NodeView, how: ProcessEnd['kind'], event: CauseId, at: Micros): void {
    const log = this.log(view);
    this.change(log, event, at, { kind: 'ended', how, aof: log.aof }, null, 0);
    log.aof = null;
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
      log = { changes: [], saved: [], aof: null, id: null, offset: 0 };
      this.logs.set(view, log);
    }
    return log;
  }
}

const reached = (log: NodeLog, note: LoggedNote): void => {
  const { id, offset, state } = note;
  const aof = log.aof ??= {
    policy: note.policy, isStopped: false, isSuspended: false, hasFailed: false, written: { id, offset }, synced: null,
  };
  aof.policy = note.policy;
  aof.isStopped = state === 'stopped';
  aof.isSuspended = note.isSuspended;
  if (state !== 'synced') aof.hasFailed = state === 'failed';
  if (state === 'written') {
    aof.written.id = id;
    aof.written.offset = offset;
  } else if (state === 'synced') {
    aof.synced ??= { id, offset };
    aof.synced.id = id;
    aof.synced.offset = offset;
  }
};
