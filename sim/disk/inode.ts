/**
 * A file's contents: what was written, and how much of it a power loss cannot take.
 *
 * What always holds: bytes before `durable` survive, except in ranges whose sync failed (the kernel holds those pages
 * for clean and never writes them again). What follows is written, readable, and at risk. A truncation is durable at once.
 */
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { ChunkList } from '../../engine/core/chunkList.ts';
import type { RandomStream } from '../random/streams.ts';

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

interface Range {
  readonly from: number;
  readonly to: number;
}

export class Inode {
  content: ChunkList = new ChunkList();
  durable = 0;
  /** Waits for the kernel's write-back. */
  isDirty = false;
  /** Syncs of it that have not ended, and when the last of them will if the disk is not stuck. */
  syncsRunning = 0;
  syncEndsAt = 0;
  /** Ends of the writes that are not durable, oldest first, each with its place in the order of all writes to the disk. */
  pending: { readonly end: number; readonly order: number }[] = [];
  private unwritten: Range[] = [];

  get size(): number {
    return this.content.length;
  }

  append(chunk: Bytes): void {
    this.content.append(chunk);
  }

  /** What was appended since the last call is one write, of this place in the order. */
  stamp(order: number): void {
    if (this.size > (this.pending.at(-1)?.end ?? this.durable)) this.pending.push({ end: this.size, order });
  }

  read(from: number, length: number): Bytes {
    const size = this.content.length;
    const start = Math.min(from, size);
    return this.content.read(start, Math.min(start + length, size));
  }

  truncate(size: number): void {
    const length = this.content.length;
    if (size > length) this.content.append(bytes('\0'.repeat(size - length)));
    else this.content.truncate(size);
    this.durable = Math.min(this.durable, size);
    this.pending = this.pending.flatMap((write) => (write.end <= size ? [write] : []));
    this.unwritten = this.unwritten
      .filter((range) => range.from < size)
      .map((range) => ({ from: range.from, to: Math.min(range.to, size) }));
  }

  /** Everything before `target` has reached the disk. */
  synced(target: number): void {
    this.durable = Math.max(this.durable, Math.min(target, this.size));
    this.pending = this.pending.filter((write) => write.end > this.durable);
  }

  /** A sync failed: what it should have written counts as written, and is not. */
  syncFailed(target: number): void {
    if (target > this.durable) this.unwritten.push({ from: this.durable, to: target });
    this.synced(target);
  }

  /**
   * Keeps what was durable, and of the rest what lies before `keptEnd`, cut at a sector's boundary unless nothing is lost.
   * Null: single sectors of the rest as they are drawn, zeros between them.
   */
  losePower(draws: RandomStream, keptEnd: number | null): void {
    const size = this.size;
    let kept = this.content.read(0, this.durable);
    for (const { from, to } of this.unwritten) {
      kept = bytes(kept.slice(0, from) + '\0'.repeat(to - from) + kept.slice(to));
    }
    if (this.durable < size) kept = bytes(kept + (keptEnd === null ? this.scattered(draws) : this.prefix(keptEnd)));
    this.replace(kept);
  }

  /** Flips one bit. */
  rot(position: number, bit: number): void {
    const { durable, unwritten, pending, isDirty, syncsRunning, syncEndsAt } = this;
    const content = this.content.read();
    const flipped = String.fromCharCode(content.charCodeAt(position) ^ (1 << bit));
    this.replace(bytes(content.slice(0, position) + flipped + content.slice(position + 1)));
    Object.assign(this, { durable, unwritten, pending, isDirty, syncsRunning, syncEndsAt });
  }

  private prefix(keptEnd: number): Bytes {
    const { durable, size } = this;
    const end = keptEnd >= size ? size : Math.max(durable, keptEnd - (keptEnd % SECTOR_BYTES));
    return this.content.read(durable, end);
  }

  private scattered(draws: RandomStream): Bytes {
    const { durable, size } = this;
    let out = '';
    let keptLength = 0;
    for (let from = durable; from < size;) {
      const to = Math.min(size, from - (from % SECTOR_BYTES) + SECTOR_BYTES);
      const isKept = draws.below(2) === 0;
      out += isKept ? this.content.read(from, to) : '\0'.repeat(to - from);
      if (isKept) keptLength = out.length;
      from = to;
    }
    return bytes(out.slice(0, keptLength));
  }

  private replace(content: Bytes): void {
    this.content = new ChunkList();
    this.content.append(content);
    this.durable = content.length;
    this.unwritten = [];
    this.pending = [];
    this.isDirty = false;
    this.syncsRunning = 0;
    this.syncEndsAt = 0;
  }
}
