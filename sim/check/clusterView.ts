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
    return this.id !== null && this.owners.includes(this.id);
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
        for (const slot of note.slots) this.owners[slot] = note.owner;
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
    this.isOk = false;
  }
}

/** The nodes that a node holds to own slots: who counts for a majority, and votes. */
export const slotOwners = ({ owners }: ClusterView): ReadonlySet<Bytes> =>
  new Set(owners.filter((owner): owner is Bytes => owner !== null));

/** The node that has this name in the cluster. */
export const clusterNodeCalled = (views: readonly ClusterView[], id: Bytes | null): ClusterView | null =>
  (id === null ? null : views.find((view) => view.id === id) ?? null);
