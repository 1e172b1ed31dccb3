/**
 * What a cluster serves after some of its primaries failed: all slots, some, or none, by the word of the living nodes themselves.
 * The run ends as soon as all are served again, or at a horizon by which nothing can change any more.
 */
import { NO_BUGS, NO_CLUSTER_BUGS, NO_SENTINEL_BUGS, SLOTS, ScenarioError, micros } from '../../engine/index.ts';
import type { ClusterView } from '../check/clusterView.ts';
import { NOBODY_SERVES } from '../check/serving.ts';
import type { ResolvedScenario } from '../scenario.ts';
import { World } from '../world.ts';

export type ServedSlots = 'all' | 'part' | 'nothing';

export interface ClusterOutcome {
  readonly served: ServedSlots;
  /** From the last failure until all slots were served again; null: that did not happen. */
  readonly recoveredMs: number | null;
  /** Safety checks of the cluster that were violated. */
  readonly violated: readonly string[];
}

export interface ClusterQuestion {
  readonly scenario: ResolvedScenario;
  /** When the last failure of its plan strikes. By the first one the cluster must serve. */
  readonly firstStrikeMs: number;
  readonly lastStrikeMs: number;
  /** How long after the last strike the outcome is awaited. */
  readonly horizonMs: number;
}

const MICROS_PER_MS = 1000;
const STEP_MS = 100;
/** Before the maps of all nodes are compared, the news has so long to reach everybody. */
const SPREAD_MS = 5000;

/** Throws `ScenarioError` when the cluster does not serve by the time of the first failure. */
export const observeCluster = (question: ClusterQuestion, seed: number): ClusterOutcome => {
  const world = new World(question.scenario, seed, { ...NO_BUGS, ...NO_SENTINEL_BUGS, ...NO_CLUSTER_BUGS }, null);
  const { kernel, clusterWatch: { views, checks } } = world;
  world.start();
  kernel.runUntil(micros(question.firstStrikeMs * MICROS_PER_MS - 1));
  if (servedBy(views) !== SLOTS) throw new ScenarioError('the cluster does not serve yet when the first failure strikes');
  kernel.runUntil(micros(question.lastStrikeMs * MICROS_PER_MS + 1));
  const until = micros((question.lastStrikeMs + question.horizonMs) * MICROS_PER_MS);
  let recoveredMs: number | null = null;
  while (kernel.now < until) {
    kernel.runUntil(micros(kernel.now + STEP_MS * MICROS_PER_MS));
    if (servedBy(views) !== SLOTS) continue;
    recoveredMs = Math.floor(kernel.now / MICROS_PER_MS) - question.lastStrikeMs;
    break;
  }
  const served = servedBy(views);
  kernel.runUntil(micros(kernel.now + SPREAD_MS * MICROS_PER_MS));
  const state = {
    tree: world.tree, views: world.views, sentinels: world.sentinels, clusterNodes: views, settledFrom: kernel.now,
    serving: NOBODY_SERVES, now: kernel.now,
  };
  return {
    served: served === SLOTS ? 'all' : served === 0 ? 'nothing' : 'part', recoveredMs,
    violated: checks.filter((check) => check.isSafety && check.finish(state).verdict === 'violated').map(({ name }) => name),
  };
};

/** Slots that some living node owns by its own word, while it holds the cluster to be in order. */
const servedBy = (views: readonly ClusterView[]): number => {
  const served = new Set<number>();
  for (const view of views) {
    if (!view.isAlive || !view.isOk || view.id === null) continue;
    for (const [slot, owner] of view.owners.entries()) if (owner === view.id) served.add(slot);
  }
  return served.size;
};
