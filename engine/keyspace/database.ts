/**
 * One numbered database: keys, values, expiry.
 *
 * What always holds: every change of an entry is preceded by `preserve` (an open snapshot keeps the old value) and
 * followed by `changed` (digest, WATCH). `lookupWrite`, `put`, `remove` and `setExpiry` see to the first; handlers that
 * changed a looked-up collection in place call `changed`. Source: db.c and expire.c of Redis 7.0, for behaviour.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { hashText, mix32 } from '../core/hash.ts';
import type { Random } from '../core/random.ts';
import type { EventClass } from './keyEvents.ts';
import { KeyIndex } from './keyIndex.ts';
import type { Keyspace } from './keyspace.ts';
import { SlotIndex } from './slotKeys.ts';
import { type Value, valueDigestHi, valueDigestLo } from './value.ts';

export const NO_EXPIRY = -1;

/**
 * `plain`: by its text. `raw`: built in place by APPEND or SETRANGE, raw however short. `printed`: the result of
 * INCRBYFLOAT, which is not made an integer again.
 */
export type StringForm = 'plain' | 'raw' | 'printed';

/** A key with its value. `value` is replaced or changed only through the database. */
export interface Entry {
  readonly key: Bytes;
  value: Value;
  /** Wall-clock ms since 1970, or `NO_EXPIRY`. */
  expireAtMs: number;
  /** How a string shows in OBJECT ENCODING. */
  form: StringForm;
  /** Snapshot generation of the last change; below an open snapshot's: not yet kept for it. */
  generation: number;
  /** Last access, wall-clock ms: OBJECT IDLETIME. Under an LFU policy what `lfu.ts` makes of it: OBJECT FREQ. */
  accessedMs: number;
  /** Place in the dense list of entries, and in that of entries with an expiry (-1: none). */
  place: number;
  expiryPlace: number;
  /** What this entry adds to the digest of its database. */
  digestLo: number;
  digestHi: number;
}

export class Database {
  /** Its number; SWAPDB changes it. */
  id: number;
  /** Sum over all entries, in two lanes; kept only where the keyspace keeps digests. */
  digestLo = 0;
  digestHi = 0;
  private keyspace: Keyspace;
  private readonly index: KeyIndex<Entry> = new KeyIndex();
  private readonly expiring: Entry[] = [];
  /** Keys by hash slot; null outside a cluster. */
  readonly slots: SlotIndex | null;

  constructor(keyspace: Keyspace, id: number) {
    this.keyspace = keyspace;
    this.id = id;
    this.slots = keyspace.slotOf === null ? null : new SlotIndex(keyspace.slotOf);
  }

  /** Becomes a database of another keyspace, entries and all. */
  moveTo(keyspace: Keyspace): void {
    this.keyspace = keyspace;
  }

  get size(): number {
    return this.index.items.length;
  }

  /** Number of keys with an expiry. */
  get expiringSize(): number {
    return this.expiring.length;
  }

  /** All entries, expired ones included, densely: for SCAN, KEYS, random choice and the snapshot walk. */
  entries(): readonly Entry[] {
    return this.index.items;
  }

  expiringEntries(): readonly Entry[] {
    return this.expiring;
  }

  /** The entry as a reader sees it: an expired key is gone, whoever may delete it. */
  lookupRead(key: Bytes): Readonly<Entry> | undefined {
    const entry = this.index.find(key);
    if (entry === undefined || (entry.expireAtMs !== NO_EXPIRY && this.hides(entry))) {
      this.countRead(key, false);
      return undefined;
    }
    this.keyspace.hits++;
    entry.accessedMs = this.keyspace.access(entry.accessedMs);
    return entry;
  }

  /** A reader has asked for the key, by whatever way it was looked up. */
  countRead(key: Bytes, isFound: boolean): void {
    if (isFound) {
      this.keyspace.hits++;
      return;
    }
    this.keyspace.misses++;
    this.notify('m', 'keymiss', key);
  }

  /** Says what happened to a key, to those who asked for such news. */
  notify(kind: EventClass, event: string, key: Bytes): void {
    this.keyspace.keyEvents?.(this.id, kind, event, key);
  }

  /** The entry for a change in place: kept for an open snapshot first. */
  lookupWrite(key: Bytes): Entry | undefined {
    const entry = this.index.find(key);
    if (entry === undefined || (entry.expireAtMs !== NO_EXPIRY && this.hides(entry))) return undefined;
    entry.accessedMs = this.keyspace.access(entry.accessedMs);
    this.preserve(entry);
    return entry;
  }

  /** Whether the key is there, without touching its access time. */
  has(key: Bytes): boolean {
    const entry = this.index.find(key);
    return entry !== undefined && (entry.expireAtMs === NO_EXPIRY || !this.hides(entry));
  }

  /** The entry whatever its expiry says, untouched: for the loader, the snapshot and OBJECT. */
  peek(key: Bytes): Readonly<Entry> | undefined {
    return this.index.find(key);
  }

