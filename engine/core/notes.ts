/**
 * What the engine knows and no wire shows. `host.note` takes these; ledger, invariants, marks and timeline read them and
 * nothing else of the engine. On a real host they go nowhere unless a file was asked for.
 *
 * Every decision carries `because`: the causes (event numbers of the world) that last set the state it rests on.
 * Offsets are ends: the offset of a write is the stream position behind its last byte.
 */
import type { Bytes } from './bytes.ts';
import type { MarkName } from './marks.ts';
import type { CauseId, ReplOffset } from './units.ts';

export type Role = 'primary' | 'replica';

/** Why a node's data or history became something else than its continuation. */
export type HistoryReason =
  | 'start'           // a process began with an empty or loaded data set and a fresh ID
  | 'promotion'       // a replica became a primary: the ID changes, the data stays
  | 'newBacklog'      // a first replica found no backlog: a new ID for the same data
  | 'backlogExpired'  // a primary freed its backlog
  | 'full-sync'       // the data set was replaced by another node's snapshot
  | 'partial-sync'    // the same stream goes on, perhaps under a new ID
  | 'load';           // a snapshot file was read at the start

/**
 * The node's stream is now (`id`, `offset`). Where `parent` is given, its data are that history's up to `parentOffset`.
 *
 * Redis counts no offset while nobody ever replicated (no backlog). Notes count on all the same, so that each write has
 * a place: `parentOffset` may therefore be ahead of the offset that the wire shows.
 */
export interface HistoryNote {
  readonly kind: 'history';
  readonly reason: HistoryReason;
  readonly id: Bytes;
  readonly offset: ReplOffset;
  readonly parent: Bytes | null;
  readonly parentOffset: ReplOffset;
  /** Digest of the data set at this position, where the node keeps one. */
  readonly digestLo: number;
  readonly digestHi: number;
  readonly because: readonly CauseId[];
}

/** Bytes of the stream were produced (primary) or applied (replica), ending at `offset`. */
export interface StreamNote {
  readonly kind: 'stream';
  readonly id: Bytes;
  readonly offset: ReplOffset;
  /** The bytes themselves: one execution unit, or what a replica applied in one go. */
  readonly chunk: Bytes;
  readonly role: Role;
  /** Digest of the data set behind them, where the node keeps one. */
  readonly digestLo: number;
  readonly digestHi: number;
}

/** A write command was executed for a client (not from a stream, not while loading). */
export interface WriteNote {
  readonly kind: 'write';
  readonly id: Bytes;
  /** Stream position behind the unit that holds it: what a replica must reach to have it. */
  readonly offset: ReplOffset;
  readonly database: number;
  /** The command as it goes into the stream. */
  readonly argv: readonly Bytes[];
}

/**
 * Keys on their way between the nodes of a cluster. `sent`: MIGRATE reads them at this position and sends them to `target`, each
 * value with the checksum that its RESTORE carries; `deleted`: the target has acknowledged them, so they were deleted, up to this
 * position; `dropped`: their slot belongs to another node by a newer claim, so they were deleted.
 */
export interface MovedNote {
  readonly kind: 'moved';
  readonly stage: 'sent' | 'deleted' | 'dropped';
  readonly id: Bytes;
  readonly offset: ReplOffset;
  readonly keys: readonly Bytes[];
  /** For each key that is `sent`: the last 8 bytes of what DUMP would say. */
  readonly checksums: readonly Bytes[];
  /** `host:port` as MIGRATE names it; null where the keys go nowhere. */
  readonly target: Bytes | null;
}

/** A program that changes a cluster, as redis-cli does, did a step: plans wait for these. */
export interface StepNote {
  readonly kind: 'step';
  /** The plan's action: `moveSlots`, `fixSlots`, `addNode`, `removeNode`. */
  readonly task: string;
  readonly step: string;
  /** Counts the steps of this program from 1. */
  readonly number: number;
  readonly slot: number | null;
  /** The node that carried it out, `address:port`. */
  readonly node: Bytes;
}

/** A client's request was over after it had been redirected so many times in a row. */
export interface RedirectNote {
  readonly kind: 'redirect';
  readonly slot: number;
  readonly hops: number;
}

/** A snapshot of the data set at (`id`, `offset`) is on disk, complete and named. */
export interface SavedNote {
  readonly kind: 'saved';
  readonly id: Bytes;
  readonly offset: ReplOffset;
}

/**
 * The append-only file holds everything up to (`id`, `offset`): in the kernel's hands (`written`: a kill cannot take it), or
 * on the disk (`synced`: nor can a power loss). `failed`: a write behind it failed, and waits in memory. `stopped`: it is
 * not continued from there.
 */
export interface LoggedNote {
  readonly kind: 'logged';
  readonly state: 'written' | 'synced' | 'failed' | 'stopped';
  readonly id: Bytes;
  readonly offset: ReplOffset;
  /** `appendfsync` at that time. */
  readonly policy: 'always' | 'everysec' | 'no';
  /** No sync is made, whatever the policy: a child writes, and `no-appendfsync-on-rewrite` is on. */
  readonly isSuspended: boolean;
}

