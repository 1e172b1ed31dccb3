/**
 * A sorted set. The order is a tree in both encodings; as `skiplist` there is an index by member besides, and a dense list
 * for the downward scan of `core/indexedSet.ts`. A small one (`listpack`) is searched one by one. It goes back to
 * `listpack` only where Redis does so itself: as the result of a STORE command, or of loading.
 * Source: t_zset.c of Redis 7.0, for behaviour.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { hashText, mix32 } from '../core/hash.ts';
import { scanDown } from '../core/indexedSet.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';
import { ScoreTree, type Scored } from './scoreTree.ts';
import type { EncodingLimits } from './value.ts';

/** The same member may get a new score, and then a new `item`; its place in the dense list stays. */
interface Slot {
  item: Scored;
  place: number;
}

interface Index {
  readonly slots: Map<Bytes, Slot>;
  readonly dense: Slot[];
}

export class SortedSetValue extends RunningDigest {
  private tree: ScoreTree = new ScoreTree();
  private index: Index | null = null;

  get encoding(): 'listpack' | 'skiplist' {
    return this.index === null ? 'listpack' : 'skiplist';
  }

  get size(): number {
    return this.tree.size;
  }

  score(member: Bytes): number | undefined {
    return this.find(member)?.score;
  }

  /** Sets a score, whether or not the member is there. */
  set(member: Bytes, score: number, limits: EncodingLimits): 'added' | 'changed' | 'same' {
    const known = this.find(member);
    if (known !== undefined) {
      if (known.score === score) return 'same';
      this.tree.delete(known);
      this.weigh(known, -1);
      const item: Scored = { member: known.member, score };
      this.tree.insert(item);
      this.weigh(item, 1);
      const slot = this.index?.slots.get(known.member);
      if (slot !== undefined) slot.item = item;
      return 'changed';
    }
    if (this.index === null
      && (this.tree.size + 1 > limits.zsetMaxListpackEntries || member.length > limits.zsetMaxListpackValue)) {
      this.makeIndex();
    }
    const item: Scored = { member: detach(member), score };
    this.tree.insert(item);
    this.weigh(item, 1);
    if (this.index !== null) addSlot(this.index, item);
    return 'added';
  }

  delete(member: Bytes): boolean {
    const known = this.find(member);
    if (known === undefined) return false;
    this.tree.delete(known);
    this.weigh(known, -1);
    if (this.index !== null) removeSlot(this.index, member);
    return true;
  }

  /** How many members come before this one; undefined when it is not there. */
  rank(member: Bytes): number | undefined {
    const known = this.find(member);
    return known === undefined ? undefined : this.tree.rank(known);
  }

  at(rank: number): Scored {
    return this.tree.at(rank);
  }

  /** Members at ranks `from` to before `to`, lowest first: a new list. */
  slice(from = 0, to: number = this.tree.size): Scored[] {
    return this.tree.slice(from, to);
  }

  countBefore(isBefore: (item: Scored) => boolean): number {
    return this.tree.countBefore(isBefore);
  }

  /** One step of a scan; a small set comes whole, in order. Returns the next cursor. */
  scan(cursor: number, count: number, visit: (item: Scored) => void): number {
    if (this.index !== null) return scanDown(this.index.dense, cursor, count, (slot) => visit(slot.item));
    for (const item of this.slice()) visit(item);
    return 0;
  }

  /** Takes the encoding that a set of this size and content gets where Redis chooses it afresh. */
  chooseEncoding(limits: EncodingLimits, longestMember: number): void {
    const small = this.tree.size <= limits.zsetMaxListpackEntries && longestMember <= limits.zsetMaxListpackValue;
    if (small) this.index = null;
    else if (this.index === null) this.makeIndex();
  }

  /** Turns into a skiplist, however small. */
  makeIndex(): void {
    if (this.index !== null) return;
    this.index = { slots: new Map(), dense: [] };
    for (const item of this.tree.slice(0, this.tree.size)) addSlot(this.index, item);
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue();
    copy.tree = this.tree.copy();
    if (this.index !== null) {
      copy.index = { slots: new Map(), dense: [] };
      for (const slot of this.index.dense) addSlot(copy.index, slot.item);
    }
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    this.isKept = true;
    for (const item of this.tree.slice(0, this.tree.size)) this.weigh(item, 1);
  }

  private find(member: Bytes): Scored | undefined {
    return this.index === null ? this.tree.find(member) : this.index.slots.get(member)?.item;
  }

  private weigh({ member, score }: Scored, sign: 1 | -1): void {
    if (!this.isKept) return;
    const weight = hashText(String(score));
    this.lo = (this.lo + sign * mix32(Math.imul(laneLo(member), 31) + weight)) | 0;
    this.hi = (this.hi + sign * mix32(Math.imul(laneHi(member), 37) ^ weight)) | 0;
  }
}

const addSlot = (index: Index, item: Scored): void => {
  const slot: Slot = { item, place: index.dense.length };
  index.slots.set(item.member, slot);
  index.dense.push(slot);
};

const removeSlot = (index: Index, member: Bytes): void => {
  const slot = index.slots.get(member);
  if (slot === undefined) return;
  index.slots.delete(member);
  const last = index.dense.pop() as Slot;
  if (last === slot) return;
  index.dense[slot.place] = last;
  last.place = slot.place;
};
