/**
 * A set of byte strings with O(1) random choice and a stateless scan.
 *
 * Members stand in a dense array; removing one moves the last into its place. A scan walks the array *downwards*: a
 * member only ever moves to a lower place, so one that is not visited yet never slips behind the cursor. Whoever is in
 * the set from the start of a scan to its end is therefore returned at least once, as Redis promises for SCAN.
 */
import type { Bytes } from './bytes.ts';

export class IndexedSet {
  private readonly places: Map<Bytes, number> = new Map();
  private readonly list: Bytes[] = [];

  get size(): number {
    return this.list.length;
  }

  has(member: Bytes): boolean {
    return this.places.has(member);
  }

  /** False when it was there already. The caller detaches. */
  add(member: Bytes): boolean {
    if (this.places.has(member)) return false;
    this.places.set(member, this.list.length);
    this.list.push(member);
    return true;
  }

  delete(member: Bytes): boolean {
    const place = this.places.get(member);
    if (place === undefined) return false;
    this.places.delete(member);
    const last = this.list.pop() as Bytes;
    if (last !== member) {
      this.list[place] = last;
      this.places.set(last, place);
    }
    return true;
  }

  /** The member at a place, 0 to size - 1: for random choice. */
  at(place: number): Bytes {
    return this.list[place] as Bytes;
  }

  values(): readonly Bytes[] {
    return this.list;
  }

  copy(): IndexedSet {
    const copy = new IndexedSet();
    for (const member of this.list) copy.add(member);
    return copy;
  }
}

/**
 * One step of the downward scan over any dense list. Cursor 0 starts; the returned cursor is 0 at the end.
 * Visits at most `count` places.
 */
export const scanDown = <Item>(
  list: readonly Item[], cursor: number, count: number, visit: (item: Item) => void,
): number => {
  let place = cursor === 0 ? list.length : Math.min(cursor, list.length);
  for (let visited = 0; visited < count && place > 0; visited++) {
    place--;
    visit(list[place] as Item);
  }
  return place;
};