  /**
   * Sets a key to a value, whatever it held. The expiry goes unless `keepExpiry`. Detaches the key; the caller detaches
   * the value.
   */
  put(key: Bytes, value: Value, keepExpiry = false): Entry {
    const known = this.index.find(key);
    if (known !== undefined) {
      this.preserve(known);
      known.value = value;
      known.form = 'plain';
      // How often it was asked for stays with the key; when, does not.
      if (this.keyspace.lfu === null) known.accessedMs = this.keyspace.nowMs;
      if (!keepExpiry && known.expireAtMs !== NO_EXPIRY) this.setExpiry(known, NO_EXPIRY);
      this.changed(known);
      return known;
    }
    const entry = this.makeEntry(key, value);
    this.index.add(entry);
    this.slots?.add(entry.key);
    this.changed(entry, true);
    this.notify('n', 'new', entry.key);
    return entry;
  }

  /** Adds a key that is to be new, for loading: null (and the database as it was) when it is there already. */
  add(key: Bytes, value: Value): Entry | null {
    const entry = this.makeEntry(key, value);
    if (!this.index.add(entry)) return null;
    this.slots?.add(entry.key);
    this.changed(entry, true);
    return entry;
  }

  /** Removes a key, expired or not. False when there is none. */
  remove(key: Bytes): boolean {
    const entry = this.index.find(key);
    if (entry === undefined) return false;
    this.preserve(entry);
    this.index.remove(entry);
    this.slots?.remove(entry.key);
    this.keyspace.ledger?.removed(entry);
    if (entry.expiryPlace >= 0) this.removeExpiring(entry.expiryPlace);
    if (this.keyspace.keepsDigest) this.addToDigest(-entry.digestLo, -entry.digestHi);
    this.keyspace.touched(this, key, false);
    return true;
  }

  /** Sets or clears (`NO_EXPIRY`) the expiry of an entry. */
  setExpiry(entry: Entry, expireAtMs: number): void {
    this.preserve(entry);
    entry.expireAtMs = expireAtMs;
    if (expireAtMs === NO_EXPIRY) {
      if (entry.expiryPlace >= 0) this.removeExpiring(entry.expiryPlace);
      entry.expiryPlace = -1;
    } else if (entry.expiryPlace < 0) {
      entry.expiryPlace = this.expiring.length;
      this.expiring.push(entry);
    }
    this.changed(entry);
  }

  /**
   * To be called after a change in place: brings the digest up to date and wakes WATCH. `isNew`: who waits for the key hears of
   * it too.
   */
  changed(entry: Entry, isNew = false): void {
    if (this.keyspace.keepsDigest) {
      const lo = digestOf(entry, valueDigestLo(entry.value), 1);
      const hi = digestOf(entry, valueDigestHi(entry.value), 2);
      this.addToDigest(lo - entry.digestLo, hi - entry.digestHi);
      entry.digestLo = lo;
      entry.digestHi = hi;
    }
    this.keyspace.ledger?.changed(entry);
    this.keyspace.touched(this, entry.key, isNew);
  }

  private addToDigest(lo: number, hi: number): void {
    this.digestLo = (this.digestLo + lo) | 0;
    this.digestHi = (this.digestHi + hi) | 0;
    this.keyspace.addToDigest(this.id, lo, hi);
  }

  randomEntry(random: Random): Entry | undefined {
    const { items } = this.index;
    return items.length === 0 ? undefined : items[random.below(items.length)];
  }

  isExpired(entry: Readonly<Entry>): boolean {
    return entry.expireAtMs !== NO_EXPIRY && this.keyspace.nowMs > entry.expireAtMs;
  }

  /** True when an expired entry is invisible to the running command; deletes it where that is this node's to do. */
  private hides(entry: Entry): boolean {
    if (this.keyspace.nowMs <= entry.expireAtMs) return false;
    const mode = this.keyspace.expiryMode;
    if (mode === 'ignore') return false;
    if (mode === 'delete') this.keyspace.expire(this, entry.key);
    return true;
  }

  private makeEntry(key: Bytes, value: Value): Entry {
    return {
      key: detach(key), value, expireAtMs: NO_EXPIRY, form: 'plain',
      generation: this.keyspace.generation, accessedMs: this.keyspace.access(null),
      place: -1, expiryPlace: -1, digestLo: 0, digestHi: 0,
    };
  }

  /** The last entry with an expiry moves into the place of one that has none any more. */
  private removeExpiring(place: number): void {
    const last = this.expiring.pop() as Entry;
    if (place === this.expiring.length) return;
    this.expiring[place] = last;
    last.expiryPlace = place;
  }

  private preserve(entry: Entry): void {
    if (entry.generation < this.keyspace.generation) this.keyspace.preserve(this, entry);
  }
}

const digestOf = (entry: Entry, value: number, lane: number): number =>
  mix32(Math.imul(hashText(entry.key, lane), 31) + mix32(value + lane)
    + (entry.expireAtMs === NO_EXPIRY ? 0 : mix32((entry.expireAtMs % 0x100000000) | 0)));
