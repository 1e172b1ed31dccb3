/**
 * How often a key is asked for, as the LFU policies count it: a counter of eight bits that grows the slower the larger it is, and falls
 * by one for each `lfu-decay-time` minutes; with the minute of its last change in the 16 bits before. Kept in place of the time of the
 * last access.
 * Source: LFULogIncr and LFUDecrAndReturn in evict.c of Redis 7.0, for behaviour.
 */
import type { Random } from '../core/random.ts';

/** What a new key starts with, so that it is not the first to go. */
const FREQUENCY_OF_NEW = 5;
const FREQUENCY_MAX = 255;
const MINUTES = 65_536;
const MS_PER_MINUTE = 60_000;

const minuteOf = (nowMs: number): number => Math.floor(nowMs / MS_PER_MINUTE) % MINUTES;

export class Lfu {
  private readonly random: Random;
  private readonly logFactor: number;
  private readonly decayMinutes: number;

  constructor(random: Random, logFactor: number, decayMinutes: number) {
    this.random = random;
    this.logFactor = logFactor;
    this.decayMinutes = decayMinutes;
  }

  forNew(nowMs: number): number {
    return this.packed(FREQUENCY_OF_NEW, nowMs);
  }

  packed(frequency: number, nowMs: number): number {
    return minuteOf(nowMs) * 256 + Math.min(frequency, FREQUENCY_MAX);
  }

  /** The counter as it is now. */
  frequency(access: number, nowMs: number): number {
    const counter = access % 256;
    if (this.decayMinutes === 0) return counter;
    const since = Math.floor(access / 256) % MINUTES;
    const elapsed = (minuteOf(nowMs) - since + MINUTES) % MINUTES;
    return Math.max(0, counter - Math.floor(elapsed / this.decayMinutes));
  }

  /** The key was asked for. */
  touched(access: number, nowMs: number): number {
    const counter = this.frequency(access, nowMs);
    if (counter >= FREQUENCY_MAX) return this.packed(FREQUENCY_MAX, nowMs);
    const above = Math.max(0, counter - FREQUENCY_OF_NEW);
    const grows = this.random.next() / 0x100000000 < 1 / (above * this.logFactor + 1);
    return this.packed(grows ? counter + 1 : counter, nowMs);
  }
}
