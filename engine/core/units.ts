/**
 * Branded numbers: the compiler keeps a duration in milliseconds from being handed over as microseconds.
 * All are integers that a double holds exactly. The brands cost nothing at run time.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A duration in milliseconds. */
export type Ms = Unit<'Ms'>;
/** A duration, or a point of virtual or monotonic time, in microseconds. */
export type Micros = Unit<'Micros'>;
/** Wall-clock time in milliseconds since 1970. */
export type UnixMs = Unit<'UnixMs'>;
/** A position in a replication stream: the number of bytes produced before it. */
export type ReplOffset = Unit<'ReplOffset'>;
/** A Sentinel or Cluster epoch. */
export type Epoch = Unit<'Epoch'>;
/** The number of an event of the virtual world; 0 where there is none (real hosts). */
export type CauseId = Unit<'CauseId'>;

export const ms = (value: number): Ms => value as Ms;
export const micros = (value: number): Micros => value as Micros;
export const unixMs = (value: number): UnixMs => value as UnixMs;
export const replOffset = (value: number): ReplOffset => value as ReplOffset;
export const epoch = (value: number): Epoch => value as Epoch;
export const causeId = (value: number): CauseId => value as CauseId;

export const NO_CAUSE: CauseId = causeId(0);
