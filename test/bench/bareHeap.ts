/**
 * The frozen yardstick: an array binary heap of `{time, seq, fn}` that is popped and pushed. Every simulation target is
 * scaled by its rate in the same run, so this file never changes.
 */
export interface BareEntry {
  time: number;
  seq: number;
  fn: () => void;
}

export class BareHeap {
  readonly items: BareEntry[] = [];

  push(entry: BareEntry): void {
    const items = this.items;
    let place = items.length;
    items.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = items[above] as BareEntry;
      if (other.time < entry.time || (other.time === entry.time && other.seq < entry.seq)) break;
      items[place] = other;
      place = above;
    }
    items[place] = entry;
  }

  pop(): BareEntry | undefined {
    const items = this.items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let place = 0;
    for (let below = 1; below < items.length; below = 2 * place + 1) {
      let child = items[below] as BareEntry;
      const right = items[below + 1];
      if (right !== undefined && (right.time < child.time || (right.time === child.time && right.seq < child.seq))) {
        child = right;
        below++;
      }
      if (last.time < child.time || (last.time === child.time && last.seq < child.seq)) break;
      items[place] = child;
      place = below;
    }
    items[place] = last;
    return top;
  }
}

const PENDING = 256;

/** Events a second with 256 pending: pop the next, run it, push a new one. Times come from a small LCG. */
export const bareHeapRate = (events: number): number => {
  const heap = new BareHeap();
  let state = 12345;
  let seq = 0;
  let ran = 0;
  const fn = (): void => { ran++; };
  const delay = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return (state >>> 8) & 0xffff;
  };
  for (let index = 0; index < PENDING; index++) heap.push({ time: delay(), seq: seq++, fn });
  const started = performance.now();
  for (let index = 0; index < events; index++) {
    const entry = heap.pop() as BareEntry;
    entry.fn();
    heap.push({ time: entry.time + delay(), seq: seq++, fn });
  }
  const seconds = (performance.now() - started) / 1000;
  if (ran !== events) throw new Error('the bare heap lost an event');
  return events / seconds;
};
