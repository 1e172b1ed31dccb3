/**
 * What a turn costs, in nanoseconds of virtual time: one table, scaled by a process's `slow`. Roughly a server core of
 * today, where a Redis serves some 100 000 simple commands a second.
 */
import type { CostKind } from '../../engine/host.ts';

/** Waking up, polling, and the end of the turn. */
export const TURN_NANOS = 4000;

export const COST_NANOS: Readonly<Record<CostKind, number>> = Object.freeze({
  command: 2000,
  byte: 1,
  keyLoaded: 1000,
  keySaved: 800,
  /** Of a script: a small machine's, so that a run with an endless script comes to its end. */
  instruction: 100,
  element: 60,
});

/** Reading or writing one byte of a file, through the kernel's cache. */
export const FILE_BYTE_NANOS = 1;

/** Starting a child. */
export const CHILD_START_NANOS = 500_000;
/** A child works this much off before it lets time pass. */
export const CHILD_SLICE_CHUNKS_MAX = 512;
export const CHILD_SLICE_BYTES_MAX: number = 128 * 1024;
/** Packing and writing one byte of a snapshot: some 200 MB/s. */
export const CHILD_BYTE_NANOS = 5;
/** So that a child's slice always takes time. */
export const CHILD_SLICE_NANOS_MIN = 10_000;
