/**
 * Invariant: a primary that can reach no majority of the primaries takes no writes any more after one and a half node timeouts and
 * two ticks of its timer: a ping leaves half a timeout after the last pong at the latest, and goes unanswered for a whole one.
 *
 * Who reaches whom is what the world knows of processes, machines and cut links. A primary that was stopped or slowed is not
 * judged, nor one whose clock was changed: it did not have the time. One that was started since has its timeout from then on.
 * Source: clusterCron and clusterUpdateState in cluster.c of Redis 7.0.
 */
import type { CauseId, Note } from '../../engine/index.ts';
import type { Hindrances } from '../fault/hindrances.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import { type ClusterView, clusterNodeCalled } from './clusterView.ts';
import type { NodeView } from './nodeView.ts';

const TICKS_MS = 200;
/** What was on the wire when the links were cut still arrives, and turns take their time. */
const GRACE_MS = 100;
const MICROS_PER_MS = 1000;

export interface MinorityParts {
  readonly views: readonly ClusterView[];
  readonly hindrances: Pick<Hindrances, 'changes'>;
  nodeTimeoutMs(view: NodeView): number;
  /** Nothing was done to its pace or its clock. */
  isJudged(view: NodeView): boolean;
  /** Both ways, between living processes. */
  canTalk(left: NodeView, right: NodeView): boolean;
  /** Virtual microseconds. */
  now(): number;
}

export class MinorityStopsWrites implements Check {
  readonly name = 'minority-stops-writes';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['write', 'history'];
  private readonly parts: MinorityParts;
  /** Since when each primary reaches no majority. */
  private readonly cutOffSince: Map<NodeView, number> = new Map();
  /** How many changes of the world's faults were looked at. */
  private seen = 0;
  private judged = 0;
  /** The longest that a write came after the majority was lost, and what it might have been. */
  private readonly worst = { afterMs: 0, limitMs: 0 };
  private readonly violations: Violations = new Violations();

  constructor(parts: MinorityParts) {
    this.parts = parts;
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    // Somebody has started and loaded: that is no change of faults, and may make a majority for a while.
    if (note.kind === 'history') this.look(true);
    if (note.kind !== 'write') return;
    this.look();
    const since = this.cutOffSince.get(view);
    if (!this.parts.isJudged(view)) return;
    // Processes that start are no change of faults: somebody may be there again, or it may itself have started among too few.
    const own = this.parts.views.find((one) => one.node === view);
    if (own === undefined || this.hasMajority(own)) {
      this.cutOffSince.delete(view);
      return;
    }
    if (since === undefined) {
      this.cutOffSince.set(view, this.parts.now());
      return;
    }
    this.judged++;
    const limitMs = this.parts.nodeTimeoutMs(view) * 1.5 + TICKS_MS + GRACE_MS;
    // Who has just started does not know yet whom it misses: nodes.conf keeps no suspicion.
    const afterMs = (this.parts.now() - Math.max(since, view.process.startedAt)) / MICROS_PER_MS;
    if (afterMs > this.worst.afterMs) Object.assign(this.worst, { afterMs, limitMs });
    if (afterMs > limitMs) this.violations.add(`${view.name} took a write ${Math.floor(afterMs)} ms after it had lost the majority`, cause);
  }

  ended(): void {
    this.look(true);
  }

  finish(): CheckResult {
    this.look();
    const { afterMs, limitMs } = this.worst;
    const last = this.judged === 0 ? '' : `, the last ${Math.floor(afterMs)} ms after it was lost, ${limitMs} at most`;
    return this.violations.result(this.judged, `writes of primaries without a majority${last}`);
  }

  /** Reachability changes only with faults and with processes that end or start. */
  private look(isForced: boolean = false): void {
    const { hindrances: { changes }, views, now } = this.parts;
    if (!isForced && changes.count === this.seen) return;
    const at = isForced ? now() : changes.lastAt;
    this.seen = changes.count;
    for (const view of views) {
      // The dead reach nobody, and lose nothing by it.
      if (!view.isAlive || this.hasMajority(view)) this.cutOffSince.delete(view.node);
      else if (!this.cutOffSince.has(view.node)) this.cutOffSince.set(view.node, at);
    }
  }

  private hasMajority(view: ClusterView): boolean {
    const { views, canTalk } = this.parts;
    let reached = 0;
    for (const id of view.slotOwners.keys()) {
      const owner = clusterNodeCalled(views, id);
      if (owner !== null && (owner === view || canTalk(view.node, owner.node))) reached++;
    }
    return reached >= Math.floor(view.slotOwners.size / 2) + 1;
  }
}
