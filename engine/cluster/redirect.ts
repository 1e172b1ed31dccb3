/**
 * Where a request belongs: here, to another node (MOVED, ASK), or nowhere for now (CROSSSLOT, TRYAGAIN, CLUSTERDOWN). The
 * requests of a transaction are judged as one.
 *
 * Always holds: nothing changes here; a request without keys belongs here.
 * Source: getNodeByQuery, clusterRedirectClient and clusterRedirectBlockedClientIfNeeded in cluster.c of Redis 7.0; the
 * cluster specification.
 */
import type { Bytes } from '../core/bytes.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { keySlot } from './slots.ts';

/** What is judged: one command, or all that EXEC would run. */
export interface SlotRequest {
  readonly keys: readonly Bytes[];
  /** The command itself writes. For EXEC: see `queuedWrites`. */
  readonly isWrite: boolean;
  /** EXEC would run a write. */
  readonly queuedWrites: boolean;
  /** SSUBSCRIBE, SUNSUBSCRIBE, SPUBLISH: their channels are no keys that could be missing. */
  readonly isShardPubsub: boolean;
  readonly isMigrate: boolean;
  /** The client said ASKING just before, or the command is of the kind that needs no ASKING. */
  readonly isAsking: boolean;
  /** The client said READONLY. */
  readonly isReadOnlyClient: boolean;
}

export const CROSS_SLOT: ErrorReply = error("CROSSSLOT Keys in request don't hash to the same slot");
export const TRY_AGAIN: ErrorReply = error('TRYAGAIN Multiple keys request during rehashing of slot');
export const CLUSTER_DOWN: ErrorReply = error('CLUSTERDOWN The cluster is down');
export const CLUSTER_READ_ONLY: ErrorReply = error('CLUSTERDOWN The cluster is down and only accepts read commands');
export const SLOT_NOT_SERVED: ErrorReply = error('CLUSTERDOWN Hash slot not served');

/** The common case: one key of a slot that is ours, while no slot moves and the cluster serves. `redirection` would let it run too. */
export const isPlainlyHere = (state: ClusterState, key: Bytes): boolean =>
  state.isOk && state.migratingTo.size === 0 && state.importingFrom.size === 0 && state.owners[keySlot(key)] === state.myself;

/** Null: the request may run here. `exists` says whether database 0 holds a key that has not expired. */
export const redirection = (
  state: ClusterState, request: SlotRequest, exists: (key: Bytes) => boolean,
): ErrorReply | null => {
  const [first] = request.keys;
  if (first === undefined) return null;
  const slot = keySlot(first);
  const owner = state.owners[slot] ?? null;
  if (owner === null) return SLOT_NOT_SERVED;
  if (request.keys.some((key) => keySlot(key) !== slot)) return CROSS_SLOT;
  if (!state.isOk) {
    const refusal = refusalWhileDown(state, request);
    if (refusal !== null) return refusal;
  }
  const target = owner === state.myself ? state.migratingTo.get(slot) : undefined;
  const isImporting = target === undefined && state.importingFrom.has(slot);
  // MIGRATE moves keys of an open slot freely.
  if ((target !== undefined || isImporting) && request.isMigrate) return null;
  if (target !== undefined) return whileMigrating(state, request, exists, slot, target);
  if (isImporting && request.isAsking) {
    const hasSeveral = request.keys.some((key) => key !== first);
    return hasSeveral && !request.isShardPubsub && !request.keys.every(exists) ? TRY_AGAIN : null;
  }
  if (mayReadHere(state, owner, request)) return null;
  return owner === state.myself ? null : redirect(state, 'MOVED', slot, owner);
};

const refusalWhileDown = ({ services: { settings } }: ClusterState, request: SlotRequest): ErrorReply | null => {
  if (request.isShardPubsub) return settings.flag('cluster-allow-pubsubshard-when-down') ? null : CLUSTER_DOWN;
  if (!settings.flag('cluster-allow-reads-when-down')) return CLUSTER_DOWN;
  return request.isWrite ? CLUSTER_READ_ONLY : null;
};

/** The slot is ours and on its way out: keys that are gone already are asked for at the target. */
const whileMigrating = (
  state: ClusterState, request: SlotRequest, exists: (key: Bytes) => boolean, slot: number, target: ClusterNode,
): ErrorReply | null => {
  if (request.isShardPubsub) return null;
  const existing = request.keys.filter(exists).length;
  if (existing === request.keys.length) return null;
  return existing > 0 ? TRY_AGAIN : redirect(state, 'ASK', slot, target);
};

/** A replica serves readers who asked for that; and shard channels, for which a replica is as good. */
const mayReadHere = ({ myself }: ClusterState, owner: ClusterNode, request: SlotRequest): boolean =>
  (request.isReadOnlyClient || request.isShardPubsub) && !request.isWrite && !request.queuedWrites
  && !myself.isPrimary && myself.primary === owner;

const redirect = (state: ClusterState, kind: 'MOVED' | 'ASK', slot: number, node: ClusterNode): ErrorReply =>
  error(`${kind} ${slot} ${preferredEndpoint(state, node)}:${node.port}`);

/** How clients are told to call a node; empty: by the address that they have used already. */
export const preferredEndpoint = ({ services: { settings } }: ClusterState, node: ClusterNode): string => {
  switch (settings.text('cluster-preferred-endpoint-type')) {
    case 'hostname': return node.hostname === '' ? '?' : node.hostname;
    case 'unknown-endpoint': return '';
    default: return node.ip;
  }
};

/** Why a client that waits for keys waits in vain; null: it does not. */
export const redirectionOfWaiting = (state: ClusterState, key: Bytes, mayRead: boolean): ErrorReply | null => {
  if (!state.isOk) return CLUSTER_DOWN;
  const slot = keySlot(key);
  const owner = state.owners[slot] ?? null;
  const { myself } = state;
  const isServed = owner === myself || (mayRead && !myself.isPrimary && myself.primary === owner);
  if (isServed || state.importingFrom.has(slot)) return null;
  return owner === null ? SLOT_NOT_SERVED : redirect(state, 'MOVED', slot, owner);
};
