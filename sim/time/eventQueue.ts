/**
 * The pending events, ordered by (time, sequence): a binary heap in one array.
 *
 * What always holds: no two pending events are equal in that order, so the order of popping depends on nothing else.
 * Cancelling only marks an event; it is dropped when it comes to the top, or when the marked ones outnumber the others.
 */
import { assert } from '../../engine/core/errors.ts';
import { CANCELLED, IDLE, PENDING, type SimEvent } from './simEvent.ts';

/** Below this many cancelled events the heap is not worth sweeping. */
const SWEEP_CANCELLED_MIN = 64;

export class EventQueue {
  private heap: SimEvent[] = [];
  private cancelled = 0;

  /** Events that will fire. */
  get size(): number {
    return this.heap.length - this.cancelled;
  }

  /** `event.time` and `event.sequence` are set and stay as they are while it is pending. */
  push(event: SimEvent): void {
    assert(event.state === IDLE, 'event scheduled twice');
    event.state = PENDING;
    const heap = this.heap;
    const time = event.time;
    const sequence = event.sequence;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as SimEvent;
      if (other.time < time || (other.time === time && other.sequence < sequence)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = event;
  }

  /** The next event to fire, left in place. */
  peek(): SimEvent | null {
    const heap = this.heap;
    while (heap.length > 0) {
      const top = heap[0] as SimEvent;
      if (top.state === PENDING) return top;
      this.cancelled--;
      this.removeTop();
    }
    return null;
  }

  /** Removes and returns the next event to fire. */
  pop(): SimEvent | null {
    const top = this.peek();
    if (top === null) return null;
    top.state = IDLE;
    this.removeTop();
    return top;
  }

  /** False when it is not pending. */
  cancel(event: SimEvent): boolean {
    if (event.state !== PENDING) return false;
    event.state = CANCELLED;
    this.cancelled++;
    if (this.cancelled > SWEEP_CANCELLED_MIN && this.cancelled * 2 > this.heap.length) this.sweep();
    return true;
  }

  private removeTop(): void {
    const heap = this.heap;
    const last = heap.pop() as SimEvent;
    if (heap.length > 0) this.sink(last, 0);
  }

  /** Puts `event` in at `place`, or below it. */
  private sink(event: SimEvent, place: number): void {
    const heap = this.heap;
    const length = heap.length;
    const time = event.time;
    const sequence = event.sequence;
    for (let below = 2 * place + 1; below < length; below = 2 * place + 1) {
      let child = heap[below] as SimEvent;
      if (below + 1 < length) {
        const right = heap[below + 1] as SimEvent;
        if (right.time < child.time || (right.time === child.time && right.sequence < child.sequence)) {
          child = right;
          below++;
        }
      }
      if (time < child.time || (time === child.time && sequence < child.sequence)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = event;
  }

  private sweep(): void {
    this.heap = this.heap.filter((event) => event.state === PENDING);
    this.cancelled = 0;
    for (let place = (this.heap.length >> 1) - 1; place >= 0; place--) {
      this.sink(this.heap[place] as SimEvent, place);
    }
  }
}
