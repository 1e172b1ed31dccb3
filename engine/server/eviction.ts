/**
 * `maxmemory`: keys go by the policy until the data fit again, before each command; where nothing may go, commands that need memory are
 * refused. Memory is the estimate of `memoryUse.ts`; what replicas and the append-only file still have to be sent does not count.
 *
 * Redis bounds a round by time; here it is a number of keys, and what is left goes before the next command or in the cron. A replica leaves
 * it to its primary, unless it is told not to. Source: evict.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import type { Host } from '../host.ts';
import type { Client } from '../commands/client.ts';
import type { Database, Entry } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { Lfu } from '../keyspace/lfu.ts';
import { MemoryLedger } from '../keyspace/memoryLedger.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import type { Config } from './config.ts';
import { memoryOrPercent } from './configValues.ts';
import type { LatencyMonitor } from './latencyMonitor.ts';
import { type MemoryUse, clientBytes } from './memoryUse.ts';
import type { ServerState } from './serverState.ts';

export const OUT_OF_MEMORY: ErrorReply = error("OOM command not allowed when used memory > 'maxmemory'.");

/** Candidates that are kept from round to round. */
const POOL_MAX = 16;
/** What Redis's half a millisecond buys at the default tenacity. */
const KEYS_PER_ROUND_MAX = 500;

export interface EvictionParts {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly random: Random;
  readonly state: ServerState;
  readonly memory: MemoryUse;
  readonly latency: LatencyMonitor;
  /** Nothing may go now: data are loaded, writes are paused, or the primary sees to it. */
  isHeldBack(): boolean;
  /** A key is gone: readers of the stream are told. */
  evicted(database: Database, key: Bytes): void;
  drop(client: Client, reason: string): void;
}

/** Whom to take: the higher, the sooner. */
interface Candidate {
  readonly database: Database;
  readonly key: Bytes;
  readonly merit: number;
}

export class Eviction {
  private readonly parts: EvictionParts;
  private pool: Candidate[] = [];
  private nextDatabase = 0;
  private limit = 0;
  private policy = '';
  private samples = 0;
  private clientsLimit = 0;

  constructor(parts: EvictionParts) {
    this.parts = parts;
    const { config } = parts;
    for (const name of ['maxmemory', 'maxmemory-policy', 'maxmemory-samples', 'maxmemory-clients', 'lfu-log-factor', 'lfu-decay-time']) {
      config.onChange(name, () => this.follow());
    }
    this.follow();
  }

  /** Whether there was room when it was last made: before the command, or the script, that runs. */
  hasRoom = true;

  /** There is a limit at all. */
  get isOn(): boolean {
    return this.limit > 0;
  }

  /** Frees what is above the limit. False: it cannot be done. */
  makeRoom(): boolean {
    this.hasRoom = this.free();
    return this.hasRoom;
  }

  private free(): boolean {
    const { parts } = this;
    if (this.limit === 0 || parts.isHeldBack()) return true;
    let excess = parts.memory.counted() - this.limit;
    if (excess <= 0) return true;
    if (this.policy === 'noeviction') return false;
    const startedMicros = parts.host.monotonicMicros();
    let chosen = this.choose();
    for (let count = 1; chosen !== null; count++) {
      this.evict(chosen.database, chosen.key);
      excess = parts.memory.counted() - this.limit;
      if (excess <= 0 || count >= KEYS_PER_ROUND_MAX) break;
      chosen = this.choose();
    }
    parts.latency.took('eviction-cycle', parts.host.monotonicMicros() - startedMicros, parts.host.wallMs());
    return chosen !== null;
  }

  /** Goes on with what a round has left, by fresh figures; and sees to the clients. */
  cron(): void {
    if (this.isOn) {
      this.parts.memory.figures();
      this.makeRoom();
    }
    this.dropClients();
  }

