/**
 * A hash. As `listpack` it is two plain lists, searched one by one, in the order in which fields came; as `hashtable` it has
 * an index besides, and no order. Fields stand densely in both, for random choice and for the downward scan of
 * `core/indexedSet.ts`. It never goes back to `listpack`. Source: t_hash.c of Redis 7.0, for behaviour.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { mix32 } from '../core/hash.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';
import type { EncodingLimits } from './value.ts';

export class HashValue extends RunningDigest {
  private readonly names: Bytes[] = [];
  private readonly contents: Bytes[] = [];
  /** Place of each field; null as long as the hash is a listpack. */
  private index: Map<Bytes, number> | null = null;

  get encoding(): 'listpack' | 'hashtable' {
    return this.index === null ? 'listpack' : 'hashtable';
  }

  get size(): number {
    return this.names.length;
  }

  has(field: Bytes): boolean {
    return this.placeOf(field) >= 0;
  }

  get(field: Bytes): Bytes | undefined {
    const place = this.placeOf(field);
    return place < 0 ? undefined : this.contents[place];
  }

  /** True when the field is new. */
  set(field: Bytes, value: Bytes, limits: EncodingLimits): boolean {
    if (this.index === null
      && (field.length > limits.hashMaxListpackValue || value.length > limits.hashMaxListpackValue)) this.makeIndex();
    const place = this.placeOf(field);
    if (place >= 0) {
      this.exclude(place);
      this.contents[place] = detach(value);
      this.include(place);
      return false;
    }
    this.append(field, value);
    if (this.index === null && this.names.length > limits.hashMaxListpackEntries) this.makeIndex();
    return true;
  }

  /** Turns into a hashtable if one of these words is too long for a listpack, used or not. */
  makeRoomFor(words: readonly Bytes[], limits: EncodingLimits): void {
    if (this.index === null && words.some((word) => word.length > limits.hashMaxListpackValue)) this.makeIndex();
  }

  delete(field: Bytes): boolean {
    const place = this.placeOf(field);
    if (place < 0) return false;
    this.exclude(place);
    if (this.index === null) {
      this.names.splice(place, 1);
      this.contents.splice(place, 1);
      return true;
    }
    this.index.delete(field);
    const lastName = this.names.pop() as Bytes;
    const lastContent = this.contents.pop() as Bytes;
    if (place < this.names.length) {
      this.names[place] = lastName;
      this.contents[place] = lastContent;
      this.index.set(lastName, place);
    }
    return true;
  }

  /** Fields and values, place by place. */
  fields(): readonly Bytes[] {
    return this.names;
  }

  values(): readonly Bytes[] {
    return this.contents;
  }

  copy(): HashValue {
    const copy = new HashValue();
    for (const name of this.names) copy.names.push(name);
    for (const content of this.contents) copy.contents.push(content);
    if (this.index !== null) copy.index = new Map(this.index);
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    for (let place = 0; place < this.names.length; place++) this.weigh(place, 1);
  }

  private placeOf(field: Bytes): number {
    return this.index === null ? this.names.indexOf(field) : this.index.get(field) ?? -1;
  }

  private append(field: Bytes, value: Bytes): void {
    const name = detach(field);
    this.index?.set(name, this.names.length);
    this.names.push(name);
    this.contents.push(detach(value));
    this.include(this.names.length - 1);
  }

  private makeIndex(): void {
    this.index = new Map();
    for (let place = 0; place < this.names.length; place++) this.index.set(this.names[place] as Bytes, place);
  }

  private include(place: number): void {
    if (this.isKept) this.weigh(place, 1);
  }

  private exclude(place: number): void {
    if (this.isKept) this.weigh(place, -1);
  }

  private weigh(place: number, sign: 1 | -1): void {
    const name = this.names[place] as Bytes;
    const content = this.contents[place] as Bytes;
    this.lo = (this.lo + sign * mix32(Math.imul(laneLo(name), 31) + laneLo(content))) | 0;
    this.hi = (this.hi + sign * mix32(Math.imul(laneHi(name), 37) + laneHi(content))) | 0;
  }
}
