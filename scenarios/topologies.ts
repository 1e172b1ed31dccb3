/**
 * Deployments that no file describes, built for scenario scripts: servers alone, data nodes with sentinels that watch them, on
 * machines of their own or side by side, or a cluster.
 *
 * Always holds: the same plan gives the same topology; addresses are numbered from 10.0.0.1 in the order of the machines.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import { addressAt } from '../sim/topology/addresses.ts';
import { clusterParts } from '../sim/topology/clusterSetup.ts';
import {
  DOWN_AFTER_MS_DEFAULT, FAILOVER_TIMEOUT_MS_DEFAULT, SENTINEL_PORT, sentinelDirectives,
} from '../sim/topology/sentinelDirectives.ts';
import type { MachineSpec, ProcessSpec, RestartPolicy, Topology } from '../sim/topology/topology.ts';
import { TOPOLOGY_MACHINES_MAX } from '../sim/topology/topology.ts';

const PORT = 6379;
const ZONE = 'zone-a';

type Directives = ProcessSpec['directives'];

export interface ServerPlan {
  readonly name: string;
  /** Whom it follows from its start; none: a primary. */
  readonly follows?: string;
  /** Lines of its configuration: `['repl-diskless-sync-delay', '0']`. */
  readonly directives?: Directives;
}

/** `name` stands where an imported deployment has its file. Servers are reached by their names, on port 6379. */
export const topologyOf = (name: string, servers: readonly ServerPlan[]): Topology => ({
  name,
  machines: servers.map((server, index) => ({ name: server.name, zone: ZONE, address: addressAt(index) })),
  processes: servers.map((server) => ({
    name: server.name, kind: 'redis', machine: server.name, port: PORT, aliases: [], restart: 'no', persistentData: false,
    directives: [
      ['port', String(PORT)], ['save', ''], ...(server.directives ?? []),
      ...(server.follows === undefined ? [] : [['replicaof', server.follows, String(PORT)]]),
    ],
    origin: `${name}: ${server.name}`,
  })),
  warnings: [],
});

/** The name under which sentinels watch the first primary; the second is `mymain2`, and so on. */
export const PRIMARY_NAME = 'mymain';

export interface SentinelPlan {
  /** Stands where an imported deployment has its file. */
  readonly name?: string;
  /** 1 when absent. Each has replicas of its own, and all sentinels watch all of them. */
  readonly primaries?: number;
  /** Of each primary. */
  readonly replicas: number;
  readonly sentinels: number;
  readonly quorum: number;
  /**
   * `apart`: data nodes `n1`, `n2`, …, and sentinels `s1`, `s2`, …, each on a machine of its own.
   * `beside`: data nodes `n1`, `n2`, …, and on the same machines the sentinels `n1-sentinel`, `n2-sentinel`, …
   */
  readonly placement: 'apart' | 'beside';
  /** Redis's own defaults when absent: 30 s, 180 s, 1. */
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  readonly parallelSyncs?: number;
  /** Lines for every data node, before those for one of them. Without `save` or `appendonly` nothing is persisted. */
  readonly directives?: Directives;
  /** Lines for one process, by its name. */
  readonly directivesOf?: Readonly<Record<string, Directives>>;
  /** Machines of data nodes, and machines of sentinels, go through these in turn; `zone-a` when absent. */
  readonly zones?: readonly string[];
  /** `no` when absent. */
  readonly restart?: RestartPolicy;
}

