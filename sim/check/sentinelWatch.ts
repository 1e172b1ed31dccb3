/**
 * Everything that is made of what sentinels note: their views, whose node is whose, the failovers, the checks of Sentinel's
 * promises. A world without sentinels has none of these checks.
 */
import type { Bytes, CauseId, Note } from '../../engine/index.ts';
import type { Hindrances } from '../fault/hindrances.ts';
import type { Check } from './check.ts';
import { EpochsNeverGoBack } from './epochsNeverGoBack.ts';
import { FailoverLog } from './failoverLog.ts';
import { FailoverNeedsQuorum } from './failoverNeedsQuorum.ts';
import { type FindNode, NamedNodes } from './namedNodes.ts';
import type { NodeView } from './nodeView.ts';
import { OneLeaderPerEpoch } from './oneLeaderPerEpoch.ts';
import { OneVotePerEpoch } from './oneVotePerEpoch.ts';
import { OneWritablePrimary } from './oneWritablePrimary.ts';
import { OnlyListedPromoted } from './onlyListedPromoted.ts';
import { PriorityZero } from './priorityZero.ts';
import { type SentinelView, believedPrimary, watchedNames } from './sentinelView.ts';
import { SentinelsAgree } from './sentinelsAgree.ts';

export interface WatchedWorld {
  /** Ordered by name. */
  readonly nodes: readonly NodeView[];
  readonly sentinels: readonly SentinelView[];
  readonly find: FindNode;
  readonly hindrances: Hindrances;
  /** Virtual microseconds. */
  now(): number;
}

export class SentinelWatch {
  readonly nodes: NamedNodes;
  readonly failovers: FailoverLog = new FailoverLog();
  readonly checks: readonly Check[];
  /** The sentinel that was last elected or told to lead; null: none was yet. */
  leader: SentinelView | null = null;
  private readonly listeners: ((view: SentinelView, note: Note) => void)[] = [];
  private readonly world: WatchedWorld;

  constructor(world: WatchedWorld) {
    const { nodes, sentinels, find, hindrances } = world;
    const now = (): number => world.now();
    this.world = world;
    this.nodes = new NamedNodes(find);
    this.checks = sentinels.length === 0 ? [] : [
      new OneVotePerEpoch(), new OneLeaderPerEpoch(), new EpochsNeverGoBack(), new FailoverNeedsQuorum(), new PriorityZero(),
      new OnlyListedPromoted(this.nodes, find),
      new SentinelsAgree(now, (view) => hindrances.lastAt(view.process, now())),
      new OneWritablePrimary({ nodes: this.nodes, find, views: nodes, sentinels, now }),
    ];
  }

  /** Calls back for every note of a sentinel, after everybody else has seen it. */
  listen(listener: (view: SentinelView, note: Note) => void): void {
    this.listeners.push(listener);
  }

  /** `event` is the note's record, `cause` the event inside which it was made. */
  note(view: SentinelView, note: Note, event: CauseId, cause: CauseId): void {
    view.note(note);
    this.nodes.sentinelNote(note);
    this.failovers.note(view, note, event, this.world.now());
    if (note.kind === 'leader') this.leader = view;
    for (const check of this.checks) check.sentinelNote?.(view, note, cause);
    for (const listener of this.listeners) listener(view, note);
  }

  ended(view: SentinelView): void {
    view.ended();
    this.failovers.ended(view);
  }

  /** Whom the living sentinels hold to be the primary of `name`, or of the first name that they watch; null: nobody. */
  primary(name: string | undefined): Bytes | null {
    const { sentinels } = this.world;
    const names = watchedNames(sentinels.filter((view) => view.isAlive));
    const wanted = name === undefined ? names[0] : names.find((one) => one === name);
    return wanted === undefined ? null : believedPrimary(sentinels, wanted);
  }
}