export interface RoleNote {
  readonly kind: 'role';
  readonly role: Role;
  /** `host:port` of the primary that this node follows, as configured; null for a primary. */
  readonly primary: Bytes | null;
  readonly because: readonly CauseId[];
}

export type SyncState = 'none' | 'connect' | 'connecting' | 'handshake' | 'transfer' | 'connected';

/** The replica side moved in its state machine. */
export interface SyncNote {
  readonly kind: 'sync';
  readonly state: SyncState;
  readonly detail: string;
  readonly because: readonly CauseId[];
}

/** The primary side: what it answered to PSYNC, or that a replica was dropped. */
export interface ReplicaNote {
  readonly kind: 'replica';
  readonly event: 'full-sync' | 'partial-sync' | 'partial-refused' | 'online' | 'dropped';
  readonly replica: Bytes;
  readonly offset: ReplOffset;
  readonly detail: string;
  readonly because: readonly CauseId[];
}

/** Whom this process holds to be the primary, as `address:port`. */
export interface BeliefNote {
  readonly kind: 'belief';
  /** For a sentinel: the name under which it watches that primary. */
  readonly name?: Bytes;
  readonly primary: Bytes | null;
}

/** A sentinel's event, with Redis's name (`+sdown`) and arguments. */
export interface SentinelNote {
  readonly kind: 'sentinel';
  readonly event: string;
  readonly detail: Bytes;
  /** Name of the primary that it is about; null for the sentinel as a whole (TILT). */
  readonly name: Bytes | null;
  /** `address:port` of the instance that it is about. */
  readonly instance: Bytes | null;
  readonly because: readonly CauseId[];
}

/** A sentinel gave its vote of an epoch, and saved that. */
export interface VoteNote {
  readonly kind: 'vote';
  readonly name: Bytes;
  readonly epoch: number;
  /** IDs of the sentinels. */
  readonly voter: Bytes;
  readonly candidate: Bytes;
  readonly because: readonly CauseId[];
}

/** A sentinel holds itself to be the leader of an epoch. */
export interface LeaderNote {
  readonly kind: 'leader';
  readonly name: Bytes;
  readonly epoch: number;
  readonly leader: Bytes;
  /** Votes that it counted, of so many known sentinels (itself among them). */
  readonly votes: number;
  readonly known: number;
  readonly quorum: number;
  /** SENTINEL FAILOVER: no votes are needed. */
  readonly isForced: boolean;
  readonly because: readonly CauseId[];
}

/** A sentinel found a primary objectively down: so many, itself among them, say so. */
export interface OdownNote {
  readonly kind: 'odown';
  readonly name: Bytes;
  readonly agreeing: number;
  readonly quorum: number;
  readonly because: readonly CauseId[];
}

/** A sentinel's epochs: the current one, and that of the configuration it holds. */
export interface EpochNote {
  readonly kind: 'epoch';
  readonly name: Bytes;
  readonly current: number;
  readonly config: number;
}

/**
 * What a node of a cluster decided. `pfail` and `fail`: about `node`; `told`: another has found `node` to have failed, and said so;
 * `recovered`: it answers again; `election`: one begins for the slots of `node`; `ok` and `down`: whether the cluster serves, as
 * this node sees it.
 */
export interface ClusterNote {
  readonly kind: 'cluster';
  readonly event: 'pfail' | 'fail' | 'told' | 'recovered' | 'election' | 'ok' | 'down';
  readonly node: Bytes;
  readonly detail: string;
  readonly epoch: number;
  /** For `fail` and `told`: who said so, beside this node. */
  readonly reporters?: readonly Bytes[];
  readonly because: readonly CauseId[];
}

/** Detail of an `election` that an operator asked for: CLUSTER FAILOVER. */
export const CLUSTER_BY_HAND = 'by hand';

/** A node of a cluster holds `owner` to own these slots from now on; null: nobody. */
export interface SlotsNote {
  readonly kind: 'slots';
  readonly slots: readonly number[];
  readonly owner: Bytes | null;
  readonly configEpoch: number;
  /** An operator said so: SETSLOT, ADDSLOTS, RESET and the like ask no epoch. */
  readonly byCommand: boolean;
  readonly because: readonly CauseId[];
}

/** A sentinel chose a replica for promotion. */
export interface SelectedNote {
  readonly kind: 'selected';
  readonly name: Bytes;
  readonly replica: Bytes;
  readonly priority: number;
  readonly replOffset: number;
  readonly runId: Bytes;
  readonly because: readonly CauseId[];
}

/** A state worth reaching was reached (see `marks.ts`): campaigns report the ones never seen. */
export interface MarkNote {
  readonly kind: 'mark';
  readonly name: MarkName;
}

export type Note =
  | HistoryNote | StreamNote | WriteNote | SavedNote | LoggedNote | RoleNote | SyncNote | ReplicaNote | BeliefNote | MarkNote
  | SentinelNote | VoteNote | LeaderNote | OdownNote | EpochNote | SelectedNote | ClusterNote | SlotsNote
  | MovedNote | StepNote | RedirectNote;
