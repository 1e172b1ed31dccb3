/** What a run says at its end: the JSON document of `faultline run`, with the names that others build on. */
import type { PlanEntry, Verdict } from './scenario.ts';

/** One step of the explanation of a loss: what happened to a copy, and the rule that permits it. */
export interface CauseStep {
  /** Process whose copy this is. */
  readonly node: string;
  /** The event of the trace, and its virtual time. */
  readonly event: number;
  readonly atMs: number;
  /** What happened: `power loss before any replica had it`. */
  readonly what: string;
  /** The rule of this configuration that permits it; null when nothing does: a bug. */
  readonly rule: string | null;
}

export interface LostWrite {
  readonly client: string;
  readonly operation: string;
  readonly invokedMs: number;
  readonly acknowledgedMs: number;
  /** `id:offset` where it was executed; null when no node ever did. */
  readonly position: string | null;
  /** Replicas that WAIT reported to have it; null where none was sent, or none answered. */
  readonly acknowledgedBy: number | null;
  readonly permitted: boolean;
  /** One line: the class of the loss. */
  readonly cause: string;
  readonly chain: readonly CauseStep[];
}

export interface LedgerReport {
  readonly acknowledged: number;
  readonly survived: number;
  readonly superseded: number;
  readonly lost: number;
  readonly permitted: number;
  readonly bugs: number;
  readonly unknown: number;
  /** Not acknowledged: failed or without an answer; and how many of them took effect all the same. */
  readonly unacknowledged: number;
  readonly unacknowledgedEffective: number;
  /** Acknowledged writes that WAIT also reported to be on as many replicas as it was asked for; and the lost among them. */
  readonly waited: { readonly acknowledged: number; readonly lost: number };
  readonly lostWrites: readonly LostWrite[];
}

/** A call of a client that shows what is wrong, alone or with others. */
export interface EvidenceCall {
  readonly client: string;
  /** Which of the client's connections it went over; 0: not known. */
  readonly process: number;
  /** What was asked: `write shared:0 C1:7`. */
  readonly call: string;
  readonly invokedMs: number;
  /** Null: it never had an answer. */
  readonly completedMs: number | null;
  /** What came back; null: nothing that says anything. */
  readonly result: string | null;
}

export interface VerdictReport {
  readonly name: string;
  readonly verdict: Verdict;
  /** Null where the scenario does not name the check. */
  readonly expected: Verdict | null;
  readonly detail: string;
  /** How much it had to compare; without it the check does not count. */
  readonly comparisons?: number;
  /** Event of the first violation. */
  readonly event?: number;
  /** Of a consistency check that was violated: calls that cannot all be right, by invocation. */
  readonly evidence?: readonly EvidenceCall[];
}

/** What became of one plan entry. */
export interface StrikeReport {
  readonly entry: PlanEntry;
  /** Virtual time of the strike; null: it never came (not exercised). */
  readonly atMs: number | null;
  /** What the target resolved to. */
  readonly resolved: string | null;
  readonly outcome: string;
}

export interface NodeReport {
  readonly name: string;
  readonly state: 'running' | 'paused' | 'dead';
  readonly role: 'primary' | 'replica' | null;
  readonly primary: string | null;
  readonly replicationId: string | null;
  readonly offset: number | null;
  readonly digest: string | null;
}

/** A sentinel at the end of the run. */
export interface SentinelReport {
  readonly name: string;
  readonly state: 'running' | 'paused' | 'dead';
  readonly isTilted: boolean;
  readonly watched: readonly {
    readonly name: string;
    readonly primary: string | null;
    readonly currentEpoch: number;
    readonly configEpoch: number;
  }[];
}

/** One attempt of a sentinel at a failover. It has a `sentinel`, one of a cluster has not. */
export interface FailoverReport {
  /** The primary's name. */
  readonly name: string;
  readonly sentinel: string;
  readonly atMs: number;
  /** Record of the trace at which it began. */
  readonly event: number;
  /** The epoch that it was elected in, or that was forced; null: it was not. */
  readonly epoch: number | null;
  /** `host:port` of the replica that was chosen; null: none was. */
  readonly chosen: string | null;
  /** When this sentinel told clients of the new primary; null: it never came so far. */
  readonly switchedMs: number | null;
  /** How it ended: `switched`, the event of its abort, `overtaken` by another's, `unfinished`. */
  readonly outcome: string;
  /** Why it began: a line for each link of the chain. */
  readonly because: readonly string[];
}

