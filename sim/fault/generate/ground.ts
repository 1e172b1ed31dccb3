/**
 * What a generator knows of the scenario that it draws a plan for: what is deployed, who can be meant, when anything may strike.
 * And the small draws that all kinds share.
 *
 * Always holds: times are whole multiples of `CHAOS_BOUNDS.gapMsMin`, lengths are readable numbers.
 */
import type { RandomStream } from '../../random/streams.ts';
import type { PlanEntry, PlanTime, PlanValue, ResolvedScenario } from '../../scenario.ts';
import { type ProcessSpec, type Topology, directiveOf } from '../../topology/topology.ts';
import { sentinelServices } from '../../topology/sentinelService.ts';
import { CHAOS_BOUNDS } from './bounds.ts';

/** Who replaces a primary. */
export type Deployment = 'replication' | 'sentinel' | 'cluster';

export interface Ground {
  readonly deployment: Deployment;
  /** Names of processes. */
  readonly nodes: readonly string[];
  readonly sentinels: readonly string[];
  /** Machines of data nodes whose disks may fail: not those that a sentinel shares. */
  readonly diskMachines: readonly string[];
  readonly machines: readonly string[];
  readonly zones: readonly string[];
  readonly clients: readonly string[];
  readonly replicas: number;
  /** Under which sentinels watch primaries. */
  readonly primaryNames: readonly string[];
  readonly hasAof: boolean;
  /** There are machines on whose disks nobody keeps a vote. */
  readonly hasPlainDisks: boolean;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The machine whose disk may be damaged in this run, and the data node on it. */
  readonly damaged: { readonly machine: string; readonly node: string };
  /** The host name by which clients find a fixed server; null where they ask somebody. */
  readonly serverName: string | null;
}

/** What a topology is, as far as it decides which kinds there are. */
export type Shape = Pick<Ground, 'deployment' | 'nodes' | 'sentinels' | 'zones' | 'replicas' | 'hasAof' | 'hasPlainDisks'>;

const isDataNode = ({ kind }: ProcessSpec): boolean => kind === 'redis';
const follows = (process: ProcessSpec): boolean => directiveOf(process, 'replicaof') !== null;

export const shapeOf = ({ processes, machines, cluster }: Topology): Shape => {
  const nodes = processes.filter(isDataNode);
  const sentinels = processes.filter((process) => !isDataNode(process)).map(({ name }) => name);
  return {
    deployment: cluster !== undefined ? 'cluster' : sentinels.length > 0 ? 'sentinel' : 'replication',
    nodes: nodes.map(({ name }) => name), sentinels,
    zones: [...new Set(machines.map(({ zone }) => zone))],
    replicas: cluster === undefined ? nodes.filter(follows).length
      : cluster.parts?.filter(({ kind }) => kind === 'replica').length ?? nodes.length - Math.floor(nodes.length / (1 + cluster.replicas)),
    hasPlainDisks: cluster === undefined && diskMachinesOf(processes).length > 0,
    hasAof: nodes.some((process) => directiveOf(process, 'appendonly')?.[0] === 'yes'),
  };
};

const diskMachinesOf = (processes: Topology['processes']): readonly string[] => {
  const shared = new Set(processes.filter((process) => !isDataNode(process)).map(({ machine }) => machine));
  return [...new Set(processes.filter(isDataNode).map(({ machine }) => machine))].filter((machine) => !shared.has(machine));
};

/** `damage` picks the machine whose disk may be damaged. */
export const groundOf = (scenario: ResolvedScenario, damage: RandomStream): Ground => {
  const { topology, workload, durationMs } = scenario;
  const shape = shapeOf(topology);
  const nodes = topology.processes.filter(isDataNode);
  const diskMachines = diskMachinesOf(topology.processes);
  const apart = nodes.filter(({ machine }) => diskMachines.includes(machine));
  const hit = apart[damage.below(Math.max(1, apart.length))];
  const { gapMsMin, firstMsMin, quietMsMin } = CHAOS_BOUNDS;
  const whole = (time: number): number => Math.floor(time / gapMsMin) * gapMsMin;
  return {
    ...shape,
    machines: topology.machines.map(({ name }) => name),
    diskMachines,
    primaryNames: sentinelServices(topology).map(({ name }) => name),
    clients: [...workload.clients, ...workload.probes].map(({ name }) => name),
    firstMs: Math.min(firstMsMin, whole(durationMs / 4)),
    lastMs: Math.max(whole(durationMs / 4), durationMs - Math.max(quietMsMin, whole(durationMs / 10))),
    damaged: { machine: hit?.machine ?? '', node: hit?.name ?? '' },
    serverName: workload.clients[0]?.server?.split(':')[0] ?? null,
  };
};

export const timeIn = (draws: RandomStream, { firstMs, lastMs }: Ground): number =>
  firstMs + draws.below(Math.floor((lastMs - firstMs) / CHAOS_BOUNDS.gapMsMin) + 1) * CHAOS_BOUNDS.gapMsMin;

/** How long a fault lasts: short ones as likely as long ones. */
const LENGTHS_MS: readonly number[] = [100, 200, 500, 1000, 2000, 3000, 5000, 8000, 10_000, 15_000, CHAOS_BOUNDS.faultMsMax];

export const lengthFrom = (draws: RandomStream, minMs: number = 0): number => draws.pick(LENGTHS_MS.filter((length) => length >= minMs));

/** A data node: by its role or by its name. */
export const anyNode = (draws: RandomStream, { deployment, nodes, replicas }: Ground): string => {
  const roles = deployment === 'cluster' || replicas === 0 ? [] : ['a replica', 'the most advanced replica'];
  // The primary is where it hurts.
  return draws.below(2) === 0 ? 'the primary' : draws.pick([...roles, ...nodes]);
};

/** A data node, or where there are sentinels one or several of these. */
export const anybody = (draws: RandomStream, ground: Ground): string =>
  (ground.sentinels.length === 0 || draws.below(3) > 0 ? anyNode(draws, ground) : anySentinel(draws, ground));

/** The same, or a client: whoever has links. */
export const anyEnd = (draws: RandomStream, ground: Ground): string =>
  (ground.clients.length === 0 || draws.below(4) > 0 ? anybody(draws, ground) : draws.pick([...ground.clients, 'the clients']));

export const anySentinel = (draws: RandomStream, { sentinels }: Ground): string =>
  draws.pick(['the sentinel leader', 'a voter', 'a sentinel', ...(sentinels.length > 2 ? ['a minority of the sentinels'] : []), ...sentinels]);

export interface Parts {
  readonly target?: string;
  readonly forMs?: number;
  readonly with?: Readonly<Record<string, PlanValue>>;
}

/** An entry that may find nobody: who will be there is not known when it is drawn. */
export const entry = (when: PlanTime | number, kind: string, parts: Parts = {}): PlanEntry => ({
  when: typeof when === 'number' ? { atMs: when } : when, do: kind,
  ...(parts.target === undefined ? {} : { target: parts.target }),
  ...(parts.forMs === undefined ? {} : { forMs: parts.forMs }),
  ...(parts.with === undefined ? {} : { with: parts.with }),
  mayMiss: true,
});

/** A kind of trouble that a run may have or not. */
export interface ChaosRow {
  readonly name: string;
  /** Whether this deployment can show it. */
  fits(shape: Shape): boolean;
  /** One strike of it: an entry, or several that belong together. */
  draw(draws: RandomStream, ground: Ground): readonly PlanEntry[];
}
