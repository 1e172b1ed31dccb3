/**
 * Invariant: a replica of a cluster asks for votes only while its data are fresh: its link to its primary has been down for no
 * longer than repl-ping-replica-period, a node timeout and `cluster-replica-validity-factor` node timeouts. A manual failover needs
 * no fresh data.
 *
 * Since when the link is down the notes tell to the microsecond; the node counts whole seconds, so it is left one more.
 * Source: clusterHandleSlaveFailover in cluster.c of Redis 7.0.
 */
import { CLUSTER_BY_HAND, type CauseId, type Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

const ROUNDING_MS = 1000;
const MICROS_PER_MS = 1000;

export interface FreshnessParts {
  /** How old data may be at each node, virtual ms; nodes with a factor of 0 have no limit and are not among them. */
  readonly limitMs: ReadonlyMap<NodeView, number>;
  /** Virtual microseconds. */
  now(): number;
}

export class OnlyFreshElected implements Check {
  readonly name = 'only-fresh-replicas-elected';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['cluster', 'sync', 'history'];
  private readonly parts: FreshnessParts;
  /** Since when each node's link is down; absent: it is up, or the process has just begun. */
  private readonly downSince: Map<NodeView, number> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(parts: FreshnessParts) {
    this.parts = parts;
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    if (note.kind === 'sync') {
      if (note.state === 'connected') this.downSince.delete(view);
      else this.isDown(view);
    } else if (note.kind === 'history') this.isDownSinceItsStart(view, note.reason);
    else if (note.kind === 'cluster' && note.event === 'election' && note.detail !== CLUSTER_BY_HAND) this.judge(view, cause);
  }

  ended(view: NodeView): void {
    this.downSince.delete(view);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'requests for votes compared with the age of the data');
  }

  private isDown(view: NodeView): void {
    if (!this.downSince.has(view)) this.downSince.set(view, this.parts.now());
  }

  private isDownSinceItsStart(view: NodeView, reason: string): void {
    if (reason === 'start' || reason === 'load') this.isDown(view);
  }

  private judge(view: NodeView, cause: CauseId): void {
    const limitMs = this.parts.limitMs.get(view);
    if (limitMs === undefined || view.process.machine.clockWasWrong) return;
    this.compared++;
    const since = this.downSince.get(view);
    if (since === undefined) return;
    const ageMs = Math.floor((this.parts.now() - since) / MICROS_PER_MS);
    if (ageMs <= limitMs + ROUNDING_MS) return;
    this.violations.add(`${view.name} asked for votes with data ${ageMs} ms old, ${limitMs} ms at most`, cause);
  }
}
