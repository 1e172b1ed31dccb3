/**
 * Seeded streams of random numbers, one per named consumer, made on first use: what one consumer draws never moves what
 * another one gets. Alea by Johannes Baagøe, from `seedrandom`, seeded with `<decimal seed>/<name>`.
 */
import alea from 'seedrandom/lib/alea.js';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { assert } from '../../engine/core/errors.ts';

const BOUND_MAX = 0x100000000;

export class RandomStream {
  private readonly next: () => number;

  constructor(seed: string) {
    this.next = alea(seed);
  }

  /** 32 random bits, unsigned. */
  integer(): number {
    return this.next() * BOUND_MAX;
  }

  /** An integer from 0 to before `bound` (1 to 2^32). */
  below(bound: number): number {
    assert(bound >= 1 && bound <= BOUND_MAX, 'random bound out of range');
    return Math.floor(this.next() * bound);
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True `perMillion` times in a million. */
  chance(perMillion: number): boolean {
    return this.below(1_000_000) < perMillion;
  }

  bytes(count: number): Bytes {
    let out = '';
    for (let index = 0; index < count; index++) out += String.fromCharCode(this.below(256));
    return bytes(out);
  }

  pick<Item>(items: readonly Item[]): Item {
    assert(items.length > 0, 'nothing to pick from');
    return items[this.below(items.length)] as Item;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const out = items.slice();
    for (let place = out.length - 1; place > 0; place--) {
      const other = this.below(place + 1);
      const item = out[place] as Item;
      out[place] = out[other] as Item;
      out[other] = item;
    }
    return out;
  }
}

export class Streams {
  private readonly seed: number;
  private readonly streams: Map<string, RandomStream> = new Map();

  /** `seed` is an integer from 0 to 2^53 - 1. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed) && seed >= 0, 'the seed is not a non-negative integer');
    this.seed = seed;
  }

  /** The stream of that name: always the same object, its state going on. */
  named(name: string): RandomStream {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(`${this.seed}/${name}`);
      this.streams.set(name, stream);
    }
    return stream;
  }
}
