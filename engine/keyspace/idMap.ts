/**
 * A map by stream ID, in the order of the IDs: who was given what and has not acknowledged it. Chunks of limited length, so
 * that adding and removing anywhere moves few items; most are added at the end and removed near the start.
 */
import { type StreamId, compareIds } from './streamId.ts';

const CHUNK_MAX = 128;

interface Place {
  readonly chunk: number;
  readonly place: number;
}

export class IdMap<Item extends { readonly id: StreamId }> {
  size = 0;
  /** None is empty. */
  private chunks: Item[][] = [];

  get(id: StreamId): Item | undefined {
    const found = this.atOrAfter(id);
    return found !== undefined && compareIds(found.id, id) === 0 ? found : undefined;
  }

  /** The item at this ID, or the first behind it. */
  atOrAfter(id: StreamId): Item | undefined {
    const { chunk, place } = this.find(id);
    return this.chunks[chunk]?.[place];
  }

  first(): Item | undefined {
    return this.chunks[0]?.[0];
  }

  last(): Item | undefined {
    const chunk = this.chunks[this.chunks.length - 1];
    return chunk?.[chunk.length - 1];
  }

  /** Adds an item, in place of one with the same ID. */
  set(item: Item): void {
    const { chunk, place } = this.find(item.id);
    const items = this.chunks[chunk];
    const known = items?.[place];
    if (items !== undefined && known !== undefined && compareIds(known.id, item.id) === 0) {
      items[place] = item;
      return;
    }
    this.size++;
    if (items !== undefined) this.insert(items, chunk, place, item);
    else {
      // Behind the last one.
      const last = this.chunks[this.chunks.length - 1];
      if (last === undefined || last.length >= CHUNK_MAX) this.chunks.push([item]);
      else last.push(item);
    }
  }

  /** False when there is none. */
  delete(id: StreamId): boolean {
    const { chunk, place } = this.find(id);
    const items = this.chunks[chunk];
    const known = items?.[place];
    if (items === undefined || known === undefined || compareIds(known.id, id) !== 0) return false;
    items.splice(place, 1);
    if (items.length === 0) this.chunks.splice(chunk, 1);
    this.size--;
    return true;
  }

  /** All from an ID on. The map is not to be changed meanwhile. */
  *from(id: StreamId): Generator<Item, void> {
    const start = this.find(id);
    for (let chunk = start.chunk; chunk < this.chunks.length; chunk++) {
      const items = this.chunks[chunk] as Item[];
      for (let place = chunk === start.chunk ? start.place : 0; place < items.length; place++) yield items[place] as Item;
    }
  }

  values(): Item[] {
    return this.chunks.flat();
  }

  /** A map of the same form with other items under the same IDs. */
  map<Other extends { readonly id: StreamId }>(make: (item: Item) => Other): IdMap<Other> {
    const copy = new IdMap<Other>();
    copy.chunks = this.chunks.map((chunk) => chunk.map(make));
    copy.size = this.size;
    return copy;
  }

  private insert(items: Item[], chunk: number, place: number, item: Item): void {
    items.splice(place, 0, item);
    if (items.length > CHUNK_MAX) this.chunks.splice(chunk + 1, 0, items.splice(CHUNK_MAX >> 1));
  }

  /** Where the first item at or behind an ID stands; one chunk too far when there is none. */
  private find(id: StreamId): Place {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const items = this.chunks[middle] as Item[];
      if (compareIds((items[items.length - 1] as Item).id, id) < 0) low = middle + 1;
      else high = middle;
    }
    const items = this.chunks[low];
    if (items === undefined) return { chunk: low, place: 0 };
    let from = 0;
    let to = items.length - 1;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareIds((items[middle] as Item).id, id) < 0) from = middle + 1;
      else to = middle;
    }
    return { chunk: low, place: from };
  }
}
