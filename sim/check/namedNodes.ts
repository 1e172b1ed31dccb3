/**
 * Which data nodes belong to a name that sentinels watch: its primaries, by what sentinels ever believed, and the replicas
 * that ever synchronised with one of these directly. That is what the primary's INFO lists, so it is all that a sentinel
 * can know of.
 */
import type { Bytes, Note } from '../../engine/index.ts';
import type { NodeView } from './nodeView.ts';

/** Finds the data node at `host:port`; a host may be a name. Null: there is none. */
export type FindNode = (place: Bytes) => NodeView | null;

export class NamedNodes {
  private readonly find: FindNode;
  private readonly primaries: Map<Bytes, Set<NodeView>> = new Map();
  /** By a replica: every node that it ever synchronised with. */
  private readonly followed: Map<NodeView, Set<NodeView>> = new Map();

  constructor(find: FindNode) {
    this.find = find;
  }

  /** The names, in the order in which they were first heard of. */
  get names(): readonly Bytes[] {
    return [...this.primaries.keys()];
  }

  note(view: NodeView, note: Note): void {
    // A primary lists a replica from its request to synchronise on.
    if (note.kind !== 'sync' || (note.state !== 'transfer' && note.state !== 'connected') || view.primary === null) return;
    const primary = this.find(view.primary);
    if (primary !== null) this.followed.set(view, (this.followed.get(view) ?? new Set<NodeView>()).add(primary));
  }

  sentinelNote(note: Note): void {
    if (note.kind !== 'belief' || note.name === undefined || note.primary === null) return;
    const primary = this.find(note.primary);
    if (primary === null) return;
    this.primaries.set(note.name, (this.primaries.get(note.name) ?? new Set<NodeView>()).add(primary));
  }

  has(name: Bytes, view: NodeView): boolean {
    const primaries = this.primaries.get(name);
    if (primaries === undefined) return false;
    if (primaries.has(view)) return true;
    for (const primary of this.followed.get(view) ?? []) if (primaries.has(primary)) return true;
    return false;
  }
}
