/**
 * The scenario of a cell: the deployment with clients in every zone, the failure in mid-traffic, and as long a time with it as a
 * deployment of this configuration may need to recover by itself.
 */
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { type Topology, directiveOf } from '../../sim/topology/topology.ts';
import { clientsFor, zonesOf } from '../clientsFor.ts';
import { at } from '../plan.ts';
import { type Cell, planOf } from './failures.ts';

/** By now sentinels know each other and the replicas, and a cluster is made. */
export const STRIKE_MS = 20_000;
/** Longer than repl-timeout: what was cut off is back in step by the end. */
const SETTLING_MS = 70_000;
/** Clients and probes hear of a switch within this. */
const NEWS_MS = 15_000;
const WITHIN_MS_MIN = 30_000;
const WITHIN_MS_MAX = 600_000;
/** From SDOWN to the switch; an election that fails is not tried again before twice failover-timeout. */
const ELECTION_MS = 30_000;
/** Until a replica stands for election: PFAIL after one node timeout, FAIL and the vote in up to two more. */
const NODE_TIMEOUTS = 3;
const NODE_TIMEOUT_MS_DEFAULT = 15_000;
const DOWN_AFTER_MS_DEFAULT = 30_000;

/** How long a failure stands: what a deployment of this configuration needs to recover by itself, if it ever does. */
export const withinOf = (topology: Topology): number => {
  const numbers = (name: string, otherwise: number): number =>
    Math.max(0, ...topology.processes.map((process) => Number(directiveOf(process, name)?.[0] ?? otherwise)));
  const downAfter = Math.max(0, ...topology.processes.filter(({ kind }) => kind === 'sentinel').map(({ directives }) =>
    Number(directives.find((words) => words[1] === 'down-after-milliseconds')?.[3] ?? DOWN_AFTER_MS_DEFAULT)));
  const needed = topology.cluster !== undefined ? NODE_TIMEOUTS * numbers('cluster-node-timeout', NODE_TIMEOUT_MS_DEFAULT)
    : downAfter > 0 ? downAfter + ELECTION_MS : 0;
  return Math.min(WITHIN_MS_MAX, Math.max(WITHIN_MS_MIN, needed + NEWS_MS));
};

/** Throws `ScenarioError` for a deployment whose clients would not know where to go. */
export const cellScenario = (topology: Topology, cell: Cell, withinMs: number): ResolvedScenario => {
  const workload = clientsFor(topology, zonesOf(topology));
  const everybody = [...workload.clients, ...workload.probes];
  const [first] = workload.clients;
  const bystanders = {
    inZone: (zone: string): readonly string[] => everybody.filter((spec) => spec.zone === zone).map(({ name }) => name),
    beside: first === undefined ? [] : [first.name],
  };
  return {
    name: `${topology.name}: ${cell.name}`, teaches: 'What this deployment survives, and what it loses.', topology, workload,
    plan: planOf(cell, at(STRIKE_MS), bystanders, topology),
    durationMs: STRIKE_MS + withinMs, settlingMs: SETTLING_MS,
    expects: { verdicts: {} },
  };
};
