/**
 * One connection as the server sees it: its session (database, protocol, transaction) and its output.
 *
 * Replies gather in `output` during a turn and leave at its end; when the connection's buffer is full they wait for
 * `onWritable`. A client that is closing takes no more replies.
 */
import type { Connection } from '../host.ts';
import { type Bytes, EMPTY, join } from '../core/bytes.ts';
import { RequestDecoder } from '../protocol/requestDecoder.ts';
import { encodeReply } from '../protocol/encode.ts';
import { NO_REPLY, type Reply } from '../protocol/reply.ts';
import type { ActingUser } from './actingUser.ts';
import type { Blocking } from './command.ts';

/** `primary`: our own link to the node we follow. `replica`: a node that follows us. */
export type ClientKind = 'normal' | 'replica' | 'primary';

/** Commands between MULTI and EXEC. `aborted`: one of them was refused, so EXEC will be too. */
export interface Transaction {
  readonly queue: (readonly Bytes[])[];
  aborted: boolean;
  /** One of them writes. */
  writes: boolean;
  /** All of them may run while data are loaded; on a replica without a link that does not serve stale data. */
  allowedWhileLoading: boolean;
  allowedWhenStale: boolean;
  /** One of them may not run while the data are served and others loaded beside them. */
  refusedInAsyncLoading: boolean;
  /** One of them needs memory. */
  deniesOom: boolean;
}

/** Why a client takes no input for now. */
export type BlockedOn =
  | { readonly kind: 'keys'; readonly blocking: Blocking; readonly argv: readonly Bytes[]; readonly deadlineMs: number }
  /** WAIT: so many replicas at an offset. */
  | { readonly kind: 'replicas'; readonly count: number; readonly offset: number; readonly deadlineMs: number }
  /** CLIENT PAUSE: a request that will be taken up when the pause ends. */
  | { readonly kind: 'pause'; readonly argv: readonly Bytes[] }
  /** What the command asked of the host is on its way: the answer follows from it. */
  | { readonly kind: 'host' };

/** A channel, a pattern of channels, or a shard channel. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** The names that a client listens to, in the order in which it asked for them. */
export type Subscriptions = Readonly<Record<SubscriptionKind, Set<Bytes>>>;

export interface WatchedKey {
  readonly database: number;
  readonly key: Bytes;
  /** It was expired already when WATCH came: its removal by time is no change. */
  readonly expired: boolean;
}

/** CLIENT TRACKING as the client has turned it on. */
export interface TrackingState {
  /** Id of the connection that is told instead; 0: this one. */
  readonly redirect: number;
  readonly isBroadcast: boolean;
  /** It does not hear of what it changed itself. */
  readonly isNoLoop: boolean;
  readonly opts: 'in' | 'out' | null;
  /** CLIENT CACHING came just before. */
  caching: boolean;
  /** The connection that is told instead is gone. */
  isBroken: boolean;
  readonly prefixes: readonly Bytes[];
}

/** How much is joined into one write; a longer output goes out in several. */
const WRITE_BYTES_MAX = 65536;

