/**
 * Which keys each hash slot holds: for CLUSTER COUNTKEYSINSLOT and GETKEYSINSLOT, and for giving a slot up. Kept by a database of
 * a keyspace that was given `slotOf`; elsewhere there is none, and nothing is paid.
 *
 * Always holds: the keys of a slot stand in the order in which they were added, the newest first; a value that replaces
 * another does not move its key. Source: slotToKeyAddEntry and its kin in cluster.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';

export type SlotOf = (key: Bytes) => number;

/** The keys of a node by slot. Expired keys count until they are deleted. */
export interface SlotKeys {
  count(slot: number): number;
  /** At most `max` keys, the newest first. */
  keys(slot: number, max: number): readonly Bytes[];
}

interface Place {
  readonly key: Bytes;
  newer: Place | null;
  older: Place | null;
}

interface Slot {
  newest: Place | null;
  count: number;
}

export class SlotIndex {
  private readonly slotOf: SlotOf;
  private readonly slots: Map<number, Slot> = new Map();
  private readonly places: Map<Bytes, Place> = new Map();

  constructor(slotOf: SlotOf) {
    this.slotOf = slotOf;
  }

  count(slot: number): number {
    return this.slots.get(slot)?.count ?? 0;
  }

  keys(slot: number, max: number): readonly Bytes[] {
    const found: Bytes[] = [];
    for (let place = this.slots.get(slot)?.newest ?? null; place !== null && found.length < max; place = place.older) {
      found.push(place.key);
    }
    return found;
  }

  /** A key that was not there. */
  add(key: Bytes): void {
    const number = this.slotOf(key);
    let slot = this.slots.get(number);
    if (slot === undefined) {
      slot = { newest: null, count: 0 };
      this.slots.set(number, slot);
    }
    const place: Place = { key, newer: null, older: slot.newest };
    if (slot.newest !== null) slot.newest.newer = place;
    slot.newest = place;
    slot.count++;
    this.places.set(key, place);
  }

  /** A key that was there. */
  remove(key: Bytes): void {
    const place = this.places.get(key);
    const number = this.slotOf(key);
    const slot = this.slots.get(number);
    assert(place !== undefined && slot !== undefined, 'a key that is removed is in the index of its slot');
    this.places.delete(key);
    if (place.older !== null) place.older.newer = place.newer;
    if (place.newer !== null) place.newer.older = place.older;
    else slot.newest = place.older;
    slot.count--;
    if (slot.count === 0) this.slots.delete(number);
  }
}
