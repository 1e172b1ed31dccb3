/**
 * Who serves after settling: the one primary that the clients' way leads to, or in a cluster the primary of each key's range of
 * slots. The final read finds them; ledger and liveness judge by them.
 *
 * Always holds: a node counts only if it answered as a primary.
 */
import type { Bytes } from '../../engine/index.ts';
import type { NodeView } from './nodeView.ts';

export interface Serving {
  /** Ordered by name; none: nobody serves. */
  readonly primaries: readonly NodeView[];
  /** The primary that serves this key; null: nobody does. */
  of(key: Bytes): NodeView | null;
  /** The primary whose data this node should have, or the node itself where it serves; null: there is none. */
  above(view: NodeView): NodeView | null;
}

export const NOBODY_SERVES: Serving = Object.freeze({ primaries: Object.freeze([]), of: () => null, above: () => null });

/** One primary has all keys. */
export const servedByOne = (primary: NodeView | null): Serving =>
  (primary === null ? NOBODY_SERVES : { primaries: [primary], of: () => primary, above: () => primary });

/** No chain of replicas is longer. */
const CHAIN_MAX = 64;

/** Each key is served by the node that answered for it, a replica should have what the primary at the end of its chain has. */
export const servedByRanges = (
  owners: ReadonlyMap<Bytes, NodeView>, find: (place: Bytes) => NodeView | null,
): Serving => ({
  primaries: [...new Set(owners.values())].sort((left, right) => (left.name < right.name ? -1 : 1)),
  of: (key) => owners.get(key) ?? null,
  above: (view) => {
    let at: NodeView | null = view;
    for (let length = 0; at !== null && at.role === 'replica' && length < CHAIN_MAX; length++) {
      at = at.primary === null ? null : find(at.primary);
    }
    return at !== null && at.isAlive && at.role === 'primary' ? at : null;
  },
});
