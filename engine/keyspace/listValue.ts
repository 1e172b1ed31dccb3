/**
 * A list: a deque of short chunks. Both ends are O(1) amortised; a place is found by stepping over chunks from the nearer
 * end. Source: t_list.c and quicklist.c of Redis 7.0, for behaviour.
 *
 * Digest: the elements' hashes as digits of a number in an odd base, modulo 2^32. Both ends and the replacement of one
 * element can be followed, since an odd base has an inverse; other changes in the middle leave it to be computed anew.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';

const CHUNK_MAX = 128;

const BASE = 0x9e3779b1;
/** BASE x BASE_INVERSE = 1 modulo 2^32. */
const BASE_INVERSE = 0xe8b2f51;

/** BASE to the power of `exponent`, modulo 2^32. */
const basePower = (exponent: number): number => {
  let result = 1;
  for (let rest = exponent, square = BASE | 0; rest > 0; rest = Math.floor(rest / 2), square = Math.imul(square, square)) {
    if (rest % 2 === 1) result = Math.imul(result, square);
  }
  return result;
};

/** Where an element stands: chunk and place in it. */
interface Position {
  readonly chunk: number;
  readonly place: number;
}

export class ListValue extends RunningDigest {
  readonly encoding = 'quicklist' as const;
  private count = 0;
  /** None is empty; each holds at most CHUNK_MAX elements. */
  private chunks: Bytes[][] = [];
  /** BASE to the power of the length, while the digest is kept. */
  private power = 1;

  get size(): number {
    return this.count;
  }

  pushRight(element: Bytes): void {
    const last = this.chunks[this.chunks.length - 1];
    if (last === undefined || last.length >= CHUNK_MAX) this.chunks.push([detach(element)]);
    else last.push(detach(element));
    this.count++;
    if (!this.isKept) return;
    this.lo = (Math.imul(this.lo, BASE) + laneLo(element)) | 0;
    this.hi = (Math.imul(this.hi, BASE) + laneHi(element)) | 0;
    this.power = Math.imul(this.power, BASE);
  }

  pushLeft(element: Bytes): void {
    const first = this.chunks[0];
    if (first === undefined || first.length >= CHUNK_MAX) this.chunks.unshift([detach(element)]);
    else first.unshift(detach(element));
    this.count++;
    if (!this.isKept) return;
    this.lo = (this.lo + Math.imul(laneLo(element), this.power)) | 0;
    this.hi = (this.hi + Math.imul(laneHi(element), this.power)) | 0;
    this.power = Math.imul(this.power, BASE);
  }

  popRight(): Bytes {
    const last = this.chunks[this.chunks.length - 1];
    assert(last !== undefined, 'pop of an empty list');
    const element = last.pop() as Bytes;
    if (last.length === 0) this.chunks.pop();
    this.count--;
    if (this.isKept) {
      this.power = Math.imul(this.power, BASE_INVERSE);
      this.lo = Math.imul(this.lo - laneLo(element), BASE_INVERSE);
      this.hi = Math.imul(this.hi - laneHi(element), BASE_INVERSE);
    }
    return element;
  }

  popLeft(): Bytes {
    const first = this.chunks[0];
    assert(first !== undefined, 'pop of an empty list');
    const element = first.shift() as Bytes;
    if (first.length === 0) this.chunks.shift();
    this.count--;
    if (this.isKept) {
      this.power = Math.imul(this.power, BASE_INVERSE);
      this.lo = (this.lo - Math.imul(laneLo(element), this.power)) | 0;
      this.hi = (this.hi - Math.imul(laneHi(element), this.power)) | 0;
    }
    return element;
  }

  /** The element at 0 to size - 1. */
  at(index: number): Bytes {
    const { chunk, place } = this.find(index);
    return (this.chunks[chunk] as Bytes[])[place] as Bytes;
  }

