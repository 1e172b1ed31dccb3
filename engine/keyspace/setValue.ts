/**
 * A set. `intset` while every member is a 64-bit integer and there are few; it never goes back.
 * Source: t_set.c of Redis 7.0, for behaviour.
 */
import { type Bytes, compare, detach } from '../core/bytes.ts';
import { IndexedSet } from '../core/indexedSet.ts';
import { parseInt64 } from '../core/integers.ts';
import type { EncodingLimits } from './value.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';

export class SetValue extends RunningDigest {
  readonly members: IndexedSet;
  encoding: 'intset' | 'hashtable' = 'intset';

  constructor(members: IndexedSet = new IndexedSet()) {
    super();
    this.members = members;
  }

  get size(): number {
    return this.members.size;
  }

  has(member: Bytes): boolean {
    return this.members.has(member);
  }

  add(member: Bytes, limits: EncodingLimits): boolean {
    if (!this.members.add(detach(member))) return false;
    if (this.isKept) this.include(member);
    if (this.encoding === 'intset'
      && (this.members.size > limits.setMaxIntsetEntries || parseInt64(member) === null)) {
      this.encoding = 'hashtable';
    }
    return true;
  }

  delete(member: Bytes): boolean {
    if (!this.members.delete(member)) return false;
    if (this.isKept) {
      this.lo = (this.lo - laneLo(member)) | 0;
      this.hi = (this.hi - laneHi(member)) | 0;
    }
    return true;
  }

  /** Members in the order Redis shows them: an intset is sorted, a hashtable has no order. */
  list(): readonly Bytes[] {
    const members = this.members.values();
    if (this.encoding === 'hashtable') return members;
    return [...members].sort(compareIntegers);
  }

  copy(): SetValue {
    const copy = new SetValue(this.members.copy());
    copy.encoding = this.encoding;
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    for (const member of this.members.values()) this.include(member);
  }

  private include(member: Bytes): void {
    this.lo = (this.lo + laneLo(member)) | 0;
    this.hi = (this.hi + laneHi(member)) | 0;
  }
}

/** By value, of two integers in canonical form: sign, then number of digits, then digits. */
const compareIntegers = (left: Bytes, right: Bytes): number => {
  const negative = left.charCodeAt(0) === 45;
  if (negative !== (right.charCodeAt(0) === 45)) return negative ? -1 : 1;
  const size = left.length === right.length ? compare(left, right) : left.length - right.length;
  return negative ? -size : size;
};
