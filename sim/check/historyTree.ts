/**
 * The tree of replication histories: each new replication ID is a node with its parent and the position at which it left it.
 * A position (ID, offset) contains a write when the way from it to the root passes the write.
 */
import type { Bytes, HistoryNote } from '../../engine/index.ts';

interface Branch {
  readonly parent: Bytes | null;
  /** Position in the parent up to which the two are the same. */
  readonly parentOffset: number;
  /** Position at which this ID begins to count. */
  readonly start: number;
}

/** Reasons that give a node a history of its own; the others take another node's. */
const OWN_HISTORY: readonly HistoryNote['reason'][] = ['start', 'promotion', 'newBacklog', 'backlogExpired', 'load'];

/** No chain of promotions is longer. */
const DEPTH_MAX = 10_000;

export class HistoryTree {
  private readonly branches: Map<Bytes, Branch> = new Map();

  add(note: HistoryNote): void {
    if (!OWN_HISTORY.includes(note.reason) || this.branches.has(note.id)) return;
    const parent = note.parent === note.id ? null : note.parent;
    this.branches.set(note.id, { parent, parentOffset: note.parentOffset, start: note.offset });
  }

  branch(id: Bytes): Branch | undefined {
    return this.branches.get(id);
  }

  /** Whether a node at (`id`, `offset`) has what was written at (`writeId`, `writeOffset`). */
  contains(id: Bytes, offset: number, writeId: Bytes, writeOffset: number): boolean {
    let at: Bytes | null = id;
    let limit = offset;
    for (let depth = 0; at !== null && depth < DEPTH_MAX; depth++) {
      if (at === writeId) return writeOffset <= limit;
      const branch: Branch | undefined = this.branches.get(at);
      if (branch === undefined) return false;
      at = branch.parent;
      // A replica that went on under a new ID may still stand before the fork: it has as much less of the parent.
      limit = branch.parentOffset + Math.min(0, limit - branch.start);
    }
    return false;
  }

  /** The IDs from the root to `id`. */
  path(id: Bytes): Bytes[] {
    const path: Bytes[] = [];
    for (let at: Bytes | null = id; at !== null && path.length < DEPTH_MAX; at = this.branches.get(at)?.parent ?? null) {
      path.unshift(at);
    }
    return path;
  }
}
