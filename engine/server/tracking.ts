/**
 * Client-side caching: who has asked for which keys, and telling them when these change. In broadcast mode nothing is remembered of
 * what was asked: whoever named a prefix is told of all changed keys under it, at the end of the turn.
 *
 * Always holds: a key stands in the table only while some client is to be told of it; it leaves with the message. The message about what
 * a client changed itself follows its reply. Source: tracking.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes, compare, detach } from '../core/bytes.ts';
import type { Client, TrackingState } from '../commands/client.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { encodeReply } from '../protocol/encode.ts';
import { PushReply, type Reply } from '../protocol/reply.ts';

const INVALIDATE = bytes('invalidate');
const REDIRECTION_BROKEN = bytes('tracking-redir-broken');
const MESSAGE = bytes('message');
const CHANNEL = bytes('__redis__:invalidate');

/** How many keys above the limit one round of the cron forgets. */
const FORGOTTEN_PER_ROUND = 1000;

/** What happened under a prefix since the last turn: each key with who changed it last (null: nobody). */
interface Broadcast {
  readonly clients: Set<Client>;
  readonly changed: Map<Bytes, Client | null>;
}

export class Tracking {
  private readonly clients: ReadonlyMap<number, Client>;
  private readonly keyspace: Keyspace;
  /** Ids of those who asked for the key. An id may be of a client that is gone, or tracks no more. */
  private readonly table: Map<Bytes, Set<number>> = new Map();
  private readonly prefixes: Map<Bytes, Broadcast> = new Map();
  private readonly trackers: Set<Client> = new Set();
  private items = 0;
  /** Whose command is being run; what it changes itself is told behind its reply. */
  private current: Client | null = null;
  /** Null: everything was emptied. */
  private pending: (Bytes | null)[] = [];

  constructor(clients: ReadonlyMap<number, Client>, keyspace: Keyspace) {
    this.clients = clients;
    this.keyspace = keyspace;
  }

  get counts(): { readonly clients: number; readonly keys: number; readonly items: number; readonly prefixes: number } {
    return { clients: this.trackers.size, keys: this.table.size, items: this.items, prefixes: this.prefixes.size };
  }

  isClient(id: number): boolean {
    return this.clients.has(id);
  }

  enable(client: Client, state: TrackingState, prefixes: readonly Bytes[]): void {
    const known = client.tracking?.prefixes ?? [];
    const named = !state.isBroadcast ? [] : prefixes.length > 0 ? prefixes : known.length > 0 ? [] : [EMPTY];
    client.tracking = { ...state, prefixes: [...known, ...named.filter((prefix) => !known.includes(prefix))].sort(compare) };
    for (const prefix of named) {
      const broadcast = this.prefixes.get(prefix) ?? { clients: new Set(), changed: new Map() };
      broadcast.clients.add(client);
      this.prefixes.set(detach(prefix), broadcast);
    }
    this.trackers.add(client);
    this.keyspace.keyChanged = (key) => this.changed(key, true);
  }

  /** The client wants no more, or is gone. What the table holds of it is passed over when it comes up. */
  disable(client: Client): void {
    if (client.tracking === null) return;
    for (const prefix of client.tracking.prefixes) {
      const broadcast = this.prefixes.get(prefix);
      broadcast?.clients.delete(client);
      if (broadcast?.clients.size === 0) this.prefixes.delete(prefix);
    }
    client.tracking = null;
    this.trackers.delete(client);
    if (this.trackers.size > 0) return;
    this.keyspace.keyChanged = null;
    this.table.clear();
    this.items = 0;
  }

  /** The client's command runs from now on. */
  begin(client: Client): void {
    this.current = client;
  }

  /** The reply is out: what the client is to hear of its own changes follows. */
  end(client: Client): void {
    this.current = null;
    if (this.pending.length === 0) return;
    const { pending } = this;
    this.pending = [];
    for (const key of pending) {
      if (client.tracking !== null) this.tell(client, key === null ? null : [key]);
    }
  }

  /** The client has read these keys. */
  remember(client: Client, keys: readonly Bytes[]): void {
    const { tracking } = client;
    if (tracking === null || tracking.isBroadcast) return;
    if (tracking.opts === 'in' && !tracking.caching) return;
    if (tracking.opts === 'out' && tracking.caching) return;
    for (const key of keys) {
      let ids = this.table.get(key);
      if (ids === undefined) {
        ids = new Set();
        this.table.set(detach(key), ids);
      }
      if (ids.has(client.id)) continue;
      ids.add(client.id);
      this.items++;
    }
  }

  /** Databases were emptied: everybody is told to forget everything. */
  flushed(): void {
    for (const client of this.trackers) {
      if (client === this.current) this.pending.push(null);
      else this.tell(client, null);
    }
    this.table.clear();
    this.items = 0;
  }

  /** At the end of a turn: what changed under the prefixes, keys in order. */
  broadcast(): void {
    if (this.prefixes.size === 0) return;
    const sorted = [...this.prefixes].sort(([left], [right]) => compare(left, right));
    for (const [, { clients, changed }] of sorted) {
      if (changed.size === 0) continue;
      const keys = [...changed.keys()].sort(compare);
      for (const client of clients) {
        const heard = client.tracking?.isNoLoop === true ? keys.filter((key) => changed.get(key) !== client) : keys;
        if (heard.length > 0) this.tell(client, heard);
      }
      changed.clear();
    }
  }

  /** Above `tracking-table-max-keys` the oldest keys are given up, as if they had changed. */
  limit(keysMax: number): void {
    if (keysMax === 0) return;
    for (let count = this.table.size - keysMax, round = 0; count > 0 && round < FORGOTTEN_PER_ROUND; count--, round++) {
      this.changed(this.table.keys().next().value as Bytes, false);
    }
  }

  private changed(key: Bytes, isBroadcast: boolean): void {
    if (isBroadcast) {
      for (const [prefix, { changed }] of this.prefixes) if (key.startsWith(prefix)) changed.set(key, this.current);
    }
    const ids = this.table.get(key);
    if (ids === undefined) return;
    this.table.delete(key);
    this.items -= ids.size;
    for (const id of ids) {
      const client = this.clients.get(id);
      const tracking = client?.tracking ?? null;
      if (client === undefined || tracking === null || tracking.isBroadcast) continue;
      if (client !== this.current) this.tell(client, [key]);
      else if (!tracking.isNoLoop) this.pending.push(key);
    }
  }

  /** Sends which keys are out of date; null: all of them. */
  private tell(client: Client, keys: readonly Bytes[] | null): void {
    const { tracking } = client;
    if (tracking === null) return;
    const target = tracking.redirect === 0 ? client : this.clients.get(tracking.redirect);
    if (target === undefined) {
      tracking.isBroken = true;
      if (client.protocol === 3) push(client, [REDIRECTION_BROKEN, tracking.redirect]);
    } else if (target.protocol === 3) push(target, [INVALIDATE, keys]);
    // RESP2 has no messages but those of a subscriber.
    else if (target !== client && target.isSubscriber) push(target, [MESSAGE, CHANNEL, keys]);
  }
}

const push = (client: Client, items: readonly Reply[]): void => client.push(encodeReply(new PushReply(items), client.protocol));
