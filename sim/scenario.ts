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
  /** It may well find nobody, or never be due: a plan that was drawn cannot know. Otherwise such an entry makes the run fail. */
  readonly mayMiss?: true;
}

/**
 * A plan that each seed draws anew: which kinds of faults there are, how often, how long, how they pair. See
 * `sim/fault/expandPlan.ts` for the bounds; the expanded plan is what is reported, saved and shrunk.
 */
export interface PlanGenerator {
  readonly generate: 'chaos';
  /** Kinds to draw from; without it all that this topology can show. */
  readonly kinds?: readonly string[];
  /** At most so many entries; without it a bound of the generator's own. */
  readonly entriesMax?: number;
}

export type Plan = readonly PlanEntry[] | PlanGenerator;

/**
 * What a client does.
 *
 * The write ledger follows what these write: `setAdd`: SADD of unique members; `register`: SET of unique values to a few keys of its
 * own. `reader`: GET of the registers that other clients write, and no writes.
 *
 * These share their keys with all clients of their kind, and are judged by the consistency checks: `sharedRegister`: GET, SET, and
 * compare-and-set by WATCH; `queue`: RPUSH of unique elements, or taking them; `counter`: INCRBY and GET; `lock`: SET NX PX, work for a
 * while, and release by WATCH; `multiKey`: MSET or MULTI over several keys of one slot, and MGET.
 */
export type WorkloadKind = 'setAdd' | 'register' | 'reader' | 'sharedRegister' | 'queue' | 'counter' | 'lock' | 'multiKey';

/** The kinds whose writes the ledger follows. */
export type WriteKind = 'setAdd' | 'register';

/** Which side of its queues a client is on. */
export interface QueueSpec {
  readonly side: 'producer' | 'consumer';
  /**
   * How a consumer takes elements: `LPOP`, which is the default; `BLPOP`, one at a time; or `LMOVE` to a list of its own, from which
   * it removes them by LREM: what it never heard of it finds there and delivers again.
   */
  readonly takesBy?: 'LPOP' | 'BLPOP' | 'LMOVE';
}

export interface LockSpec {
  /** PX of the lock's key. */
  readonly leaseMs: number;
  /** How long it works before it releases the lock. */
  readonly holdMs: number;
}

/** `WAIT replicas timeoutMs`, sent right behind each write on the same connection. */
export interface WaitSpec {
  /** How many replicas must have the write. */
  readonly replicas: number;
  /** How long the server may wait for them; 0: for ever. */
  readonly timeoutMs: number;
}

/** Whom a client asks for the address of its primary. */
export interface SentinelService {
  /** The name under which the sentinels watch the primary. */
  readonly name: string;
  /** `host:port` of each, in the order in which they are asked first. */
  readonly sentinels: readonly string[];
  /** What the sentinels want to hear before they answer. */
  readonly password?: string;
}

/** The nodes of a cluster that a client is told of; the others it learns from them. */
export interface ClusterService {
  /** `host:port` of each, in the order in which they are asked first. */
  readonly nodes: readonly string[];
}

export interface FollowedService extends SentinelService {
  /** Listens to one sentinel, and leaves a primary as soon as it is told of another. */
  readonly listens: boolean;
}

/**
 * Where a client connects: exactly one of the four.
 *
 * - `server`: host name and port that its configuration gives; looked up again at each connect.
 * - `sentinel`: asks the sentinels before each connect, and makes sure that the server is a primary.
 * - `sentinelOnce`: does it wrong: asks the sentinels at its start, and keeps the address for ever.
 * - `cluster`: asks any node which node has which slots, and follows redirections.
 */
export type ServerChoice =
  | { readonly server: string; readonly sentinel?: never; readonly sentinelOnce?: never; readonly cluster?: never }
  | { readonly server?: never; readonly sentinel: FollowedService; readonly sentinelOnce?: never; readonly cluster?: never }
  | { readonly server?: never; readonly sentinel?: never; readonly sentinelOnce: SentinelService; readonly cluster?: never }
  | { readonly server?: never; readonly sentinel?: never; readonly sentinelOnce?: never; readonly cluster: ClusterService };

/** Where a client connects, and what it says there first. */
export type Locator = ServerChoice & {
  /** AUTH of the data nodes; that of the sentinels stands with them. */
  readonly password?: string;
};

/** What a client does, wherever it connects. */
export interface ClientWork {
  readonly name: string;
  readonly zone: string;
  readonly kind: WorkloadKind;
  /** Of an open loop, which is the default: answers are not waited for. Of a closed one: the most that there can be. */
  readonly operationsPerSecond: number;
  readonly loop?: 'open' | 'closed';
  /** In a closed loop: from an answer to the next operation; without it as `operationsPerSecond` says. */
  readonly thinkMs?: number;
  /** Gives an operation up, and the connection with it, after this long. */
  readonly timeoutMs: number;
  /** Asks after each write how many replicas have it. A write is acknowledged by its own answer all the same. */
  readonly wait?: WaitSpec;
  /** Values are padded to this many bytes; without it they are as short as they can be. */
  readonly valueBytes?: number;
  /** How many keys it uses in turn; without it one, or four registers. Of `multiKey`: how many groups of keys. */
  readonly keys?: number;
  /** Of a client of queues; without it a producer. */
  readonly queue?: QueueSpec;
  /** Of a client of locks; without it a lease of 5 s, of which it uses 2. */
  readonly lock?: LockSpec;
  /** All its keys carry this hash tag, so they are in one slot of a cluster. */
  readonly hashTag?: string;
  /** For a reader: it asks these servers in turn, instead of `server`. A replica is reached by its own name. */
  readonly servers?: readonly string[];
  /** For a reader with `sentinel`: whom it reads from; by default the primary. Of several replicas in turn. */
  readonly readsFrom?: 'primary' | 'replicas';
}

export type ClientSpec = ClientWork & Locator;

export type ProbeSpec = Locator & {
  readonly name: string;
  readonly zone: string;
  /** What it writes and reads: in a cluster it stands for the range of slots that it falls into. By default a name of its own. */
  readonly key?: string;
};

export interface WorkloadSpec {
  readonly clients: readonly ClientSpec[];
  /** One probe per zone and range of slots: writes and reads every 100 ms with a timeout of 1 s. */
  readonly probes: readonly ProbeSpec[];
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
  /** Failovers of sentinels that came so far as to tell clients of another primary. */
  readonly failovers?: Bounds;
  /** How far the medians of two worlds may be apart, where that is not the usual; see `faultline compare`. */
  readonly tolerance?: Tolerance;
}

/** Medians may differ by the share, or by the amount of the figure's unit. */
export interface Tolerance {
  readonly percent?: number;
  readonly ms?: number;
  /** Percentage points, of a figure that is a share itself. */
  readonly points?: number;
}

export interface Scenario {
  /** `room/name`, as `faultline list` shows it. */
  readonly name: string;
  /** What it teaches, in one line. */
  readonly teaches: string;
  /** A deployment file to import, by name (`replication.compose.yaml`), or the topology itself. */
  readonly topology: Topology | { readonly file: string };
  readonly workload: WorkloadSpec;
  readonly plan: Plan;
  readonly durationMs: number;
  readonly settlingMs: number;
  readonly expects: Expectations;
}

/** A scenario with its topology in hand: what a run takes and a saved run keeps. */
export interface ResolvedScenario extends Scenario {
  readonly topology: Topology;
}

/** A scenario whose plan is a list: what strikes, whatever the seed. */
export interface ExpandedScenario extends ResolvedScenario {
  readonly plan: readonly PlanEntry[];
}
