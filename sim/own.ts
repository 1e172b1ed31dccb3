/**
 * What a user of the library brings along: checks and workloads of his own, made anew for each run.
 *
 * A module that every worker can load exports one or both by these names:
 *
 *     export const check = ({ history, now }) => ({
 *       name: 'no-slow-writes', isSafety: true,
 *       finish: () => ({ verdict: 'holds', detail: '…', comparisons: history.operations.length }),
 *     });
 *     export const workload = ({ recorder }) => ({ name: 'W1', zone: 'zone-a', keys: [], program: (host) => { … } });
 *
 * What must always hold: both depend on what they are given and on nothing else (no clock, no chance, no state that outlives the
 * run), or the same seed no longer gives the same run. `Check` says when which of its functions is called.
 */
import type { Bytes, Host } from '../engine/index.ts';
import type { Check } from './check/check.ts';
import type { HistoryTree } from './check/historyTree.ts';
import type { NodeView } from './check/nodeView.ts';
import type { History } from './client/history.ts';
import type { Recorder } from './client/workload.ts';
import type { ExpandedScenario } from './scenario.ts';

/** What a check may look at, besides the notes that it hears. */
export interface CheckContext {
  readonly scenario: ExpandedScenario;
  /** What the clients asked and heard; grows while the run goes on. */
  readonly history: History;
  /** How the replication IDs descend from one another. */
  readonly tree: HistoryTree;
  /** The data nodes, ordered by name. */
  readonly views: readonly NodeView[];
  /** Virtual microseconds. */
  now(): number;
}

export type CheckFactory = (context: CheckContext) => Check;

export interface WorkloadContext {
  readonly scenario: ExpandedScenario;
  /** Where operations are recorded, so that the ledger follows them: `recorder.history.invoke(…)` and `complete(…)`. */
  readonly recorder: Recorder;
}

/** A key that is read back at the end, and held against what the ledger says. */
export interface OwnKey {
  readonly key: Bytes;
  /** A set of unique members (SADD); otherwise a register (SET). */
  readonly isSet: boolean;
}

export interface OwnWorkload {
  /** Unique in the world. */
  readonly name: string;
  readonly zone: string;
  /** The keys of what it records. */
  readonly keys: readonly OwnKey[];
  /** Runs on a machine of its own; `RedisClient` and the encoder of the engine speak the protocol for it. */
  readonly program: (host: Host) => void;
}

export type WorkloadFactory = (context: WorkloadContext) => OwnWorkload;

export interface OwnParts {
  readonly checks?: readonly CheckFactory[];
  readonly workloads?: readonly WorkloadFactory[];
}
