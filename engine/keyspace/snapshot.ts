/**
 * The data set as it was at one instant, read in slices while the node goes on: what fork gives Redis.
 *
 * The walk goes down each database's dense list, so an entry that moves (always to a lower place) is still ahead of it.
 * An entry that changes before the walk reaches it is kept here first, as it was. Entries made later carry the snapshot's
 * own generation and are passed over. FLUSHALL leaves the old lists to the walk.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Database, Entry } from './database.ts';
import { type Value, copyValue } from './value.ts';

export interface SnapshotItem {
  readonly key: Bytes;
  readonly value: Value;
  /** Wall-clock ms, or -1. */
  readonly expireAtMs: number;
}

export class Snapshot {
  readonly generation: number;
  /** Entries and entries with expiry of each database at the instant: the RDB's resize hints. */
  readonly sizes: readonly { readonly database: number; readonly keys: number; readonly expiring: number }[];
  /** The code of function libraries. */
  readonly libraries: readonly Bytes[];
  private readonly databases: readonly Database[];
  private readonly kept: Map<Database, SnapshotItem[]>;
  private readonly closed: () => void;
  private isOpen = true;
  /** Entries that the walk has come by. */
  taken = 0;

  constructor(databases: readonly Database[], libraries: readonly Bytes[], generation: number, closed: () => void) {
    this.libraries = libraries;
    this.databases = databases;
    this.generation = generation;
    this.closed = closed;
    this.kept = new Map(databases.map((database) => [database, []]));
    this.sizes = databases.map((database) => (
      { database: database.id, keys: database.size, expiring: database.expiringSize }));
  }

  /** Called before an entry's first change since the snapshot. */
  keep(database: Database, entry: Readonly<Entry>): void {
    const kept = this.kept.get(database);
    if (!this.isOpen || kept === undefined || entry.generation >= this.generation) return;
    kept.push({
      key: entry.key, value: copyValue(entry.value), expireAtMs: entry.expireAtMs,
    });
  }

  /** Every entry of one database as it was, in no order. May be left and taken up again between turns. */
  *items(id: number): Generator<SnapshotItem, void> {
    const database = this.databases[id] as Database;
    const entries = database.entries();
    const kept = this.kept.get(database) as SnapshotItem[];
    for (let place = entries.length - 1; ; place--) {
      while (kept.length > 0) {
        this.taken++;
        yield kept.pop() as SnapshotItem;
      }
      place = Math.min(place, entries.length - 1);
      if (place < 0) return;
      const entry = entries[place] as Entry;
      if (entry.generation >= this.generation) continue;
      entry.generation = this.generation;
      this.taken++;
      yield { key: entry.key, value: entry.value, expireAtMs: entry.expireAtMs };
    }
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.closed();
  }
}
