/**
 * A stream: entries in blocks, and the groups that read them. The only value that may be empty and stay.
 *
 * What always holds: blocks stand in the order of their IDs; none is without an entry, though all of its entries may be
 * deleted; `firstId` is that of the first entry that is not (0-0 in an empty stream).
 * Source: t_stream.c of Redis 7.0 (streamAppendItem, streamTrim, streamIteratorGetID, streamDeleteItem), for behaviour.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { mix32 } from '../core/hash.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';
import { StreamBlock, type StreamEntry } from './streamBlock.ts';
import type { StreamGroup } from './streamGroup.ts';
import { ID_MAX, ID_MIN, type StreamId, type Wide, compareIds, plusSigned, rawId } from './streamId.ts';
import type { EncodingLimits } from './value.ts';

/** No block grows beyond this, whatever the directive says. */
export const BLOCK_BYTES_MAX: number = 1 << 30;

/** What trimming leaves: so many entries, or those from an ID on. */
export type TrimTarget = { readonly length: number } | { readonly from: StreamId };

export class StreamValue extends RunningDigest {
  readonly encoding = 'stream' as const;
  /** The highest ID that was ever given, whether or not its entry is there. */
  lastId: StreamId = ID_MIN;
  firstId: StreamId = ID_MIN;
  /** The highest ID that XDEL took. */
  maxDeletedId: StreamId = ID_MIN;
  entriesAdded: Wide = 0;
  readonly groups: Map<Bytes, StreamGroup> = new Map();
  private count = 0;
  private list: StreamBlock[] = [];

  /** Entries that are not deleted. */
  get size(): number {
    return this.count;
  }

  get blocks(): readonly StreamBlock[] {
    return this.list;
  }

  override get digestLo(): number {
    let sum = (super.digestLo + laneLo(rawId(this.lastId))) | 0;
    for (const group of this.groups.values()) {
      sum = (sum + mix32(Math.imul(laneLo(group.name), 31) + laneLo(rawId(group.lastId)) + group.digestLo)) | 0;
    }
    return sum;
  }

  override get digestHi(): number {
    let sum = (super.digestHi + laneHi(rawId(this.lastId))) | 0;
    for (const group of this.groups.values()) {
      sum = (sum + mix32(Math.imul(laneHi(group.name), 37) + laneHi(rawId(group.lastId)) + group.digestHi)) | 0;
    }
    return sum;
  }

  /** Adds an entry behind all others: `words` are fields and values by turns, `id` is above `lastId`. */
  append(id: StreamId, words: readonly Bytes[], limits: EncodingLimits): void {
    const fields: Bytes[] = [];
    const values: Bytes[] = [];
    let length = 0;
    for (let place = 0; place < words.length; place += 2) {
      const field = words[place] as Bytes;
      const value = words[place + 1] as Bytes;
      fields.push(field);
      values.push(detach(value));
      length += field.length + value.length;
    }
    let block = this.blockWithRoom(length, limits);
    if (block === null) {
      block = new StreamBlock(id, fields.map((field) => detach(field)));
      this.list.push(block);
    }
    const own = block.hasFields(fields) ? block.fields : fields.map((field) => detach(field));
    const entry: StreamEntry = { id, fields: own, values, isDeleted: false };
    block.push(entry);
    this.count++;
    this.entriesAdded = plusSigned(this.entriesAdded, 1);
    this.lastId = id;
    if (this.count === 1) this.firstId = id;
    if (this.isKept) this.weigh(entry, 1);
  }

  /** A block as a snapshot had it, behind those that are there. Its entries count as they are. */
  adopt(block: StreamBlock): void {
    const wasEmpty = this.count === 0;
    this.list.push(block);
    this.count += block.live;
    this.findFirst(wasEmpty);
  }

  has(id: StreamId): boolean {
    const block = this.list[this.blockAt(id)];
    const entry = block?.entries[block.placeOf(id)];
    return entry !== undefined && !entry.isDeleted && compareIds(entry.id, id) === 0;
  }

  /** Deletes one entry; false when it is not there. */
  delete(id: StreamId): boolean {
    const at = this.blockAt(id);
    const block = this.list[at];
    if (block === undefined || !this.has(id)) return false;
    const place = block.placeOf(id);
    if (this.isKept) this.weigh(block.entries[place] as StreamEntry, -1);
    if (block.live === 1) this.list.splice(at, 1);
    else block.deleteAt(place);
    this.count--;
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    this.findFirst(compareIds(id, this.firstId) === 0);
    return true;
  }

  /**
   * Takes entries off the start, and returns how many. `wholeBlocks`: only blocks that go as a whole. `limit`: ends before
   * a block that would make it more; 0: none.
   */
  trim(target: TrimTarget, wholeBlocks: boolean, limit: number): number {
    let deleted = 0;
    let whole = 0;
    for (let block = this.list[0]; block !== undefined; block = this.list[whole]) {
      if ('length' in target && this.count <= target.length) break;
      if (limit !== 0 && deleted + block.live > limit) break;
      const goes = 'length' in target ? this.count - block.live >= target.length : compareIds(block.lastId, target.from) < 0;
      if (goes) {
        if (this.isKept) for (const entry of block.entries) if (!entry.isDeleted) this.weigh(entry, -1);
        this.count -= block.live;
        deleted += block.live;
        whole++;
        continue;
      }
      if (!wholeBlocks) deleted += this.trimWithin(block, target);
      break;
    }
    if (whole > 0) this.list.splice(0, whole);
    this.findFirst(deleted > 0);
    return deleted;
  }

