/** What a check is: it listens to notes while the run goes on, and says its verdict at the end. */
import type { CauseId, Micros, Note } from '../../engine/index.ts';
import type { Call } from '../client/call.ts';
import type { ProcessEnd } from '../node/simProcess.ts';
import type { Verdict } from '../scenario.ts';
import type { ClusterView } from './clusterView.ts';
import type { HistoryTree } from './historyTree.ts';
import type { NodeView } from './nodeView.ts';
import type { SentinelView } from './sentinelView.ts';
import type { Serving } from './serving.ts';

/** What checks see at the end of a run. */
export interface FinalState {
  readonly tree: HistoryTree;
  readonly views: readonly NodeView[];
  /** Ordered by name. */
  readonly sentinels: readonly SentinelView[];
  /** When settling began. */
  readonly settledFrom: Micros;
  /** Ordered by name. */
  readonly clusterNodes: readonly ClusterView[];
  /**
   * The node that clients reach by their configured name, with sentinels the one that these hold to be the primary, in a cluster
   * the one that has the key's slot; if it takes writes.
   */
  readonly serving: Serving;
  readonly now: Micros;
}

export interface CheckResult {
  readonly verdict: Verdict;
  readonly detail: string;
  /** How much there was to compare: what shows that a campaign exercised the check at all. */
  readonly comparisons?: number;
  /** The event of the first violation. */
  readonly event?: CauseId;
  /** Those of all violations. */
  readonly events?: ReadonlySet<CauseId>;
  /** Calls of clients that show the violation, by invocation. */
  readonly evidence?: readonly Call[];
}

export interface Check {
  readonly name: string;
  /** Safety must hold throughout, named by the scenario or not; liveness is judged at the end. */
  readonly isSafety: boolean;
  /** The kinds of notes that `note` is called for. */
  readonly hears?: readonly Note['kind'][];
  /** Called after the view was brought up to date. */
  note?(view: NodeView, note: Note, cause: CauseId): void;
  /** The node's process ended, after the view was brought up to date. */
  ended?(view: NodeView, end: ProcessEnd): void;
  /** Every note of a sentinel, after its view was brought up to date. */
  sentinelNote?(view: SentinelView, note: Note, cause: CauseId): void;
  finish(state: FinalState): CheckResult;
}

/** A check that needs the clients' history and nothing else: it judges any world that has clients. */
export interface HistoryCheck extends Check {
  finish(): CheckResult;
}

/** What a check has shown to be untrue explains no loss any more: see `doubt.ts`. */
export interface Doubt {
  /** The check that was violated. */
  readonly check: string;
  /** What it had held true. */
  readonly about: 'positions' | 'promotions' | 'acceptance' | 'waits';
  /** The event of the first violation; 0: all of the run. */
  readonly since: number;
  /** The events of all violations. */
  readonly events: ReadonlySet<number>;
}

/** The first violation that a safety check saw; later ones are counted. */
export class Violations {
  private first: { readonly detail: string; readonly event: CauseId } | null = null;
  private readonly events: Set<CauseId> = new Set();
  private count = 0;

  add(detail: string, event: CauseId): void {
    this.count++;
    this.events.add(event);
    this.first ??= { detail, event };
  }

  /** `violated`, or `holds` after so many comparisons, or `not exercised` when there was none. */
  result(comparisons: number, what: string): CheckResult {
    if (this.first !== null) {
      const more = this.count > 1 ? ` (and ${this.count - 1} more)` : '';
      return { verdict: 'violated', detail: this.first.detail + more, comparisons, event: this.first.event, events: this.events };
    }
    if (comparisons === 0) return { verdict: 'not exercised', detail: `no ${what}`, comparisons };
    return { verdict: 'holds', detail: `${comparisons} ${what}`, comparisons };
  }
}
