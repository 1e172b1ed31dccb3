/**
 * All databases of a node, and what they share: the time of the running command, who may delete expired keys, the digest,
 * and the one open snapshot.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { Database, type Entry } from './database.ts';
import type { KeyEventListener } from './keyEvents.ts';
import type { Lfu } from './lfu.ts';
import type { MemoryLedger } from './memoryLedger.ts';
import { type LibraryCodes, NO_LIBRARIES } from './libraries.ts';
import type { SlotIndex, SlotKeys, SlotOf } from './slotKeys.ts';
import { Snapshot } from './snapshot.ts';
import { ENCODING_LIMITS_DEFAULT, type EncodingLimits } from './value.ts';

/**
 * Who deletes a key whose time has come. `delete`: this node, and it says so to its stream. `hide`: readers do not see
 * it, but only the primary's stream removes it. `ignore`: it is there (the primary's stream, loading).
 */
export type ExpiryMode = 'delete' | 'hide' | 'ignore';

/** How the stream names a deletion, by what brought it about: UNLINK where `lazyfree-lazy-…` is on, DEL elsewhere. */
export interface DeletionNames {
  expire: Bytes;
  userDel: Bytes;
  eviction: Bytes;
}

export const DEL: Bytes = bytes('DEL');
export const UNLINK: Bytes = bytes('UNLINK');

export interface KeyspaceHooks {
  /**
   * A key was changed, added or removed: WATCH. `isNew`: it was not there before, which is all that clients who wait for it
   * hear of; a value that replaces another does not wake them. A stream counts as new with each entry that it gets.
   */
  touched(database: Database, key: Bytes, isNew: boolean): void;
  /** A key was deleted because its time had come: the stream gets a deletion. */
  expired(database: Database, key: Bytes): void;
  /** Databases were emptied. */
  flushed?(): void;
}

export class Keyspace {
  /** Wall-clock time of the running command, set by the server before each. */
  nowMs = 0;
  expiryMode: ExpiryMode = 'delete';
  readonly keepsDigest: boolean;
  readonly limits: EncodingLimits = { ...ENCODING_LIMITS_DEFAULT };
  readonly deletionNames: DeletionNames = { expire: DEL, userDel: DEL, eviction: DEL };
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: snapshots and payloads of RESTORE are taken as they are. */
  skipsChecksums = false;
  /** Function libraries, which are saved and loaded with the data. */
  libraries: LibraryCodes = NO_LIBRARIES;
  /** Who hears what happens to keys (`notify-keyspace-events`); null: nobody. */
  keyEvents: KeyEventListener | null = null;
  /** What keys weigh, kept while there is a limit; null: nobody asks. */
  ledger: MemoryLedger | null = null;
  /** How accesses are kept under an LFU policy; null: as their time. */
  lfu: Lfu | null = null;
  /** Who is told of each key that changed, whatever changed it, but for databases that were emptied or exchanged; null: nobody. */
  keyChanged: ((key: Bytes) => void) | null = null;
  /** How often readers found a key, and how often not: INFO's `keyspace_hits` and `keyspace_misses`. */
  hits = 0;
  misses = 0;
  /** Raised by each snapshot; entries below it have not been kept for the open one. */
  generation = 0;
  /** Sums over the databases, each spread by its number so that equal keys in two databases do not cancel out. */
  digestLo = 0;
  digestHi = 0;
  private databaseList: Database[];
  private snapshot: Snapshot | null = null;
  private readonly hooks: KeyspaceHooks;
  /** The hash slot of a key; null outside a cluster. */
  readonly slotOf: SlotOf | null;

  constructor(databaseCount: number, hooks: KeyspaceHooks, keepsDigest: boolean, slotOf: SlotOf | null = null) {
    this.hooks = hooks;
    this.keepsDigest = keepsDigest;
    this.slotOf = slotOf;
    this.databaseList = Array.from({ length: databaseCount }, (_, id) => new Database(this, id));
  }

  get databases(): readonly Database[] {
    return this.databaseList;
  }

  database(id: number): Database {
    const database = this.databaseList[id];
    assert(database !== undefined, 'no such database');
    return database;
  }

  /** The keys by hash slot. A cluster has one database. */
  readonly slotKeys: SlotKeys = {
    count: (slot) => this.slotIndex.count(slot),
    keys: (slot, max) => this.slotIndex.keys(slot, max),
  };

