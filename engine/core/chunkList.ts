/**
 * A byte stream kept as a list of chunks with a start offset: the form of every backlog, output buffer and file. Never one
 * growing string: appending would keep ropes alive, dropping would copy. Appending and dropping are amortised O(1),
 * finding a position is O(log chunks).
 */
import { assert } from './errors.ts';
import { type Bytes, EMPTY, bytes } from './bytes.ts';

/** How many dropped chunks may stay in the array before it is compacted. */
const DROPPED_CHUNKS_MAX = 64;
/**
 * Small chunks are joined when they are so many bytes together: most are pieced together from, or cut out of, other strings,
 * which they keep alive.
 */
const JOINED_BYTES_MIN = 8192;

export class ChunkList {
  /** Position of the first byte still held, counted since the list was made (or since `startAt`). */
  start: number;
  /** Position behind the last byte. */
  end: number;
  private chunks: Bytes[] = [];
  /** Position of the first byte of each chunk. */
  private positions: number[] = [];
  private first = 0;
  /** Chunks from here on were not joined yet. */
  private looseFirst = 0;

  constructor(startAt = 0) {
    this.start = startAt;
    this.end = startAt;
  }

  get length(): number {
    return this.end - this.start;
  }

  append(chunk: Bytes): void {
    if (chunk.length === 0) return;
    if (chunk.length >= JOINED_BYTES_MIN) this.joinLoose();
    this.chunks.push(chunk);
    this.positions.push(this.end);
    this.end += chunk.length;
    if (this.end - (this.positions[this.looseFirst] as number) >= JOINED_BYTES_MIN) this.joinLoose();
  }

  /** Forgets everything before `position`. Whole chunks are released; a partly dropped chunk stays until its end. */
  dropBefore(position: number): void {
    assert(position <= this.end, 'chunk list dropped beyond its end');
    if (position <= this.start) return;
    this.start = position;
    while (this.first < this.chunks.length && this.chunkEnd(this.first) <= position) {
      this.chunks[this.first] = EMPTY;
      this.first++;
    }
    this.looseFirst = Math.max(this.looseFirst, this.first);
    if (this.first > DROPPED_CHUNKS_MAX && this.first * 2 > this.chunks.length) {
      this.chunks.splice(0, this.first);
      this.positions.splice(0, this.first);
      this.looseFirst -= this.first;
      this.first = 0;
    }
  }

  /** Forgets everything from `position` on. */
  truncate(position: number): void {
    assert(position >= this.start && position <= this.end, 'chunk list truncated outside its range');
    while (this.chunks.length > this.first && this.lastPosition() >= position) {
      this.chunks.pop();
      this.positions.pop();
    }
    const last = this.chunks.length - 1;
    if (last >= this.first && this.chunkEnd(last) > position) {
      const chunk = this.chunks[last] as Bytes;
      this.chunks[last] = bytes(chunk.slice(0, position - (this.positions[last] as number)));
    }
    this.end = position;
    this.looseFirst = this.chunks.length;
  }

  /** The bytes from `from` to before `to`, as one string. */
  read(from: number = this.start, to: number = this.end): Bytes {
    assert(from >= this.start && to <= this.end && from <= to, 'chunk list read outside its range');
    if (from === to) return EMPTY;
    let index = this.find(from);
    let out = '';
    for (let position = from; position < to; index++) {
      const chunk = this.chunks[index] as Bytes;
      const base = this.positions[index] as number;
      out += position === base && base + chunk.length <= to ? chunk : chunk.slice(position - base, to - base);
      position = base + chunk.length;
    }
    return bytes(out);
  }

  /** The chunk that holds `position`, from there to the chunk's end: the unit of walking a long list. */
  chunkAt(position: number): Bytes {
    assert(position >= this.start && position < this.end, 'chunk list read outside its range');
    const index = this.find(position);
    const offset = position - (this.positions[index] as number);
    const chunk = this.chunks[index] as Bytes;
    return offset === 0 ? chunk : bytes(chunk.slice(offset));
  }

  private joinLoose(): void {
    const { chunks, positions, looseFirst } = this;
    if (chunks.length > looseFirst + 1) {
      chunks.push(bytes(chunks.splice(looseFirst).join('')));
      positions.splice(looseFirst + 1);
    }
    this.looseFirst = chunks.length;
  }

  private chunkEnd(index: number): number {
    return (this.positions[index] as number) + (this.chunks[index] as Bytes).length;
  }

  private lastPosition(): number {
    return this.positions[this.positions.length - 1] as number;
  }

  private find(position: number): number {
    let low = this.first;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.positions[middle] as number) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