  /** Entries from `start` to `end`, both inclusive, at most `max`; from the end with `isReverse`. */
  entries(start: StreamId, end: StreamId, max: number, isReverse = false): StreamEntry[] {
    return isReverse ? this.entriesDown(start, end, max) : this.entriesUp(start, end, max);
  }

  /** The first entry (with `tombstones`: deleted or not). */
  edge(tombstones: boolean): StreamEntry | undefined {
    if (tombstones) return this.list[0]?.entries[0];
    return this.entriesUp(ID_MIN, ID_MAX, 1)[0];
  }

  /** The ID of the last entry that is not deleted. */
  lastLiveId(): StreamId {
    return this.entriesDown(ID_MIN, ID_MAX, 1)[0]?.id ?? ID_MIN;
  }

  copy(): StreamValue {
    const copy = new StreamValue();
    copy.lastId = this.lastId;
    copy.firstId = this.firstId;
    copy.maxDeletedId = this.maxDeletedId;
    copy.entriesAdded = this.entriesAdded;
    for (const [name, group] of this.groups) copy.groups.set(name, group.copy());
    copy.count = this.count;
    copy.list = this.list.map((block) => block.copy());
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    for (const block of this.list) for (const entry of block.entries) if (!entry.isDeleted) this.weigh(entry, 1);
  }

  /** The last block, if it takes an entry of so many bytes. */
  private blockWithRoom(length: number, limits: EncodingLimits): StreamBlock | null {
    const last = this.list[this.list.length - 1];
    if (last === undefined) return null;
    const wanted = limits.streamNodeMaxBytes;
    const bytesMax = wanted === 0 || wanted > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : wanted;
    if (last.bytes + length >= bytesMax) return null;
    const isFull = limits.streamNodeMaxEntries !== 0 && last.entries.length >= limits.streamNodeMaxEntries;
    return isFull ? null : last;
  }

  private trimWithin(block: StreamBlock, target: TrimTarget): number {
    let deleted = 0;
    for (let place = 0; place < block.entries.length; place++) {
      const entry = block.entries[place] as StreamEntry;
      if ('length' in target ? this.count <= target.length : compareIds(entry.id, target.from) >= 0) break;
      if (entry.isDeleted) continue;
      if (this.isKept) this.weigh(entry, -1);
      block.deleteAt(place);
      this.count--;
      deleted++;
    }
    return deleted;
  }

  private findFirst(hasChanged: boolean): void {
    if (this.count === 0) this.firstId = ID_MIN;
    else if (hasChanged) this.firstId = this.edge(false)?.id ?? ID_MIN;
  }

  /** Place of the last block that begins at or before an ID; -1 when all begin behind it. */
  private blockAt(id: StreamId): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds((this.list[middle] as StreamBlock).id, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private entriesUp(start: StreamId, end: StreamId, max: number): StreamEntry[] {
    const found: StreamEntry[] = [];
    for (let at = Math.max(0, this.blockAt(start)); at < this.list.length; at++) {
      const block = this.list[at] as StreamBlock;
      for (let place = block.placeOf(start); place < block.entries.length; place++) {
        const entry = block.entries[place] as StreamEntry;
        if (found.length >= max || compareIds(entry.id, end) > 0) return found;
        if (!entry.isDeleted) found.push(entry);
      }
    }
    return found;
  }

  private entriesDown(start: StreamId, end: StreamId, max: number): StreamEntry[] {
    const found: StreamEntry[] = [];
    for (let at = this.blockAt(end); at >= 0; at--) {
      const block = this.list[at] as StreamBlock;
      const after = compareIds(block.lastId, end) <= 0 ? block.entries.length : block.placeOf(end) + 1;
      for (let place = Math.min(after, block.entries.length) - 1; place >= 0; place--) {
        const entry = block.entries[place] as StreamEntry;
        if (compareIds(entry.id, end) > 0) continue;
        if (found.length >= max || compareIds(entry.id, start) < 0) return found;
        if (!entry.isDeleted) found.push(entry);
      }
    }
    return found;
  }

  private weigh({ id, fields, values }: StreamEntry, sign: 1 | -1): void {
    const raw = rawId(id);
    let lo = laneLo(raw);
    let hi = laneHi(raw);
    for (let place = 0; place < fields.length; place++) {
      const field = fields[place] as Bytes;
      const value = values[place] as Bytes;
      lo = Math.imul(Math.imul(lo, 31) + laneLo(field), 31) + laneLo(value);
      hi = Math.imul(Math.imul(hi, 37) + laneHi(field), 37) + laneHi(value);
    }
    this.lo = (this.lo + sign * mix32(lo)) | 0;
    this.hi = (this.hi + sign * mix32(hi)) | 0;
  }
}
