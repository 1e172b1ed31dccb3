/**
 * Clients that wait: for keys, for replicas, for the end of a pause, for the host. They take no input meanwhile; what they sent behind is
 * taken up when they go on. Deadlines are wall-clock time, looked at when a turn ends.
 * Source: blocked.c and timeout.c of Redis 7.0, replication.c (processClientsWaitingReplicas).
 */
import { type Bytes, slice } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import type { Blocking } from '../commands/command.ts';
import type { Database } from '../keyspace/database.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { StreamValue } from '../keyspace/streamValue.ts';

/** What the registry asks of the server. */
export interface BlockedEvents {
  /** Runs `retry` as a command of the client; true when it got its answer. */
  retry(client: Client, blocking: Blocking, argv: readonly Bytes[], key: Bytes): boolean;
  /** The client may go on: its input is taken up again at the end of the turn. */
  released(client: Client): void;
  /** Replicas that have acknowledged an offset. */
  replicasAt(offset: number): number;
  /** A wait for replicas ended by its time limit. */
  waitTimedOut(): void;
}

/** A served client may make other keys ready; more rounds than this mean a circle. */
const ROUNDS_MAX = 1_000_000;

export class BlockedClients {
  private readonly events: BlockedEvents;
  /** By database and key, in the order in which they came. */
  private readonly byKey: Map<Bytes, Set<Client>> = new Map();
  private readonly clients: Set<Client> = new Set();
  private ready: Set<Bytes> = new Set();
  private nextDeadlineMs = Infinity;
  private wantsAcks = false;
  /** How many wait for a stream that is there, and hear when it goes. */
  private needingStream = 0;

  constructor(events: BlockedEvents) {
    this.events = events;
  }

  get size(): number {
    return this.clients.size;
  }

  /** Somebody waits, or has waited for replicas which were not asked yet: his time may have run out before they could be. */
  get hasWork(): boolean {
    return this.clients.size > 0 || this.wantsAcks;
  }

  /** A client has come to wait for replicas since this was last asked: they are to be asked for their offsets. */
  takeAckRequest(): boolean {
    const { wantsAcks } = this;
    this.wantsAcks = false;
    return wantsAcks;
  }

  blockOnKeys(client: Client, blocking: Blocking, argv: readonly Bytes[], nowMs: number): void {
    const deadlineMs = blocking.timeoutMs === 0 ? Infinity : nowMs + blocking.timeoutMs;
    this.add(client, { kind: 'keys', blocking, argv, deadlineMs });
    if (blocking.needsStream === true) this.needingStream++;
    for (const key of blocking.keys) {
      const name = keyName(client.databaseId, key);
      const waiting = this.byKey.get(name) ?? new Set<Client>();
      waiting.add(client);
      this.byKey.set(name, waiting);
    }
  }

  blockOnReplicas(client: Client, count: number, timeoutMs: number, nowMs: number): void {
    const deadlineMs = timeoutMs === 0 ? Infinity : nowMs + timeoutMs;
    this.add(client, { kind: 'replicas', count, offset: client.writeOffset, deadlineMs });
    this.wantsAcks = true;
  }

  /** Until the host has done what the command asked of it. */
  blockOnHost(client: Client): void {
    this.add(client, { kind: 'host' });
  }

  blockOnPause(client: Client, argv: readonly Bytes[]): void {
    this.add(client, { kind: 'pause', argv });
  }

  /** A key was changed, replaced or removed; `isNew`: it is there and was not before, or has something new for who waits. */
  touched(database: Database, key: Bytes, isNew: boolean): void {
    if (this.byKey.size === 0) return;
    const value = database.peek(key)?.value;
    const mayServe = isNew && (value instanceof ListValue || value instanceof SortedSetValue || value instanceof StreamValue);
    if (!mayServe && (this.needingStream === 0 || value instanceof StreamValue)) return;
    const name = keyName(database.id, key);
    if (this.byKey.has(name)) this.ready.add(name);
  }

  /** Serves those who wait for keys that changed, until no more keys become ready. */
  serveReadyKeys(): void {
    for (let round = 0; this.ready.size > 0 && round < ROUNDS_MAX; round++) {
      const ready = this.ready;
      this.ready = new Set();
      for (const name of ready) {
        const key = slice(name, name.indexOf(':') + 1);
        for (const client of [...this.byKey.get(name) ?? []]) {
          const { blocked } = client;
          if (blocked?.kind !== 'keys') continue;
          if (this.events.retry(client, blocked.blocking, blocked.argv, key)) this.release(client);
        }
      }
    }
  }

  /** Replicas acknowledged something: some WAIT may be over. */
  serveReplicaWaits(): void {
    for (const client of this.clients) {
      const { blocked } = client;
      if (blocked?.kind !== 'replicas') continue;
      const reached = this.events.replicasAt(blocked.offset);
      if (reached < blocked.count) continue;
      client.reply(reached);
      this.release(client);
    }
  }

  /** Those whose time is over. */
  expire(nowMs: number): void {
    if (nowMs < this.nextDeadlineMs) return;
    this.nextDeadlineMs = Infinity;
    for (const client of [...this.clients]) {
      const { blocked } = client;
      if (blocked === null || !('deadlineMs' in blocked)) continue;
      if (blocked.deadlineMs > nowMs) {
        this.nextDeadlineMs = Math.min(this.nextDeadlineMs, blocked.deadlineMs);
        continue;
      }
      if (blocked.kind === 'replicas') this.events.waitTimedOut();
      client.reply(blocked.kind === 'keys' ? blocked.blocking.timeoutReply : this.events.replicasAt(blocked.offset));
      this.release(client);
    }
  }

  /** The pause is over: its requests are taken up in the order in which they came. */
  takePaused(): { readonly client: Client; readonly argv: readonly Bytes[] }[] {
    const paused: { readonly client: Client; readonly argv: readonly Bytes[] }[] = [];
    for (const client of [...this.clients]) {
      if (client.blocked?.kind !== 'pause') continue;
      paused.push({ client, argv: client.blocked.argv });
      this.release(client);
    }
    return paused;
  }

  /** Clients that wait for keys or replicas, for a role change: an answer for each. */
  waiting(): Client[] {
    return [...this.clients].filter((client) => client.blocked !== null && 'deadlineMs' in client.blocked);
  }

  /** Ends the wait of a client, if it waits. Its answer, if any, was given before. */
  release(client: Client): void {
    if (!this.clients.delete(client)) return;
    const { blocked } = client;
    client.blocked = null;
    if (blocked?.kind === 'keys') {
      if (blocked.blocking.needsStream === true) this.needingStream--;
      for (const key of blocked.blocking.keys) {
        const name = keyName(client.databaseId, key);
        const waiting = this.byKey.get(name);
        waiting?.delete(client);
        if (waiting !== undefined && waiting.size === 0) this.byKey.delete(name);
      }
    }
    this.events.released(client);
  }

  private add(client: Client, blocked: NonNullable<Client['blocked']>): void {
    client.blocked = blocked;
    this.clients.add(client);
    if ('deadlineMs' in blocked) this.nextDeadlineMs = Math.min(this.nextDeadlineMs, blocked.deadlineMs);
  }
}

const keyName = (database: number, key: Bytes): Bytes => `${database}:${key}` as Bytes;