  /** Clients that hold too much together go, the largest first. */
  private dropClients(): void {
    if (this.clientsLimit === 0) return;
    const { state, drop } = this.parts;
    const held = [...state.clients.values()].filter((client) => client.kind === 'normal' && !client.closing)
      .map((client) => ({ client, size: clientBytes(client) }))
      .sort((left, right) => right.size - left.size || left.client.id - right.client.id);
    let total = held.reduce((sum, { size }) => sum + size, 0);
    for (const { client, size } of held) {
      if (total < this.clientsLimit) return;
      // What it holds counts all the same.
      if (client.noEvict) continue;
      total -= size;
      state.stats.evictedClients++;
      drop(client, 'evicted: maxmemory-clients');
    }
  }

  private follow(): void {
    const { config, keyspace, random } = this.parts;
    this.limit = config.number('maxmemory');
    this.hasRoom = true;
    this.policy = config.text('maxmemory-policy');
    this.samples = config.number('maxmemory-samples');
    this.clientsLimit = memoryOrPercent(config.text('maxmemory-clients'), this.limit) ?? 0;
    this.pool = [];
    keyspace.lfu = this.policy.endsWith('lfu') ? new Lfu(random, config.number('lfu-log-factor'), config.number('lfu-decay-time')) : null;
    if (this.limit === 0) keyspace.ledger = null;
    else if (keyspace.ledger === null) {
      keyspace.ledger = new MemoryLedger();
      keyspace.recount();
    }
  }

  private evict(database: Database, key: Bytes): void {
    const { parts } = this;
    database.remove(key);
    database.notify('e', 'evicted', key);
    parts.state.stats.evictedKeys++;
    parts.host.cost('element', this.samples);
    parts.evicted(database, key);
  }

  private choose(): Pick<Candidate, 'database' | 'key'> | null {
    return this.policy.endsWith('random') ? this.chooseAny() : this.chooseBest();
  }

  private entriesOf(database: Database): readonly Entry[] {
    return this.policy.startsWith('allkeys') ? database.entries() : database.expiringEntries();
  }

  /** Databases in turn, so that none bleeds alone. */
  private chooseAny(): Pick<Candidate, 'database' | 'key'> | null {
    const { keyspace, random } = this.parts;
    for (let tries = 0; tries < keyspace.databases.length; tries++) {
      this.nextDatabase = (this.nextDatabase + 1) % keyspace.databases.length;
      const database = keyspace.database(this.nextDatabase);
      const entries = this.entriesOf(database);
      if (entries.length > 0) return { database, key: (entries[random.below(entries.length)] as Entry).key };
    }
    return null;
  }

  private chooseBest(): Candidate | null {
    for (;;) {
      let total = 0;
      for (const database of this.parts.keyspace.databases) {
        const entries = this.entriesOf(database);
        total += entries.length;
        if (entries.length > 0) this.sample(database, entries);
      }
      if (total === 0) return null;
      for (let best = this.pool.pop(); best !== undefined; best = this.pool.pop()) {
        const entry = best.database.peek(best.key);
        // It may be gone meanwhile, or have lost its expiry.
        if (entry !== undefined && (this.policy.startsWith('allkeys') || entry.expiryPlace >= 0)) return best;
      }
    }
  }

  private sample(database: Database, entries: readonly Entry[]): void {
    const { pool } = this;
    const count = Math.min(this.samples, entries.length);
    for (let drawn = 0; drawn < count; drawn++) {
      const entry = count === entries.length ? entries[drawn] as Entry : entries[this.parts.random.below(entries.length)] as Entry;
      const merit = this.merit(entry);
      if (pool.some((one) => one.key === entry.key && one.database === database)) continue;
      if (pool.length >= POOL_MAX && merit <= (pool[0] as Candidate).merit) continue;
      const place = pool.findIndex((one) => one.merit > merit);
      pool.splice(place < 0 ? pool.length : place, 0, { database, key: entry.key, merit });
      if (pool.length > POOL_MAX) pool.shift();
    }
  }

  private merit(entry: Readonly<Entry>): number {
    const { host, keyspace } = this.parts;
    if (this.policy === 'volatile-ttl') return -entry.expireAtMs;
    const nowMs = host.wallMs();
    return keyspace.lfu === null ? nowMs - entry.accessedMs : 255 - keyspace.lfu.frequency(entry.accessedMs, nowMs);
  }
}
