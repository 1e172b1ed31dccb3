/**
 * Liveness: of the data nodes of a name exactly one is a primary in the end, it is the one that the sentinels believe in, and
 * the other living ones follow it. That must be so within a bound after settling began (or by its end, if that is sooner).
 */
import type { Bytes, Note } from '../../engine/index.ts';
import type { Check, CheckResult, FinalState } from './check.ts';
import type { FindNode, NamedNodes } from './namedNodes.ts';
import type { NodeView } from './nodeView.ts';
import { type SentinelView, believedPrimary } from './sentinelView.ts';

/**
 * A failover that begins late (two failover-timeouts after the last one, 3 minutes each by default) is not bounded by this:
 * what is bounded is putting right what is known. The longest way: 15 s until a dead connection is made anew, INFO every
 * 10 s, 8 s in which a wrong primary is left alone, then the new synchronisation.
 */
export const RIGHT_MS_MAX = 60_000;
const MICROS_PER_MS = 1000;

export interface PrimaryParts {
  readonly nodes: NamedNodes;
  readonly find: FindNode;
  /** Ordered by name. */
  readonly views: readonly NodeView[];
  readonly sentinels: readonly SentinelView[];
  /** Virtual microseconds. */
  readonly now: () => number;
}

export class OneWritablePrimary implements Check {
  readonly name = 'one-writable-primary';
  readonly isSafety = false;
  readonly hears: readonly Note['kind'][] = ['role', 'sync'];
  private readonly nodes: NamedNodes;
  private readonly find: FindNode;
  private readonly views: readonly NodeView[];
  private readonly sentinels: readonly SentinelView[];
  private readonly now: () => number;
  /** When each name's nodes were last found wrong, and are right since; names that are wrong now have null. */
  private readonly rightSince: Map<Bytes, number | null> = new Map();

  constructor({ nodes, find, views, sentinels, now }: PrimaryParts) {
    this.nodes = nodes;
    this.find = find;
    this.views = views;
    this.sentinels = sentinels;
    this.now = now;
  }

  note(): void {
    this.look();
  }

  ended(): void {
    this.look();
  }

  sentinelNote(_view: SentinelView, note: Note): void {
    if (note.kind === 'belief') this.look();
  }

  finish({ settledFrom }: FinalState): CheckResult {
    this.look();
    const { names } = this.nodes;
    if (names.length === 0 || this.sentinels.every((view) => !view.isAlive)) {
      return { verdict: 'not exercised', detail: 'no living sentinel watches anything', comparisons: 0 };
    }
    const problems = names.flatMap((name) => this.problem(name) ?? []);
    if (problems.length > 0) return { verdict: 'violated', detail: problems.join('; ') };
    const latest = Math.max(...names.map((name) => this.rightSince.get(name) ?? 0));
    const afterMs = Math.max(0, Math.ceil((latest - settledFrom) / MICROS_PER_MS));
    if (afterMs > RIGHT_MS_MAX) {
      return { verdict: 'violated', detail: `right only ${afterMs} ms after settling began, ${RIGHT_MS_MAX} at most` };
    }
    const when = afterMs === 0 ? 'when settling began' : `${afterMs} ms after settling began`;
    return { verdict: 'holds', detail: `${names.length === 1 ? 'one primary' : 'one primary of each name'}, ${when}`, comparisons: names.length };
  }

  private look(): void {
    for (const name of this.nodes.names) {
      const isRight = this.problem(name) === null;
      const since = this.rightSince.get(name) ?? null;
      if (!isRight) this.rightSince.set(name, null);
      else if (since === null) this.rightSince.set(name, this.now());
    }
  }

  /** What is wrong with the nodes of a name now; null: nothing. */
  private problem(name: Bytes): string | null {
    const members = this.views.filter((view) => view.isAlive && this.nodes.has(name, view));
    const primaries = members.filter((view) => view.role === 'primary');
    const [primary] = primaries;
    if (primary === undefined) return `${name} has no primary`;
    if (primaries.length > 1) return `${name} has several primaries: ${primaries.map((view) => view.name).join(', ')}`;
    const believed = believedPrimary(this.sentinels, name);
    if (believed === null || this.find(believed) !== primary) {
      return `${primary.name} is the primary of ${name}, the sentinels hold ${believed ?? 'nobody'} to be it`;
    }
    const astray = members.find((view) => view !== primary
      && (view.primary === null || this.find(view.primary) !== primary || view.sync !== 'connected'));
    return astray === undefined ? null : `${astray.name} does not follow ${primary.name}`;
  }
}
