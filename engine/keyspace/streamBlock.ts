/**
 * A node of a stream: entries that follow one another, under the ID and the fields of the first. In Redis it is a listpack,
 * and trimming and snapshots depend on which entries share one; so its bytes are counted.
 *
 * What always holds: entries stand in the order of their IDs, deleted ones among them; an entry is never changed, only
 * replaced, so that copies share them. `fields` of an entry is the block's own list exactly where the listpack would say
 * "same fields". Source: streamAppendItem in t_stream.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { LISTPACK_FRAME_BYTES, listpackIntegerBytes, listpackTextBytes } from './listpackSize.ts';
import { type StreamId, compareIds, difference } from './streamId.ts';

export interface StreamEntry {
  readonly id: StreamId;
  readonly fields: readonly Bytes[];
  readonly values: readonly Bytes[];
  /** It stays in its block until that goes as a whole. */
  readonly isDeleted: boolean;
}

/** Flags and the two parts of the ID. */
const ENTRY_FIXED_PARTS = 3;

const textsBytes = (texts: readonly Bytes[]): number => {
  let sum = 0;
  for (const text of texts) sum += listpackTextBytes(text);
  return sum;
};

/** How many elements an entry is in its listpack, but for that number itself. */
export const entryParts = (fields: number, hasOwnFields: boolean): number =>
  ENTRY_FIXED_PARTS + fields + (hasOwnFields ? fields + 1 : 0);

export class StreamBlock {
  readonly id: StreamId;
  readonly fields: readonly Bytes[];
  /** Entries that are not deleted. */
  live = 0;
  deleted = 0;
  private readonly list: StreamEntry[] = [];
  /** Bytes of the listpack without its frame and the two counts. */
  private body: number;

  constructor(id: StreamId, fields: readonly Bytes[]) {
    this.id = id;
    this.fields = fields;
    this.body = listpackIntegerBytes(fields.length) + textsBytes(fields) + listpackIntegerBytes(0);
  }

  /** What the listpack takes. */
  get bytes(): number {
    return LISTPACK_FRAME_BYTES + listpackIntegerBytes(this.live) + listpackIntegerBytes(this.deleted) + this.body;
  }

  get entries(): readonly StreamEntry[] {
    return this.list;
  }

  /** The ID of the last entry, deleted or not. */
  get lastId(): StreamId {
    return this.list[this.list.length - 1]?.id ?? this.id;
  }

  hasFields(fields: readonly Bytes[]): boolean {
    if (fields.length !== this.fields.length) return false;
    for (let place = 0; place < fields.length; place++) if (fields[place] !== this.fields[place]) return false;
    return true;
  }

  /** Adds an entry behind all others. */
  push(entry: StreamEntry): void {
    this.list.push(entry);
    if (entry.isDeleted) this.deleted++;
    else this.live++;
    const hasOwnFields = entry.fields !== this.fields;
    this.body += listpackIntegerBytes(0) + listpackIntegerBytes(difference(this.id.ms, entry.id.ms))
      + listpackIntegerBytes(difference(this.id.seq, entry.id.seq))
      + (hasOwnFields ? listpackIntegerBytes(entry.fields.length) + textsBytes(entry.fields) : 0)
      + textsBytes(entry.values) + listpackIntegerBytes(entryParts(entry.fields.length, hasOwnFields));
  }

  /** Place of the first entry at or behind an ID; the number of entries when there is none. */
  placeOf(id: StreamId): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds((this.list[middle] as StreamEntry).id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Marks an entry that is not deleted. */
  deleteAt(place: number): void {
    this.list[place] = { ...this.list[place] as StreamEntry, isDeleted: true };
    this.live--;
    this.deleted++;
  }

  copy(): StreamBlock {
    const copy = new StreamBlock(this.id, this.fields);
    for (const entry of this.list) copy.list.push(entry);
    copy.live = this.live;
    copy.deleted = this.deleted;
    copy.body = this.body;
    return copy;
  }
}
