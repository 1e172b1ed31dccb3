/** What no drawn plan exceeds, whatever its seed. All times in virtual milliseconds. */

export const CHAOS_BOUNDS = {
  /** The most entries that a generator may be asked for. */
  entriesMax: 64,
  /** Without `entriesMax` of its own. */
  entriesMaxDefault: 14,
  /** Strikes of one kind. */
  perKindMax: 3,
  /** No fault lasts longer. */
  faultMsMax: 20_000,
  /** Times are whole multiples of it: two strikes are at once, or at least so far apart. */
  gapMsMin: 100,
  /** Nothing strikes before: replicas synchronise, a cluster is made. A quarter of shorter runs. */
  firstMsMin: 8000,
  /** Nothing strikes by time in the last of the faults' phase. A tenth of shorter runs. */
  quietMsMin: 4000,
  /** Machines whose disk may lie, rot or tear in one run. */
  damagedDisksMax: 1,
  /** Of a clock that jumps, either way. */
  clockJumpMsMax: 3_600_000,
  driftPpmMax: 100_000,
} as const;
