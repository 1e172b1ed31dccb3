/**
 * The schema of a trace: one header, then one record for each event that fired and each observation made in one.
 *
 * Ids count 1, 2, 3… without a gap; a parent's id is smaller than its child's (0: nothing caused it). Whoever changes the
 * meaning of a field, or removes one, raises the version; new fields and new kinds do not.
 */
import type { KindName } from '../time/kinds.ts';

export const TRACE_VERSION = 1;

/** What a kind adds to the fixed fields: plain data, whose names differ from theirs. */
export type TraceDetail = Readonly<Record<string, unknown>>;

export interface TraceHeader {
  readonly trace: 'faultline';
  readonly version: typeof TRACE_VERSION;
  readonly seed: number;
}

export interface TraceRecord {
  readonly id: number;
  /** Virtual microseconds. */
  readonly at: number;
  /** Id of the record that scheduled it, or inside which it was observed. */
  readonly parent: number;
  readonly kind: KindName;
  /** Name of the process or machine. */
  readonly node: string;
  /** The two integers that went into the hash. */
  readonly a: number;
  readonly b: number;
  readonly detail: TraceDetail | null;
}

/** Gets every record, in the order of ids. Must not change the world. */
export interface TraceSink {
  record(record: TraceRecord): void;
}
