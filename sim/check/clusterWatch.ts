/**
 * Everything that is made of what the nodes of a cluster note: their views and the checks of the cluster's promises. A world without
 * cluster nodes has none of these checks.
 */
import type { Note } from '../../engine/index.ts';
import type { Hindrances } from '../fault/hindrances.ts';
import type { Check } from './check.ts';
import { ClusterView } from './clusterView.ts';
import { ConfigEpochsUnique } from './configEpochsUnique.ts';
import { MinorityStopsWrites } from './minorityStopsWrites.ts';
import { NewestClaimStays } from './newestClaimStays.ts';
import type { NodeView } from './nodeView.ts';
import { OneClusterVotePerEpoch } from './oneClusterVotePerEpoch.ts';
import { OneElectedPerEpoch } from './oneElectedPerEpoch.ts';
import { OneOwnerPerSlotEpoch } from './oneOwnerPerSlotEpoch.ts';
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
  private readonly viewOf: Map<NodeView, ClusterView>;

  constructor({ nodes, hindrances, now }: ClusteredWorld) {
    this.viewOf = new Map([...nodes.keys()].map((node) => [node, new ClusterView(node)]));
    this.views = [...this.viewOf.values()];
    const { views } = this;
    this.checks = views.length === 0 ? [] : [
      new OneOwnerPerSlotEpoch(), new NewestClaimStays(views), new OneClusterVotePerEpoch(), new OneElectedPerEpoch(),
      new MinorityStopsWrites({
        views, hindrances, now, canTalk,
        nodeTimeoutMs: (node) => nodes.get(node) ?? 0,
        isJudged: ({ process }) => !process.wasHindered && !process.machine.clockWasWrong,
      }),
      new ConfigEpochsUnique(views), new SlotMapsAgree(views),
    ];
  }

  note(node: NodeView, note: Note): void {
    this.viewOf.get(node)?.note(note);
  }

  ended(node: NodeView): void {
    this.viewOf.get(node)?.ended();
  }
}

/** Both run, on machines with power, and no partition parts them. */
const canTalk = (left: NodeView, right: NodeView): boolean => {
  const here = left.process.machine.stack;
  const there = right.process.machine.stack;
  return left.process.state === 'running' && right.process.state === 'running'
    && here.linkTo(there).cuts === 0 && there.linkTo(here).cuts === 0;
};
