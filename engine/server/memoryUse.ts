/**
 * How much memory the process is taken to use: a base for the program, the data set by the estimate of each key, and what clients
 * and replication hold. INFO, MEMORY and `maxmemory` read it.
 *
 * The data set is not walked for a figure: unless the sum is kept (`keyspace/memoryLedger.ts`), a fixed number of keys stands for
 * all. Source: getMemoryOverheadData in object.c of Redis 7.0, for what counts.
 */
import type { Client } from '../commands/client.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { entryBytes, tablesBytes } from '../keyspace/memoryEstimate.ts';
import type { Persistence } from './persistence.ts';
import type { ServerState } from './serverState.ts';

/** What redis-server 7.0 takes when it has started. */
const STARTUP_BYTES = 876_160;
/** A connection without anything to say. */
const CLIENT_BYTES = 1920;
const SAMPLED_KEYS_MAX = 32;

export interface MemoryFigures {
  readonly total: number;
  readonly peak: number;
  readonly startup: number;
  readonly dataset: number;
  readonly overhead: number;
  readonly backlog: number;
  readonly replicas: number;
  readonly clients: number;
  readonly aofBuffer: number;
  readonly keys: number;
  /** Tables of the databases that hold anything. */
  readonly databases: readonly { readonly id: number; readonly keys: number; readonly expiring: number }[];
}

export interface MemoryUseParts {
  readonly keyspace: Keyspace;
  readonly state: ServerState;
  readonly persistence: Pick<Persistence, 'aof'>;
}

export const clientBytes = (client: Client): number => CLIENT_BYTES + client.outputBytes + client.decoder.buffered;

export class MemoryUse {
  private readonly parts: MemoryUseParts;
  private peak = STARTUP_BYTES;
  private clientsBytes = 0;

  constructor(parts: MemoryUseParts) {
    this.parts = parts;
  }

  figures(): MemoryFigures {
    const { keyspace, state, persistence } = this.parts;
    const databases = keyspace.databases.filter((database) => database.size > 0).map((database) => ({
      id: database.id, keys: tablesBytes(database.size, 0), expiring: tablesBytes(0, database.expiringSize),
    }));
    const tables = databases.reduce((sum, { keys, expiring }) => sum + keys + expiring, 0);
    const entries = this.entriesBytes();
    let replicas = 0;
    let clients = 0;
    for (const client of state.clients.values()) {
      if (client.kind === 'replica') replicas += clientBytes(client);
      else clients += clientBytes(client);
    }
    const backlog = state.history.backlog?.length ?? 0;
    const aofBuffer = persistence.aof.writer.bufferLength;
    const overhead = STARTUP_BYTES + tables + backlog + replicas + clients + aofBuffer;
    const total = overhead + entries;
    this.peak = Math.max(this.peak, total);
    this.clientsBytes = clients;
    return {
      total, peak: this.peak, startup: STARTUP_BYTES, dataset: entries, overhead, backlog, replicas, clients, aofBuffer,
      keys: keyspace.size, databases,
    };
  }

  /**
   * What `maxmemory` is held against: replicas' output and the append-only file's buffer do not count. Clients' buffers count as they were
   * when somebody last asked for all figures.
   */
  counted(): number {
    const { keyspace, state } = this.parts;
    let tables = 0;
    for (const database of keyspace.databases) {
      if (database.size > 0) tables += tablesBytes(database.size, database.expiringSize);
    }
    return STARTUP_BYTES + tables + this.entriesBytes() + (state.history.backlog?.length ?? 0) + this.clientsBytes;
  }

  private entriesBytes(): number {
    const { ledger } = this.parts.keyspace;
    if (ledger !== null) return ledger.total;
    let sum = 0;
    for (const database of this.parts.keyspace.databases) {
      const entries = database.entries();
      if (entries.length === 0) continue;
      const step = Math.max(1, Math.floor(entries.length / SAMPLED_KEYS_MAX));
      let weighed = 0;
      let count = 0;
      for (let place = 0; place < entries.length; place += step) {
        weighed += entryBytes(entries[place] as (typeof entries)[number]);
        count++;
      }
      sum += Math.floor((weighed / count) * entries.length);
    }
    return sum;
  }
}
