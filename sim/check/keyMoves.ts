/**
 * Keys that go from the history of one shard into that of another. MIGRATE reads a key at some position of its source; the RESTORE
 * that takes it brings along all that the source's history held of that key up to there; the DEL ends it at the source.
 *
 * What a position holds of a key is decided by the last of these edges on its way to the root: behind a RESTORE what its source
 * held, and what was written since; behind a DEL only what was written since. Positions alone count, so it does not matter who is
 * promoted, restarted or resynchronised in the middle, nor how often a RESTORE is executed.
 *
 * Always holds: a key that never moved has no edges, and costs one look into an empty map.
 */
import type { Bytes, CauseId, Micros, MovedNote, WriteNote } from '../../engine/index.ts';
import { lower } from '../../engine/index.ts';
import type { HistoryTree } from './historyTree.ts';
import type { NodeView } from './nodeView.ts';

interface Place {
  readonly id: Bytes;
  /** The end of what is meant: of a write, an edge, or what a node has. */
  readonly offset: number;
}

/** A key as one MIGRATE read it. */
export interface Sending extends Place {
  readonly by: NodeView;
  readonly checksum: Bytes;
}

/** Where what a history holds of a key changes as a whole. */
export interface KeyEdge extends Place {
  /** `arrived`: a RESTORE; `left`: the DEL of MIGRATE; `dropped`: deleted because the slot belongs to another node. */
  readonly kind: 'arrived' | 'left' | 'dropped';
  readonly node: NodeView;
  readonly event: CauseId;
  readonly at: Micros;
  /** What came, or what went; null: nobody sent it, or it went nowhere. */
  readonly sending: Sending | null;
  /** Of what arrived: it was to be put in the place of what was there. */
  readonly replaces: boolean;
  /** Of what arrived: who held it when the source deleted the key. */
  holders: readonly NodeView[];
}

/** A write to a key, by the place where it was executed or brought. */
export interface KeyedPlace extends Place {
  readonly operation: { readonly key: Bytes };
}

/** How a position comes by a write: so many moves away, in the history that a position of this ID ends. */
export interface Way {
  readonly moves: number;
  readonly id: Bytes;
}

/** Bytes at the end of what DUMP says. */
const CHECKSUM_BYTES = 8;
const PAYLOAD_AT = 3;
/** No key is followed through more moves. */
const MOVES_MAX = 10_000;

const NO_EDGES: readonly KeyEdge[] = [];

export class KeyMoves {
  private readonly tree: HistoryTree;
  private readonly edges: Map<Bytes, KeyEdge[]> = new Map();
  private readonly sendings: Map<Bytes, Sending[]> = new Map();
  private movedCount = 0;

  constructor(tree: HistoryTree) {
    this.tree = tree;
  }

  /** Keys whose source deleted them, each as often as that happened. */
  get moved(): number {
    return this.movedCount;
  }

  /** Of this key, in the order of their events. */
  edgesOf(key: Bytes): readonly KeyEdge[] {
    return this.edges.get(key) ?? NO_EDGES;
  }

  /** `views`: who may hold what arrived. */
  note(node: NodeView, note: MovedNote, event: CauseId, at: Micros, views: readonly NodeView[]): void {
    const { stage, id, offset } = note;
    for (const [index, key] of note.keys.entries()) {
      if (stage === 'sent') {
        listOf(this.sendings, key).push({ by: node, id, offset, checksum: note.checksums[index] as Bytes });
        continue;
      }
      const sending = stage === 'dropped' ? null : this.sendings.get(key)?.findLast(({ by }) => by === node) ?? null;
      listOf(this.edges, key).push({ kind: stage === 'dropped' ? 'dropped' : 'left', node, id, offset, event, at, sending, replaces: false, holders: [] });
      if (sending === null) continue;
      this.movedCount++;
      for (const edge of this.edgesOf(key)) {
        if (edge.kind !== 'arrived' || edge.sending !== sending) continue;
        edge.holders = views.filter((view) => view === edge.node || (view.id !== null && this.follows(view.id, view.offset, edge)));
      }
    }
  }

  /** A RESTORE was executed. */
  restored(node: NodeView, { id, offset, argv }: WriteNote, event: CauseId, at: Micros): void {
    const key = argv[1] as Bytes;
    const replaces = argv.slice(PAYLOAD_AT + 1).some((word) => lower(word) === 'replace');
    const checksum = (argv[PAYLOAD_AT] ?? '').slice(-CHECKSUM_BYTES);
    const sending = this.sendings.get(key)?.findLast((sent) => sent.checksum === checksum) ?? null;
    listOf(this.edges, key).push({ kind: 'arrived', node, id, offset, event, at, sending, replaces, holders: [node] });
  }

  /** Whether what is at (`id`, `offset`) has this write. */
  holds(id: Bytes, offset: number, write: KeyedPlace): boolean {
    return this.edges.size === 0 || !this.edges.has(write.operation.key) ? this.follows(id, offset, write)
      : this.way(id, offset, write) !== null;
  }

  /** How what is at (`id`, `offset`) comes by this write; null: it does not have it. */
  way(id: Bytes, offset: number, write: KeyedPlace): Way | null {
    const edges = this.edgesOf(write.operation.key);
    let at: Place = { id, offset };
    for (let moves = 0; moves < MOVES_MAX; moves++) {
      const edge = this.lastEdge(at, edges);
      if (this.follows(at.id, at.offset, write) && (edge === null || !this.isBehind(edge, write))) {
        return { moves, id: at.id };
      }
      if (edge === null || edge.kind !== 'arrived' || edge.sending === null) return null;
      at = edge.sending;
    }
    return null;
  }

  /**
   * The edge that took this write out of a history in which one of `places` stands: it was there before and not behind it. Null:
   * there is none.
   */
  endOf(write: KeyedPlace, places: readonly Place[]): KeyEdge | null {
    return this.edgesOf(write.operation.key).findLast((edge) => places.some(({ id, offset }) => this.follows(id, offset, edge))
      && this.holds(edge.id, edge.offset - 1, write) && !this.holds(edge.id, edge.offset, write)) ?? null;
  }

  /** Whether the history of a position passes the write, or a RESTORE that brought it, be it deleted again since. */
  passes(id: Bytes, offset: number, write: KeyedPlace): boolean {
    return this.follows(id, offset, write) || this.arrivalsOf(write).some((edge) => this.follows(id, offset, edge));
  }

  /** The RESTOREs that brought this write somewhere. */
  arrivalsOf(write: KeyedPlace): readonly KeyEdge[] {
    return this.edgesOf(write.operation.key).filter((edge) => edge.kind === 'arrived' && this.holds(edge.id, edge.offset, write));
  }

  /** The edge of a key that counts at a place: the last one on its way. */
  private lastEdge({ id, offset }: Place, edges: readonly KeyEdge[]): KeyEdge | null {
    let last: KeyEdge | null = null;
    for (const edge of edges) {
      if (this.follows(id, offset, edge) && (last === null || this.follows(edge.id, edge.offset, last))) last = edge;
    }
    return last;
  }

  /** What came with the edge itself is not behind it. */
  private isBehind(edge: KeyEdge, { id, offset }: Place): boolean {
    return (edge.id !== id || edge.offset !== offset) && this.follows(edge.id, edge.offset, { id, offset });
  }

  private follows(id: Bytes, offset: number, place: Place): boolean {
    return this.tree.contains(id, offset, place.id, place.offset);
  }
}

const listOf = <Item>(lists: Map<Bytes, Item[]>, key: Bytes): Item[] => {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
};
