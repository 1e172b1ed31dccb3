/** What every process of ours has, whatever it serves: identity, clients, counters. */
import type { Client } from '../commands/client.ts';
import type { Bytes } from '../core/bytes.ts';

export interface ProcessStats {
  connections: number;
  commands: number;
  bytesIn: number;
  bytesOut: number;
  rejectedConnections: number;
  expiredKeys: number;
  evictedKeys: number;
  evictedClients: number;
  errorReplies: number;
  readsProcessed: number;
  writesProcessed: number;
  keysLoaded: number;
  keysLoadExpired: number;
}

export class ProcessState {
  readonly runId: Bytes;
  readonly startedMs: number;
  readonly configFile: Bytes;
  readonly clients: Map<number, Client> = new Map();
  /** Error replies by their code word. */
  readonly errors: Map<string, number> = new Map();
  readonly stats: ProcessStats = {
    connections: 0, commands: 0, bytesIn: 0, bytesOut: 0, rejectedConnections: 0, expiredKeys: 0, evictedKeys: 0, evictedClients: 0,
    errorReplies: 0, readsProcessed: 0, writesProcessed: 0, keysLoaded: 0, keysLoadExpired: 0,
  };

  constructor(runId: Bytes, startedMs: number, configFile: Bytes) {
    this.runId = runId;
    this.startedMs = startedMs;
    this.configFile = configFile;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    for (const name of Object.keys(this.stats) as (keyof ProcessStats)[]) this.stats[name] = 0;
    this.errors.clear();
  }
}