/** Throws `ScenarioError` for a plan that cannot be laid out. */
export const sentinelTopology = (plan: SentinelPlan): Topology => {
  const name = plan.name ?? nameOf(plan);
  const nodeNames = namesFrom('n', primariesOf(plan) * (1 + plan.replicas));
  checkPlan(plan, name, nodeNames.length);
  const machines: MachineSpec[] = nodeNames.map((node, index) => machineOf(plan, node, index, index));
  const sentinelNames = plan.placement === 'beside' ? nodeNames.slice(0, plan.sentinels).map((node) => `${node}-sentinel`)
    : namesFrom('s', plan.sentinels);
  const hosts = plan.placement === 'beside' ? machines.slice(0, plan.sentinels)
    : sentinelNames.map((sentinel, index) => machineOf(plan, sentinel, index, nodeNames.length + index));
  if (plan.placement === 'apart') machines.push(...hosts);
  const common = { aliases: [], restart: plan.restart ?? 'no', persistentData: true, configFile: 'kept' } as const;
  const processes = [
    ...nodeNames.map((node, index): ProcessSpec => ({
      ...common, name: node, kind: 'redis', machine: node, port: PORT, directives: nodeDirectives(plan, node, index),
      origin: `${name}: ${node}`,
    })),
    ...sentinelNames.map((sentinel, index): ProcessSpec => ({
      ...common, name: sentinel, kind: 'sentinel', machine: hosts[index]?.name ?? sentinel, port: SENTINEL_PORT,
      directives: watchDirectives(plan, sentinel), origin: `${name}: ${sentinel}`,
    })),
  ];
  checkDirectivesOf(plan, name, processes);
  return { name, machines, processes, warnings: [] };
};

const primariesOf = ({ primaries }: SentinelPlan): number => primaries ?? 1;

const namesFrom = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

const nameOf = (plan: SentinelPlan): string => {
  const several = (count: number, word: string, words: string): string => `${count} ${count === 1 ? word : words}`;
  return [
    several(primariesOf(plan), 'primary', 'primaries'), several(plan.replicas, 'replica', 'replicas'),
    `${several(plan.sentinels, 'sentinel', 'sentinels')} ${plan.placement}`, `quorum ${plan.quorum}`,
  ].join(', ');
};

const checkPlan = (plan: SentinelPlan, name: string, nodes: number): void => {
  const counts = [primariesOf(plan), plan.sentinels, plan.quorum];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1)) {
    throw new ScenarioError(`${name}: primaries, sentinels and quorum must be whole numbers from 1`);
  }
  if (!Number.isSafeInteger(plan.replicas) || plan.replicas < 0) {
    throw new ScenarioError(`${name}: replicas must be a whole number from 0`);
  }
  if (plan.placement === 'beside' && plan.sentinels > nodes) {
    throw new ScenarioError(`${name}: ${plan.sentinels} sentinels cannot each stand beside one of ${nodes} data nodes`);
  }
  if (nodes + (plan.placement === 'apart' ? plan.sentinels : 0) > TOPOLOGY_MACHINES_MAX) {
    throw new ScenarioError(`${name}: more than ${TOPOLOGY_MACHINES_MAX} machines`);
  }
};

/** A mistyped name must not leave a node as it was. */
const checkDirectivesOf = (plan: Pick<SentinelPlan, 'directivesOf'>, name: string, processes: readonly ProcessSpec[]): void => {
  const unknown = Object.keys(plan.directivesOf ?? {}).find((key) => !processes.some((process) => process.name === key));
  if (unknown !== undefined) throw new ScenarioError(`${name}: directivesOf names '${unknown}', and there is no such process`);
};

/** `place` counts the machines of its sort, `index` all machines. */
const machineOf = ({ zones }: SentinelPlan, name: string, place: number, index: number): MachineSpec =>
  ({ name, zone: zones?.[place % zones.length] ?? ZONE, address: addressAt(index) });

/** The index of the primary that the data node at `index` belongs to. */
const primaryIndex = ({ replicas }: SentinelPlan, index: number): number => index - (index % (1 + replicas));

const nodeDirectives = (plan: SentinelPlan, node: string, index: number): Directives => {
  const primary = primaryIndex(plan, index);
  const own = [...(plan.directives ?? []), ...(plan.directivesOf?.[node] ?? [])];
  const persists = own.some(([name]) => name === 'save' || name === 'appendonly');
  return [
    ['port', String(PORT)], ...(persists ? [] : [['save', '']]), ...own,
    ...(primary === index ? [] : [['replicaof', addressAt(primary), String(PORT)]]),
  ];
};