export class Client {
  readonly id: number;
  readonly connection: Connection;
  readonly decoder: RequestDecoder = new RequestDecoder();
  readonly createdMs: number;
  lastInteractionMs: number;
  kind: ClientKind = 'normal';
  databaseId = 0;
  protocol: 2 | 3 = 2;
  name: Bytes = EMPTY;
  authenticated = true;
  /** Kept by the ACL. Null: nobody, so it may do everything. */
  user: ActingUser | null = null;
  lastCommand: string = 'NULL';
  transaction: Transaction | null = null;
  watched: WatchedKey[] = [];
  /** A watched key was touched: EXEC answers null. */
  dirty = false;
  /** CLIENT REPLY: `off`, or `skip` for the next reply. */
  replyMode: 'on' | 'off' | 'skip' | 'skipNext' = 'on';
  /** No more input is taken; the connection goes once the output is out. */
  closing = false;
  closed = false;
  blocked: BlockedOn | null = null;
  /** The request that is being handled as it comes from `decoder`; null between requests, and when one is taken up later. */
  request: readonly Bytes[] | null = null;
  /** Kept by `PubSub`; null: it never listened to anything. */
  subscriptions: Subscriptions | null = null;
  /** It listens to something now. */
  isSubscriber = false;
  /** Stream position behind its last write: what WAIT waits for. */
  writeOffset = 0;
  /** Wall-clock ms since which its output has been above the soft limit; null while below. */
  overSoftLimitSinceMs: number | null = null;
  /** ASKING came just before: the next request may be for a slot that is being imported. */
  isAsking = false;
  /** READONLY: it reads from a replica of a cluster. */
  isReadOnly = false;
  /** MONITOR: it is told of every command. Kept by `Monitors`. */
  isMonitor = false;
  /** It runs the commands of scripts: what they write goes to replicas (2), to the file (1), or both. Null: it is no such client. */
  scriptTargets: number | null = null;
  /** Kept by `Tracking`; null: off. */
  tracking: TrackingState | null = null;
  /** CLIENT NO-EVICT. */
  noEvict = false;
  /** Output is gathered but not sent: a replica that waits for its snapshot. */
  held = false;
  output: Bytes[] = [];
  outputBytes = 0;
  /** The next of those that have output at the end of this turn: a list through the clients themselves, kept by their owner. */
  nextPending: Client | null = null;
  private writable = true;
  private readonly pending: (client: Client) => void;
  private isPending = false;

  constructor(id: number, connection: Connection, nowMs: number, pending: (client: Client) => void) {
    this.id = id;
    this.connection = connection;
    this.createdMs = nowMs;
    this.lastInteractionMs = nowMs;
    this.pending = pending;
  }

  get address(): Bytes {
    return `${this.connection.remoteAddress}:${this.connection.remotePort}` as Bytes;
  }

  /** What CLIENT LIST, CLIENT KILL and the output limits count it as. */
  get type(): ClientKind | 'pubsub' {
    return this.kind === 'normal' && this.isSubscriber ? 'pubsub' : this.kind;
  }

  reply(reply: Reply): void {
    if (reply === NO_REPLY || this.kind === 'primary') return;
    if (this.replyMode !== 'on') {
      if (this.replyMode === 'skip') this.replyMode = 'on';
      else if (this.replyMode === 'skipNext') this.replyMode = 'skip';
      return;
    }
    this.push(encodeReply(reply, this.protocol));
  }

  /** Queues wire bytes behind what is queued already. */
  push(chunk: Bytes): void {
    if (this.closed) return;
    // Mostly a turn has one: a list of one is smaller than one that grows.
    if (this.output.length === 0) this.output = [chunk];
    else this.output.push(chunk);
    this.outputBytes += chunk.length;
    if (!this.isPending) {
      this.isPending = true;
      this.pending(this);
    }
  }

  /** Hands the output to the connection, as far as that takes it. True when nothing is left. */
  flush(): boolean {
    this.isPending = false;
    if (this.held || this.closed) return this.output.length === 0;
    while (this.writable && this.output.length > 0) this.writable = this.connection.write(this.takeOutput());
    return this.output.length === 0;
  }

  /** The connection has room again. */
  onWritable(): void {
    this.writable = true;
    this.flush();
  }

  private takeOutput(): Bytes {
    if (this.outputBytes <= WRITE_BYTES_MAX) {
      const all = this.output.length === 1 ? this.output[0] as Bytes : join(this.output);
      this.output = [];
      this.outputBytes = 0;
      return all;
    }
    let count = 0;
    let size = 0;
    while (count < this.output.length && size < WRITE_BYTES_MAX) {
      size += (this.output[count] as Bytes).length;
      count++;
    }
    const part = join(this.output.splice(0, count));
    this.outputBytes -= part.length;
    return part;
  }
}
