/** What the simulator knows of a node as a part of its cluster, from its notes alone: its name there, its epochs, its map of slots. */
import { type Bytes, type Note, SLOTS } from '../../engine/index.ts';
import type { NodeView } from './nodeView.ts';

export class ClusterView {
  readonly node: NodeView;
  /** Its name in the cluster, 40 digits; null before its first word. Kept when it dies: nodes.conf keeps it. */
  id: Bytes | null = null;
  currentEpoch = 0;
  /** Of its own configuration. */
  configEpoch = 0;
  /** Whom it last followed, `host:port`; kept when it dies. */
  lastPrimary: Bytes | null = null;
  /** It says that the cluster serves. */
  isOk = false;
  /** Who owns each slot, by this node's word; null: nobody, or the node is dead. */
  readonly owners: (Bytes | null)[] = new Array<Bytes | null>(SLOTS).fill(null);
  /** How many slots each of them owns: counted at each change, since checks ask at each write. */
  private readonly owned: Map<Bytes, number> = new Map();

  constructor(node: NodeView) {
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  get isAlive(): boolean {
    return this.node.isAlive;
  }

  /** It holds itself to own slots. */
  get ownsSlots(): boolean {
    return this.id !== null && this.owned.has(this.id);
  }

  /** The nodes that this one holds to own slots: who counts for a majority, and votes. */
  get slotOwners(): ReadonlyMap<Bytes, number> {
    return this.owned;
  }

  /** Brings the view up to date. */
  note(note: Note): void {
    switch (note.kind) {
      case 'epoch':
        this.id = note.name;
        this.currentEpoch = note.current;
        this.configEpoch = note.config;
        break;
      case 'role':
        this.lastPrimary = note.primary;
        break;
      case 'slots':
        this.moved(note.slots, note.owner);
        break;
      case 'cluster':
        if (note.event === 'ok' || note.event === 'down') this.isOk = note.event === 'ok';
        break;
      default:
    }
  }

  /** The process ended: what nodes.conf holds it will tell again. */
  ended(): void {
    this.owners.fill(null);
    this.owned.clear();
    this.isOk = false;
  }

  private moved(slots: readonly number[], to: Bytes | null): void {
    const { owners } = this;
    // Slots move in ranges: most had the owner of the one before, and are counted together.
    let owner: Bytes | null = null;
    let count = 0;
    for (const slot of slots) {
      const from = owners[slot] ?? null;
      if (from === to) continue;
      owners[slot] = to;
      if (from !== owner) {
        this.counted(owner, to, count);
        owner = from;
        count = 0;
      }
      count++;
    }
    this.counted(owner, to, count);
  }

  private counted(from: Bytes | null, to: Bytes | null, count: number): void {
    if (count === 0) return;
    const { owned } = this;
    if (to !== null) owned.set(to, (owned.get(to) ?? 0) + count);
    if (from === null) return;
    const left = (owned.get(from) ?? 0) - count;
    if (left > 0) owned.set(from, left);
    else owned.delete(from);
  }
}

/** The node that has this name in the cluster. */
export const clusterNodeCalled = (views: readonly ClusterView[], id: Bytes | null): ClusterView | null =>
  (id === null ? null : views.find((view) => view.id === id) ?? null);
