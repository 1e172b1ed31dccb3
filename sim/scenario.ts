/**
 * A scenario is data: topology, workload, plan, duration, settling time, expectations. Scripts build it with helpers, a plain
 * JSON file does too. See `sim/fault` for what `do` can be and `sim/fault/target.ts` for the targets.
 */
import type { Topology } from './topology/topology.ts';

/** Matches records of the trace: every field that is given must be equal. `node` is a process or machine name. */
export interface EventPattern {
  /** Name of the record's kind, such as `note.role` or `note.sync`. */
  readonly kind: string;
  readonly node?: string;
  /** Fields of the record's detail, compared as text. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A time of the run, or the n-th record that matches a pattern, and a delay after it. Times in virtual ms. */
export type PlanTime =
  | { readonly atMs: number }
  /** The exact form that forks write: whole microseconds. */
  | { readonly atMicros: number }
  | { readonly after: EventPattern; readonly nth?: number; readonly delayMs?: number };

export type PlanValue = string | number | boolean | readonly string[] | readonly (readonly string[])[];

/** One fault or action. `target` is a name or a role, resolved at the instant of the strike. */
export interface PlanEntry {
  readonly when: PlanTime;
  readonly do: string;
  readonly target?: string;
  /** How long a fault lasts, virtual ms; without it, until it is ended by another entry or by settling. */
  readonly forMs?: number;
  /** Parameters of the kind, by name. */
  readonly with?: Readonly<Record<string, PlanValue>>;
}

/**
 * What a client does. `setAdd`: SADD of unique members; `register`: SET of unique values to a few keys; `reader`: GET of the
 * registers that other clients write, and no writes.
 */
export type WorkloadKind = 'setAdd' | 'register' | 'reader';

/** The kinds that write. */
export type WriteKind = Exclude<WorkloadKind, 'reader'>;

/** `WAIT replicas timeoutMs`, sent right behind each write on the same connection. */
export interface WaitSpec {
  /** How many replicas must have the write. */
  readonly replicas: number;
  /** How long the server may wait for them; 0: for ever. */
  readonly timeoutMs: number;
}

export interface ClientSpec {
  readonly name: string;
  readonly zone: string;
  readonly kind: WorkloadKind;
  readonly operationsPerSecond: number;
  /** Host name and port that its configuration gives; looked up again at each connect. */
  readonly server: string;
  /** Gives an operation up, and the connection with it, after this long. */
  readonly timeoutMs: number;
  /** Asks after each write how many replicas have it. A write is acknowledged by its own answer all the same. */
  readonly wait?: WaitSpec;
  /** Values are padded to this many bytes; without it they are as short as they can be. */
  readonly valueBytes?: number;
  /** For a reader: it asks these servers in turn, instead of `server`. A replica is reached by its own name. */
  readonly servers?: readonly string[];
}

export interface WorkloadSpec {
  readonly clients: readonly ClientSpec[];
  /** One probe per zone: writes and reads every 100 ms with a timeout of 1 s. */
  readonly probes: readonly { readonly name: string; readonly zone: string; readonly server: string }[];
}

export type Verdict = 'holds' | 'violated' | 'unknown' | 'not exercised' | 'not observable';

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What must come out for `ok`. Safety invariants not named here must not be violated. */
export interface Expectations {
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Bounds on one run. */
  readonly lost?: Bounds;
  readonly unavailableMs?: Bounds;
  /** Of those lost: how many WAIT had reported to be on as many replicas as it was asked for. */
  readonly waitedLost?: Bounds;
  /** Snapshots that primaries granted to replicas, the first ones included. */
  readonly fullSyncs?: Bounds;
  /** The worst staleness of a read; see `StalenessReport`. */
  readonly staleMs?: Bounds;
}

export interface Scenario {
  /** `room/name`, as `faultline list` shows it. */
  readonly name: string;
  /** What it teaches, in one line. */
  readonly teaches: string;
  /** A deployment file to import, by name (`replication.compose.yaml`), or the topology itself. */
  readonly topology: Topology | { readonly file: string };
  readonly workload: WorkloadSpec;
  readonly plan: readonly PlanEntry[];
  readonly durationMs: number;
  readonly settlingMs: number;
  readonly expects: Expectations;
}

/** A scenario with its topology in hand: what a run takes and a saved run keeps. */
export interface ResolvedScenario extends Scenario {
  readonly topology: Topology;
}
