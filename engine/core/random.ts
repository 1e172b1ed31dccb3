/**
 * The engine's own generator (sfc32, public domain), seeded from `host.entropy`: for choices that Redis leaves to chance
 * (SPOP, RANDOMKEY, expiry samples, replication IDs). In the virtual world its seed comes from a stream of the world.
 */
import type { Bytes } from './bytes.ts';
import { bytes } from './bytes.ts';

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** `seed` is 12 bytes of entropy. */
  constructor(seed: Bytes) {
    this.a = word(seed, 0);
    this.b = word(seed, 4);
    this.c = word(seed, 8);
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 32 random bits, unsigned. */
  next(): number {
    const out = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + out | 0;
    return out >>> 0;
  }

  /** An integer from 0 to before `bound` (at most 2^32). The bias is below 2^-20 for the bounds in use. */
  below(bound: number): number {
    return bound <= 0x10000 ? this.next() % bound : Math.floor((this.next() / 0x100000000) * bound);
  }

  /** `length` lower-case hex digits: a run ID or replication ID has 40. */
  hex(length: number): Bytes {
    let out = '';
    while (out.length < length) out += this.next().toString(16).padStart(8, '0');
    return bytes(out.slice(0, length));
  }
}

const word = (seed: Bytes, at: number): number =>
  (seed.charCodeAt(at) | (seed.charCodeAt(at + 1) << 8) | (seed.charCodeAt(at + 2) << 16)
    | (seed.charCodeAt(at + 3) << 24)) | 0;