  private get slotIndex(): SlotIndex {
    const { slots } = this.database(0);
    assert(slots !== null, 'keys have slots in a cluster');
    return slots;
  }

  get size(): number {
    let size = 0;
    for (const database of this.databaseList) size += database.size;
    return size;
  }

  /** One database's share of the digest changed. */
  addToDigest(id: number, lo: number, hi: number): void {
    this.digestLo = (this.digestLo + Math.imul(lo, id * 2 + 1)) | 0;
    this.digestHi = (this.digestHi + Math.imul(hi, id * 2 + 1)) | 0;
  }

  /** After databases were replaced or renumbered. */
  private sumDigests(): void {
    this.digestLo = 0;
    this.digestHi = 0;
    for (const { id, digestLo, digestHi } of this.databaseList) this.addToDigest(id, digestLo, digestHi);
  }

  /** Empties one database, or all (-1). An open snapshot goes on walking the old one. Returns how many keys went. */
  flush(id: number): number {
    let removed = 0;
    this.databaseList = this.databaseList.map((database) => {
      if (id !== -1 && database.id !== id) return database;
      if (database.size === 0) return database;
      removed += database.size;
      const fresh = new Database(this, database.id);
      for (const entry of database.entries()) this.hooks.touched(fresh, entry.key, false);
      return fresh;
    });
    if (removed > 0) this.recount();
    this.hooks.flushed?.();
    this.sumDigests();
    return removed;
  }

  /** An empty data set like this one, for loading beside it; nobody hears of what happens in it. */
  emptyTwin(): Keyspace {
    const twin = new Keyspace(this.databaseList.length, UNHEARD, this.keepsDigest, this.slotOf);
    Object.assign(twin.limits, this.limits);
    twin.nowMs = this.nowMs;
    return twin;
  }

  /** The twin's databases take the place of ours. WATCH sees every key of both as touched; the twin is of no use after. */
  takeOver(twin: Keyspace): void {
    assert(twin.databaseList.length === this.databaseList.length, 'a twin has as many databases');
    this.flush(-1);
    this.databaseList = twin.databaseList;
    twin.databaseList = [];
    this.sumDigests();
    for (const database of this.databaseList) {
      database.moveTo(this);
      for (const { key } of database.entries()) this.hooks.touched(database, key, true);
    }
    this.recount();
  }

  /** The keys were exchanged as a whole: their weights are added up anew. */
  recount(): void {
    this.ledger?.recount(this.databaseList.flatMap((database) => database.entries()));
  }

  /** What an entry keeps of its being asked for now; `before`: what it kept, null for a new one. */
  access(before: number | null): number {
    if (this.lfu === null) return this.nowMs;
    return before === null ? this.lfu.forNew(this.nowMs) : this.lfu.touched(before, this.nowMs);
  }

  /** SWAPDB: the two databases change numbers. WATCH sees every key of both as touched. */
  swap(first: number, second: number): void {
    const one = this.database(first);
    const two = this.database(second);
    this.databaseList = [...this.databaseList];
    this.databaseList[first] = two;
    this.databaseList[second] = one;
    two.id = first;
    one.id = second;
    this.sumDigests();
    for (const held of [one, two]) {
      for (const { key } of held.entries()) {
        this.hooks.touched(one, key, true);
        this.hooks.touched(two, key, true);
      }
    }
  }

  /** Opens the snapshot of this instant. One at a time, as Redis has one child at a time. */
  openSnapshot(): Snapshot {
    assert(this.snapshot === null, 'a snapshot is open already');
    this.generation++;
    this.snapshot = new Snapshot(this.databaseList, this.libraries.codes(), this.generation, () => {
      this.snapshot = null;
    });
    return this.snapshot;
  }

  /** Keeps the value of an entry that is about to change, for the open snapshot. */
  preserve(database: Database, entry: Entry): void {
    if (this.snapshot !== null) this.snapshot.keep(database, entry);
    entry.generation = this.generation;
  }

  touched(database: Database, key: Bytes, isNew: boolean): void {
    this.keyChanged?.(key);
    this.hooks.touched(database, key, isNew);
  }

  expire(database: Database, key: Bytes): void {
    database.remove(key);
    database.notify('x', 'expired', key);
    this.hooks.expired(database, key);
  }
}

const UNHEARD: KeyspaceHooks = { touched: () => {}, expired: () => {} };
