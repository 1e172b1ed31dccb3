/**
 * Value types. A string value is a bare `Bytes`; the others are classes with Redis's encodings as named states.
 * Each collection keeps its own digest up to date member by member, so that the digest of a data set costs O(changes).
 */
import { type Bytes, compare, detach } from '../core/bytes.ts';
import { IndexedSet } from '../core/indexedSet.ts';
import { parseInt64 } from '../core/integers.ts';
import { hashText } from '../core/hash.ts';

export type Value = Bytes | SetValue;

export type TypeName = 'string' | 'set';

export const typeName = (value: Value): TypeName => (typeof value === 'string' ? 'string' : 'set');

/** Seeds of the two digest lanes, so that they are independent. */
const LANE_LO = 0x51ed270b;
const LANE_HI = 0x2c1b3c6d;

/** `set-max-intset-entries`, read through the keyspace's limits. */
export interface EncodingLimits {
  setMaxIntsetEntries: number;
}

/** A set. `intset` while every member is a 64-bit integer and there are few; it never goes back. */
export class SetValue {
  readonly members: IndexedSet;
  encoding: 'intset' | 'hashtable' = 'intset';
  digestLo = 0;
  digestHi = 0;

  constructor(members: IndexedSet = new IndexedSet()) {
    this.members = members;
  }

  get size(): number {
    return this.members.size;
  }

  has(member: Bytes): boolean {
    return this.members.has(member);
  }

  add(member: Bytes, limits: EncodingLimits): boolean {
    if (this.members.has(member)) return false;
    this.members.add(detach(member));
    this.digestLo = (this.digestLo + hashText(member, LANE_LO)) | 0;
    this.digestHi = (this.digestHi + hashText(member, LANE_HI)) | 0;
    if (this.encoding === 'intset'
      && (this.members.size > limits.setMaxIntsetEntries || parseInt64(member) === null)) {
      this.encoding = 'hashtable';
    }
    return true;
  }

  delete(member: Bytes): boolean {
    if (!this.members.delete(member)) return false;
    this.digestLo = (this.digestLo - hashText(member, LANE_LO)) | 0;
    this.digestHi = (this.digestHi - hashText(member, LANE_HI)) | 0;
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
    copy.digestLo = this.digestLo;
    copy.digestHi = this.digestHi;
    return copy;
  }
}

/** By value, of two integers in canonical form: sign, then number of digits, then digits. */
const compareIntegers = (left: Bytes, right: Bytes): number => {
  const negative = left.charCodeAt(0) === 45;
  if (negative !== (right.charCodeAt(0) === 45)) return negative ? -1 : 1;
  const size = left.length === right.length ? compare(left, right) : left.length - right.length;
  return negative ? -size : size;
};

/** An independent copy; a string is immutable. */
export const copyValue = (value: Value): Value => (typeof value === 'string' ? value : value.copy());

export const valueDigestLo = (value: Value): number =>
  typeof value === 'string' ? hashText(value, LANE_LO) : value.digestLo;

export const valueDigestHi = (value: Value): number =>
  typeof value === 'string' ? hashText(value, LANE_HI) : value.digestHi;