  replace(index: number, element: Bytes): void {
    const { chunk, place } = this.find(index);
    const elements = this.chunks[chunk] as Bytes[];
    const old = elements[place] as Bytes;
    elements[place] = detach(element);
    if (!this.isKept) return;
    const weight = basePower(this.count - 1 - index);
    this.lo = (this.lo + Math.imul(laneLo(element) - laneLo(old), weight)) | 0;
    this.hi = (this.hi + Math.imul(laneHi(element) - laneHi(old), weight)) | 0;
  }

  /** Puts an element before the one at `index`; at the end when `index` is the size. */
  insert(index: number, element: Bytes): void {
    if (index === this.count) return this.pushRight(element);
    if (index === 0) return this.pushLeft(element);
    const { chunk, place } = this.find(index);
    const elements = this.chunks[chunk] as Bytes[];
    elements.splice(place, 0, detach(element));
    if (elements.length > CHUNK_MAX) this.chunks.splice(chunk + 1, 0, elements.splice(CHUNK_MAX >> 1));
    this.count++;
    this.isKept = false;
  }

  /** Removes at most `limit` elements equal to `element`, from the left or the right. Returns how many. */
  remove(element: Bytes, limit: number, fromRight: boolean): number {
    let removed = 0;
    const steps = this.chunks.length;
    for (let step = 0; step < steps && removed < limit; step++) {
      const chunk = fromRight ? steps - 1 - step : step;
      removed += removeFrom(this.chunks[chunk] as Bytes[], element, limit - removed, fromRight);
    }
    if (removed > 0) {
      this.chunks = this.chunks.filter((chunk) => chunk.length > 0);
      this.count -= removed;
      this.isKept = false;
    }
    return removed;
  }

  /** Elements from `from` to before `to`. */
  slice(from: number, to: number): Bytes[] {
    const out: Bytes[] = [];
    if (from >= to) return out;
    const start = this.find(from);
    for (let chunk = start.chunk, place = start.place; out.length < to - from; chunk++, place = 0) {
      const elements = this.chunks[chunk] as Bytes[];
      const end = Math.min(elements.length, place + to - from - out.length);
      for (; place < end; place++) out.push(elements[place] as Bytes);
    }
    return out;
  }

  /** All elements, chunk by chunk from the left: not to be changed. */
  parts(): readonly (readonly Bytes[])[] {
    return this.chunks;
  }

  copy(): ListValue {
    const copy = new ListValue();
    copy.chunks = this.chunks.map((chunk) => [...chunk]);
    copy.count = this.count;
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.power = this.power;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    let power = 1;
    for (const chunk of this.chunks) {
      for (const element of chunk) {
        this.lo = (Math.imul(this.lo, BASE) + laneLo(element)) | 0;
        this.hi = (Math.imul(this.hi, BASE) + laneHi(element)) | 0;
        power = Math.imul(power, BASE);
      }
    }
    this.power = power;
  }

  private find(index: number): Position {
    assert(index >= 0 && index < this.count, 'list index out of range');
    if (index * 2 < this.count) {
      let rest = index;
      for (let chunk = 0; ; chunk++) {
        const { length } = this.chunks[chunk] as Bytes[];
        if (rest < length) return { chunk, place: rest };
        rest -= length;
      }
    }
    let rest = this.count - 1 - index;
    for (let chunk = this.chunks.length - 1; ; chunk--) {
      const { length } = this.chunks[chunk] as Bytes[];
      if (rest < length) return { chunk, place: length - 1 - rest };
      rest -= length;
    }
  }
}

const removeFrom = (chunk: Bytes[], element: Bytes, limit: number, fromRight: boolean): number => {
  let removed = 0;
  let place = fromRight ? chunk.lastIndexOf(element) : chunk.indexOf(element);
  while (place >= 0 && removed < limit) {
    chunk.splice(place, 1);
    removed++;
    if (!fromRight) place = chunk.indexOf(element, place);
    else place = place === 0 ? -1 : chunk.lastIndexOf(element, place - 1);
  }
  return removed;
};