/** One attempt of a cluster's replica to take its primary's place. Times in virtual ms. */
export interface ClusterFailoverReport {
  /** The process of the primary. */
  readonly name: string;
  readonly replica: string;
  readonly atMs: number;
  /** Record of the trace at which it began. */
  readonly event: number;
  readonly epoch: number;
  /** CLUSTER FAILOVER. */
  readonly isByHand: boolean;
  /** Votes that it got, of so many primaries with slots; null: it was not elected, or took over without asking. */
  readonly votes: { readonly given: number; readonly needed: number; readonly primaries: number } | null;
  /** The slots that it took over, first and last of each range. */
  readonly slots: readonly (readonly [number, number])[];
  /** When a node first held the primary to be silent (PFAIL), and to have failed; null: nobody did. */
  readonly silentMs: number | null;
  readonly failedMs: number | null;
  /** When the replica served the slots; null: it never came so far. And that without the time until the first PFAIL. */
  readonly switchedMs: number | null;
  readonly gapMs: number | null;
  /** How it ended: `serves`, `not elected`, `overtaken` by another replica, `its node ended`, `unfinished`. */
  readonly outcome: string;
  /** Why it began: a line for each link of the chain. */
  readonly because: readonly string[];
}

export interface ZoneOutage {
  readonly zone: string;
  readonly writeMs: number;
  readonly readMs: number;
}

/**
 * How old what readers saw was. A read is stale when, before it was asked, a newer write of its register had been
 * acknowledged; its staleness is the time since the first such acknowledgement.
 */
export interface StalenessReport {
  /** Reads that were answered with a value of the workload, or with none. */
  readonly reads: number;
  readonly stale: number;
  readonly maxMs: number;
  /** Of the stale reads. */
  readonly medianMs: number;
}

/** What primaries answered to PSYNC over the whole run, the first synchronisations included. */
export interface SyncsReport {
  readonly full: number;
  readonly partialOk: number;
  readonly partialRefused: number;
}

export interface RunReport {
  readonly scenario: string;
  readonly seed: number;
  readonly ok: boolean;
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly events: number;
  readonly eventsByKind: Readonly<Record<string, number>>;
  readonly plan: readonly PlanEntry[];
  readonly strikes: readonly StrikeReport[];
  /** How often each kind of entry struck somebody, by its name; kinds that never did are left out. */
  readonly fired: Readonly<Record<string, number>>;
  /** How often each state worth reaching was reached, by its name in `engine/core/marks.ts`; others are left out. */
  readonly marks: Readonly<Record<string, number>>;
  readonly replay: string;
  readonly ledger: LedgerReport;
  readonly staleness: StalenessReport;
  readonly syncs: SyncsReport;
  readonly unavailableMs: number;
  readonly zones: readonly ZoneOutage[];
  readonly nodes: readonly NodeReport[];
  /** Only of worlds with sentinels or a cluster: every failover that was begun, in the order of their beginnings. */
  readonly failovers?: readonly (FailoverReport | ClusterFailoverReport)[];
  /** Only of worlds with sentinels. */
  readonly sentinels?: readonly SentinelReport[];
  readonly verdicts: readonly VerdictReport[];
  /** Why it is not ok, one line each. */
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
}

/** The failovers that sentinels began. */
export const sentinelFailovers = ({ failovers = [] }: Pick<RunReport, 'failovers'>): readonly FailoverReport[] =>
  failovers.filter((failover) => 'sentinel' in failover);

/** Those of clusters. */
export const clusterFailovers = ({ failovers = [] }: Pick<RunReport, 'failovers'>): readonly ClusterFailoverReport[] =>
  failovers.filter((failover): failover is ClusterFailoverReport => !('sentinel' in failover));
