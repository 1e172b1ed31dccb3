/**
 * Everything that is made of what the nodes of a cluster note: their views and the checks of the cluster's promises. A world without
 * cluster nodes has none of these checks.
 */
import type { Bytes, CauseId, Note } from '../../engine/index.ts';
import type { Hindrances } from '../fault/hindrances.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { Check } from './check.ts';
import { ClusterFailoverLog } from './clusterFailoverLog.ts';
import { ClusterView, clusterNodeCalled } from './clusterView.ts';
import { ConfigEpochsUnique } from './configEpochsUnique.ts';
import { ElectedByMajority } from './electedByMajority.ts';
import { MinorityStopsWrites } from './minorityStopsWrites.ts';
import { NewestClaimStays } from './newestClaimStays.ts';
import type { NodeView } from './nodeView.ts';
import { OneClusterVotePerEpoch } from './oneClusterVotePerEpoch.ts';
import { OneElectedPerEpoch } from './oneElectedPerEpoch.ts';
import { OneOwnerPerSlotEpoch } from './oneOwnerPerSlotEpoch.ts';
import { SlotClaims } from './slotClaims.ts';
import { SlotEpochsNeverGoBack } from './slotEpochsNeverGoBack.ts';
import { RedirectsBounded } from './redirectsBounded.ts';
import { SlotMapsAgree } from './slotMapsAgree.ts';

export interface ClusteredWorld {
  /** The nodes of the cluster, ordered by name, and the `cluster-node-timeout` of each. */
  readonly nodes: ReadonlyMap<NodeView, number>;
  readonly hindrances: Hindrances;
  /** Virtual microseconds. */
  now(): number;
}

export class ClusterWatch {
  /** Ordered by name. */
  readonly views: readonly ClusterView[];
  readonly checks: readonly Check[];
  readonly failovers: ClusterFailoverLog = new ClusterFailoverLog();
  readonly redirects: RedirectsBounded = new RedirectsBounded();
  private readonly claims: SlotClaims = new SlotClaims();
  private readonly now: () => number;
  private readonly viewOf: Map<NodeView, ClusterView>;

  constructor({ nodes, hindrances, now }: ClusteredWorld) {
    this.viewOf = new Map([...nodes.keys()].map((node) => [node, new ClusterView(node)]));
    this.views = [...this.viewOf.values()];
    this.now = now;
    const { views } = this;
    this.checks = views.length === 0 ? [] : [
      new OneOwnerPerSlotEpoch(), new NewestClaimStays(views), new SlotEpochsNeverGoBack(), new OneClusterVotePerEpoch(), new OneElectedPerEpoch(), new ElectedByMajority(),
      new MinorityStopsWrites({
        views, hindrances, now, canTalk,
        nodeTimeoutMs: (node) => nodes.get(node) ?? 0,
        // Gossip carries times of the clocks of all: one that is wrong keeps others from missing a node in time.
        isJudged: ({ process }) => !process.wasHindered && views.every(({ node }) => !node.process.machine.clockWasWrong),
      }),
      new ConfigEpochsUnique(views), new SlotMapsAgree(views), this.redirects,
    ];
  }

  /** `event` is the note's record. */
  note(node: NodeView, note: Note, event: CauseId): void {
    const view = this.viewOf.get(node);
    if (view === undefined) return;
    view.note(note);
    this.claims.note(view, note);
    this.failovers.note(view, note, event, this.now());
  }

  ended(node: NodeView): void {
    const view = this.viewOf.get(node);
    if (view === undefined) return;
    view.ended();
    this.failovers.ended(view);
  }

  get nodes(): readonly ClusterView[] {
    return this.views;
  }

  /** Who claimed the slot with the greatest configuration epoch, dead or alive; null: nobody ever did. */
  owner(slot: number): ClusterView | null {
    return this.claims.owner(slot);
  }

  /** All who own slots in that sense, ordered by name. */
  owners(): readonly ClusterView[] {
    return this.claims.owners();
  }

  /** The process of the node that has this name in the cluster; null: nobody has. */
  processCalled(id: Bytes): SimProcess | null {
    return clusterNodeCalled(this.views, id)?.node.process ?? null;
  }

  /** The name that the node of this process has in the cluster; null: it is none, or has not said so. */
  nameOf(process: SimProcess): Bytes | null {
    return this.views.find((view) => view.node.process === process)?.id ?? null;
  }
}

/** Both run, on machines with power, and no partition parts them. */
const canTalk = (left: NodeView, right: NodeView): boolean => {
  const here = left.process.machine.stack;
  const there = right.process.machine.stack;
  return left.process.state === 'running' && right.process.state === 'running'
    && here.linkTo(there).cuts === 0 && there.linkTo(here).cuts === 0;
};
