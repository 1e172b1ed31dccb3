/**
 * The pending events, ordered by (time, sequence): a binary heap.
 *
 * What always holds: no two pending events are equal in that order, so the order of popping depends on nothing else.
 * Cancelling only marks an event; it is dropped when it comes to the top, or when the marked ones outnumber the others.
 *
 * The keys stand in typed arrays of their own, beside the events: events are of many classes, and reading a field of
 * an object that may be any of twenty costs V8 several times what reading an array of doubles does.
 */
import { assert } from '../../engine/core/errors.ts';
import { CANCELLED, IDLE, PENDING, type SimEvent } from './simEvent.ts';

/** Below this many cancelled events the heap is not worth sweeping. */
const SWEEP_CANCELLED_MIN = 64;
const CAPACITY_FIRST = 256;

export class EventQueue {
  private times: Float64Array = new Float64Array(CAPACITY_FIRST);
  private sequences: Float64Array = new Float64Array(CAPACITY_FIRST);
  private events: SimEvent[] = [];
  private length = 0;
  private cancelled = 0;

  /** Events that will fire. */
  get size(): number {
    return this.length - this.cancelled;
  }

  /** `event.time` and `event.sequence` are set and stay as they are while it is pending. */
  push(event: SimEvent): void {
    assert(event.state === IDLE, 'event scheduled twice');
    event.state = PENDING;
    if (this.length === this.times.length) this.grow();
    const { times, sequences, events } = this;
    const time = event.time;
    const sequence = event.sequence;
    let place = this.length++;
    events.push(event);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const otherTime = times[above] as number;
      if (otherTime < time || (otherTime === time && (sequences[above] as number) < sequence)) break;
      times[place] = otherTime;
      sequences[place] = sequences[above] as number;
      events[place] = events[above] as SimEvent;
      place = above;
    }
    times[place] = time;
    sequences[place] = sequence;
    events[place] = event;
  }

  /** The next event to fire, left in place. */
  peek(): SimEvent | null {
    while (this.length > 0) {
      const top = this.events[0] as SimEvent;
      if (top.state === PENDING) return top;
      this.cancelled--;
      this.removeTop();
    }
    return null;
  }

  /** Removes and returns the next event to fire, if it is due by `at`. */
  pop(at: number = Infinity): SimEvent | null {
    const top = this.peek();
    if (top === null || (this.times[0] as number) > at) return null;
    top.state = IDLE;
    this.removeTop();
    return top;
  }

  /** False when it is not pending. */
  cancel(event: SimEvent): boolean {
    if (event.state !== PENDING) return false;
    event.state = CANCELLED;
    this.cancelled++;
    if (this.cancelled > SWEEP_CANCELLED_MIN && this.cancelled * 2 > this.length) this.sweep();
    return true;
  }

  private removeTop(): void {
    const last = --this.length;
    const { times, sequences, events } = this;
    const event = events.pop() as SimEvent;
    if (last > 0) this.sink(event, times[last] as number, sequences[last] as number, 0);
  }

  /** Puts `event` in at `place`, or below it. */
  private sink(event: SimEvent, time: number, sequence: number, start: number): void {
    const { times, sequences, events, length } = this;
    let place = start;
    for (let below = 2 * place + 1; below < length; below = 2 * place + 1) {
      let childTime = times[below] as number;
      const right = below + 1;
      if (right < length) {
        const rightTime = times[right] as number;
        if (rightTime < childTime
          || (rightTime === childTime && (sequences[right] as number) < (sequences[below] as number))) {
          below = right;
          childTime = rightTime;
        }
      }
      if (time < childTime || (time === childTime && sequence < (sequences[below] as number))) break;
      times[place] = childTime;
      sequences[place] = sequences[below] as number;
      events[place] = events[below] as SimEvent;
      place = below;
    }
    times[place] = time;
    sequences[place] = sequence;
    events[place] = event;
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    const sequences = new Float64Array(this.times.length * 2);
    times.set(this.times);
    sequences.set(this.sequences);
    this.times = times;
    this.sequences = sequences;
  }

  private sweep(): void {
    const kept = this.events.filter((event) => event.state === PENDING);
    this.length = 0;
    this.cancelled = 0;
    this.events = [];
    for (const event of kept) {
      event.state = IDLE;
      this.push(event);
    }
  }
}
