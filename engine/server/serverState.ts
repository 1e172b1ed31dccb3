/** What the parts of one server share: identity, clients, counters. */
import type { Client } from '../commands/client.ts';
import type { Bytes } from '../core/bytes.ts';
import type { SnapshotSaver } from '../persistence/snapshotSaver.ts';
import type { ReplicationHistory } from '../replication/history.ts';

export interface ServerStats {
  connections: number;
  commands: number;
  bytesIn: number;
  bytesOut: number;
  rejectedConnections: number;
  expiredKeys: number;
  errorReplies: number;
  readsProcessed: number;
  writesProcessed: number;
  keysLoaded: number;
  keysLoadExpired: number;
}

export class ServerState {
  readonly runId: Bytes;
  readonly history: ReplicationHistory;
  readonly saver: SnapshotSaver;
  readonly startedMs: number;
  readonly configFile: Bytes;
  readonly clients: Map<number, Client> = new Map();
  /** Error replies by their code word. */
  readonly errors: Map<string, number> = new Map();
  readonly stats: ServerStats = {
    connections: 0, commands: 0, bytesIn: 0, bytesOut: 0, rejectedConnections: 0, expiredKeys: 0, errorReplies: 0,
    readsProcessed: 0, writesProcessed: 0, keysLoaded: 0, keysLoadExpired: 0,
  };
  loading = false;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpiry = true;
  loadingStartedMs = 0;
  /** A shutdown was asked for. */
  exiting = false;

  constructor(runId: Bytes, history: ReplicationHistory, saver: SnapshotSaver, startedMs: number, configFile: Bytes) {
    this.runId = runId;
    this.history = history;
    this.saver = saver;
    this.startedMs = startedMs;
    this.configFile = configFile;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    for (const name of Object.keys(this.stats) as (keyof ServerStats)[]) this.stats[name] = 0;
    this.errors.clear();
  }

  dirty(changes: number): void {
    this.saver.stats.dirty += changes;
  }
}
