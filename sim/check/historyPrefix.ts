/**
 * Invariant: a replica's history is a prefix of its primary's for the same replication ID, byte for byte; and a partial
 * resynchronisation continues only what both have in common.
 *
 * The stream that each primary produced is kept (up to a bound), and what replicas apply is compared with it.
 */
import { type Bytes, type CauseId, ChunkList, type HistoryNote, type Note, type StreamNote } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { NodeView } from './nodeView.ts';

/** Bytes of a stream that are kept for comparison; what is older counts as not compared. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

export class HistoryPrefix implements Check {
  readonly name = 'history-prefix';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['stream', 'history'];
  private readonly tree: HistoryTree;
  private readonly streams: Map<Bytes, ChunkList> = new Map();
  /** Where each node's history stood before the last note about it. */
  private readonly before: Map<NodeView, { id: Bytes; offset: number }> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(tree: HistoryTree) {
    this.tree = tree;
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind === 'stream') {
      if (note.role === 'primary') this.produced(note);
      else this.applied(view, note, cause);
      this.stands(view, note);
    } else if (note.kind === 'history') {
      if (note.reason === 'partial-sync') this.continued(view, note, cause);
      this.stands(view, note);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'pieces of replicated history compared');
  }

  private stands(view: NodeView, { id, offset }: StreamNote | HistoryNote): void {
    const before = this.before.get(view);
    if (before === undefined) this.before.set(view, { id, offset });
    else {
      before.id = id;
      before.offset = offset;
    }
  }

  private produced(note: StreamNote): void {
    let stream = this.streams.get(note.id);
    if (stream === undefined) {
      stream = new ChunkList(note.offset - note.chunk.length);
      this.streams.set(note.id, stream);
    }
    stream.append(note.chunk);
    if (stream.length > KEPT_BYTES_MAX) stream.dropBefore(stream.end - KEPT_BYTES_MAX);
  }

  private applied(view: NodeView, note: StreamNote, cause: CauseId): void {
    const from = note.offset - note.chunk.length;
    const expected = this.read(note.id, from, note.offset);
    if (expected === 'gone') return;
    this.compared++;
    if (expected === null) {
      this.violations.add(`${view.name} applied ${note.id.slice(0, 8)}:${note.offset}, which its primary never produced`,
        cause);
    } else if (expected !== note.chunk) {
      this.violations.add(`${view.name} applied other bytes than its primary produced for ${note.id.slice(0, 8)}:`
        + `${from}..${note.offset}`, cause);
    }
  }

  private continued(view: NodeView, note: HistoryNote, cause: CauseId): void {
    const before = this.before.get(view);
    if (before === undefined) return;
    this.compared++;
    if (!this.tree.contains(note.id, note.offset, before.id, before.offset)) {
      this.violations.add(`${view.name} went on from ${before.id.slice(0, 8)}:${before.offset} under `
        + `${note.id.slice(0, 8)}, which shares less with it`, cause);
    }
  }

  /** What the primaries of `id` and its ancestors produced in a range; null: nothing there; `gone`: no longer kept. */
  private read(id: Bytes, from: number, to: number): Bytes | null | 'gone' {
    if (from === to) return '' as Bytes;
    const stream = this.streams.get(id);
    const start = stream === undefined ? this.tree.branch(id)?.start : stream.start;
    if (start === undefined) return null;
    if (from >= start) {
      return stream === undefined || to > stream.end ? null : stream.read(from, to);
    }
    const branch = this.tree.branch(id);
    if (branch === undefined || branch.parent === null || from >= branch.start) return 'gone';
    const shared = Math.min(to, branch.start);
    const head = shared > branch.parentOffset ? null : this.read(branch.parent, from, shared);
    if (head === null || head === 'gone') return head;
    const tail = this.read(id, shared, to);
    return tail === null || tail === 'gone' ? tail : (head + tail) as Bytes;
  }
}
