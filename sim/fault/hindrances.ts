/**
 * What stood in anybody's way: every fault and action that acts on a process, a machine or the path between two, and every
 * process that ended by itself. The cause of a timeout is an absence, so it is looked for here: what struck after the last
 * word that was heard, and could swallow the next.
 *
 * Always holds: entries stand in the order of their events.
 */
import { type CauseId, NO_CAUSE } from '../../engine/core/units.ts';
import type { NetStack } from '../net/netStack.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';

/** What a fault or an action acts on. Everything of a machine is meant by it. */
export interface Reach {
  readonly processes?: readonly SimProcess[];
  readonly machines?: readonly Machine[];
  /** Directed: what those of `from` send to those of `to`. */
  readonly paths?: readonly { readonly from: readonly NetStack[]; readonly to: readonly NetStack[] }[];
  /** For what nobody ends, but something else may: whether it still stands. */
  readonly stands?: () => boolean;
}

export interface Hindrance {
  /** The record of the strike. */
  readonly event: CauseId;
  readonly at: number;
  /** In words: `power: redis-main`. */
  readonly what: string;
  readonly reach: Reach;
  /** It lasts until it is ended. */
  readonly isLasting: boolean;
  endedAt: number | null;
  endedBy: CauseId | null;
}

export class Hindrances {
  /** How often something began or ended, and when last. */
  readonly changes: { count: number; lastAt: number } = { count: 0, lastAt: 0 };
  private readonly entries: Hindrance[] = [];

  add(event: CauseId, at: number, what: string, reach: Reach, isLasting: boolean): Hindrance {
    const entry: Hindrance = { event, at, what, reach, isLasting, endedAt: null, endedBy: null };
    this.entries.push(entry);
    this.changed(at);
    return entry;
  }

  end(entry: Hindrance, event: CauseId, at: number): void {
    entry.endedAt = at;
    entry.endedBy = event;
    this.changed(at);
  }

  private changed(at: number): void {
    this.changes.count++;
    this.changes.lastAt = at;
  }

  /** The last that struck before a time, for `silencing` since then. */
  lastBefore(at: number): CauseId {
    return this.entries.findLast((entry) => entry.at < at)?.event ?? NO_CAUSE;
  }

  find(event: CauseId): Hindrance | undefined {
    return this.entries.find((entry) => entry.event === event);
  }

  /**
   * What explains that `observer` heard nothing of `observed` since the record `since`: what struck after it, or stands now,
   * or ended after it. What was on the wire at the strike arrives after it, so a strike may be the older one.
   */
  silencing(observer: SimProcess, observed: SimProcess, since: CauseId): readonly Hindrance[] {
    return this.entries.filter((entry) => isRelevant(entry, since) && comesBetween(entry.reach, observer, observed));
  }

  /** The last thing that was done to a process itself. */
  lastOn(process: SimProcess): Hindrance | undefined {
    return this.entries.findLast(({ reach }) => reach.processes?.includes(process) ?? false);
  }

  /** When something last stood in the way of a process, or of its machine's links; null: nothing ever did. */
  lastAt(process: SimProcess, now: number): number | null {
    let last: number | null = null;
    for (const { reach, at, isLasting, endedAt } of this.entries) {
      if (!touches(reach, process) && !hasLinkOf(reach, process.machine.stack)) continue;
      last = Math.max(last ?? 0, isLasting ? endedAt ?? now : at);
    }
    return last;
  }
}

const isRelevant = ({ event, reach, isLasting, endedAt, endedBy }: Hindrance, since: CauseId): boolean => {
  if (event > since) return true;
  if (isLasting && endedAt === null) return reach.stands?.() ?? true;
  return isLasting ? (endedBy ?? 0) > since : reach.stands?.() ?? false;
};

const comesBetween = (reach: Reach, observer: SimProcess, observed: SimProcess): boolean => {
  if (touches(reach, observed) || touches(reach, observer)) return true;
  const here = observer.machine.stack;
  const there = observed.machine.stack;
  return (reach.paths ?? []).some(({ from, to }) =>
    (from.includes(here) && to.includes(there)) || (from.includes(there) && to.includes(here)));
};

const touches = ({ processes, machines }: Reach, process: SimProcess): boolean =>
  (processes?.includes(process) ?? false) || (machines?.includes(process.machine) ?? false);

const hasLinkOf = ({ paths }: Reach, stack: NetStack): boolean =>
  (paths ?? []).some(({ from, to }) => from.includes(stack) || to.includes(stack));
