/**
 * The checks that rest on what the nodes' configuration says. A directive that the plan changes is not known from then on, so its
 * check is left out of such a run.
 */
import type { History } from '../client/history.ts';
import type { ExpandedScenario } from '../scenario.ts';
import { type ProcessSpec, directiveOf, isClusterNode } from '../topology/topology.ts';
import type { Check } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { Ledger } from './ledger.ts';
import { MinReplicasStopWrites } from './minReplicasStopWrites.ts';
import type { NodeView } from './nodeView.ts';
import { OnlyFreshElected } from './onlyFreshElected.ts';
import { WaitCountsReplicas } from './waitCountsReplicas.ts';

export interface ConfiguredWorld {
  readonly scenario: ExpandedScenario;
  readonly views: readonly NodeView[];
  readonly history: History;
  readonly ledger: Ledger;
  readonly tree: HistoryTree;
  now(): number;
}

const MIN_REPLICAS = 'min-replicas-to-write';
const MAX_LAG = 'min-replicas-max-lag';
const NODE_TIMEOUT = 'cluster-node-timeout';
const VALIDITY_FACTOR = 'cluster-replica-validity-factor';
const PING_PERIOD = 'repl-ping-replica-period';
/** Redis's own. */
const DEFAULTS: Readonly<Record<string, number>> = {
  [MIN_REPLICAS]: 0, [MAX_LAG]: 10, [NODE_TIMEOUT]: 15_000, [VALIDITY_FACTOR]: 10, [PING_PERIOD]: 10,
};
const MS_PER_SECOND = 1000;

export const configuredChecks = (world: ConfiguredWorld): readonly Check[] => {
  const { scenario, views, history, ledger, tree, now } = world;
  const plan = JSON.stringify(scenario.plan);
  const isFixed = (...directives: readonly string[]): boolean => directives.every((directive) => !plan.includes(directive));
  const nodes = views.flatMap((view) => {
    const spec = scenario.topology.processes.find(({ name }) => name === view.name);
    return spec === undefined ? [] : [{ view, spec }];
  });
  const needed = new Map(nodes.filter(({ spec }) => numberOf(spec, MIN_REPLICAS) > 0 && numberOf(spec, MAX_LAG) > 0)
    .map(({ view, spec }) => [view, numberOf(spec, MIN_REPLICAS)] as const));
  const limitMs = new Map(nodes.filter(({ spec }) => isClusterNode(spec) && numberOf(spec, VALIDITY_FACTOR) > 0)
    .map(({ view, spec }) => [view, freshMs(spec)] as const));
  return [
    ...(scenario.workload.clients.some(({ wait }) => wait !== undefined) ? [new WaitCountsReplicas(history, ledger, tree, views)] : []),
    ...(needed.size > 0 && isFixed(MIN_REPLICAS, MAX_LAG) ? [new MinReplicasStopWrites(needed)] : []),
    ...(limitMs.size > 0 && isFixed(NODE_TIMEOUT, VALIDITY_FACTOR, PING_PERIOD) ? [new OnlyFreshElected({ limitMs, now })] : []),
  ];
};

const numberOf = (spec: ProcessSpec, directive: string): number =>
  Number(directiveOf(spec, directive)?.[0] ?? DEFAULTS[directive]);

/** A node timeout is allowed on top: the primary must be found to be down first. */
const freshMs = (spec: ProcessSpec): number => {
  const timeoutMs = numberOf(spec, NODE_TIMEOUT);
  return numberOf(spec, PING_PERIOD) * MS_PER_SECOND + timeoutMs * numberOf(spec, VALIDITY_FACTOR) + timeoutMs;
};