const watchDirectives = (plan: SentinelPlan, sentinel: string): Directives => {
  const watches = Array.from({ length: primariesOf(plan) }, (_, set) => sentinelDirectives({
    primaryName: set === 0 ? PRIMARY_NAME : `${PRIMARY_NAME}${set + 1}`,
    primaryHost: addressAt(set * (1 + plan.replicas)), primaryPort: PORT, quorum: plan.quorum,
    downAfterMs: plan.downAfterMs ?? DOWN_AFTER_MS_DEFAULT,
    failoverTimeoutMs: plan.failoverTimeoutMs ?? FAILOVER_TIMEOUT_MS_DEFAULT,
    parallelSyncs: plan.parallelSyncs ?? 1, port: SENTINEL_PORT, resolvesNames: false, announcesNames: false,
  }));
  const further = watches.slice(1).flatMap((lines) => lines.filter(([name]) => name === 'sentinel'));
  return [...(watches[0] ?? []), ...further, ...(plan.directivesOf?.[sentinel] ?? [])];
};

export interface ClusterPlan {
  /** Stands where an imported deployment has its file. */
  readonly name?: string;
  readonly primaries: number;
  readonly replicasEach: number;
  /** Nodes behind these that are deployed, but not made a part of the cluster; 0 when absent. */
  readonly spares?: number;
  /** Machines go through these in turn; `zone-a` when absent. */
  readonly zones?: readonly string[];
  /** Redis's own default when absent: 15 s. */
  readonly nodeTimeoutMs?: number;
  /** Lines for every node, before those for one of them. Without `save` or `appendonly` nothing is persisted but nodes.conf. */
  readonly directives?: Directives;
  /** Lines for one process, by its name. */
  readonly directivesOf?: Readonly<Record<string, Directives>>;
  /** `no` when absent. */
  readonly restart?: RestartPolicy;
}

/**
 * Nodes `n1`, `n2`, … on machines of their own, made a cluster as redis-cli does it: first the primaries, in the order of their
 * slots, then the replicas. Throws `ScenarioError` for a plan that cannot be laid out.
 */
export const clusterTopology = (plan: ClusterPlan): Topology => {
  const { primaries, replicasEach: replicas } = plan;
  const name = plan.name ?? `a cluster of ${primaries} primaries with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} each`;
  const create = namesFrom('n', primaries * (1 + replicas));
  const names = namesFrom('n', create.length + (plan.spares ?? 0));
  if (names.length > TOPOLOGY_MACHINES_MAX) throw new ScenarioError(`${name}: more than ${TOPOLOGY_MACHINES_MAX} machines`);
  clusterParts(create.length, replicas);
  const processes = names.map((node): ProcessSpec => ({
    name: node, kind: 'redis', machine: node, port: PORT, aliases: [], restart: plan.restart ?? 'no', persistentData: true,
    directives: clusterDirectives(plan, node), origin: `${name}: ${node}`,
  }));
  checkDirectivesOf(plan, name, processes);
  const { zones } = plan;
  return {
    name, processes, cluster: { create, replicas }, warnings: [],
    machines: names.map((node, index) => ({ name: node, zone: zones?.[index % zones.length] ?? ZONE, address: addressAt(index) })),
  };
};

const clusterDirectives = (plan: ClusterPlan, node: string): Directives => {
  const own = [...(plan.directives ?? []), ...(plan.directivesOf?.[node] ?? [])];
  const persists = own.some(([name]) => name === 'save' || name === 'appendonly');
  return [
    ['port', String(PORT)], ['cluster-enabled', 'yes'], ...(persists ? [] : [['save', '']]),
    ...(plan.nodeTimeoutMs === undefined ? [] : [['cluster-node-timeout', String(plan.nodeTimeoutMs)]]), ...own,
  ];
};
