/** What faults and actions act on. */
import type { ClusterWatch } from '../check/clusterWatch.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { SentinelView } from '../check/sentinelView.ts';
import type { AdminTask } from '../client/clusterAdmin.ts';
import type { Operator } from '../client/operator.ts';
import type { Network } from '../net/network.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { Kernel } from '../time/kernel.ts';
import type { Hindrances } from './hindrances.ts';

export interface WorldParts {
  readonly kernel: Kernel;
  readonly network: Network;
  /** By name, in the order of the topology; clients' machines too. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** All processes by name: data nodes, clients, probes. */
  readonly processes: ReadonlyMap<string, SimProcess>;
  /** Names of the workload's clients and of the probes: each has a machine of that name. */
  readonly clients: ReadonlySet<string>;
  /** The data nodes, ordered by name. */
  readonly views: readonly NodeView[];
  /** Ordered by name. */
  readonly sentinels: readonly SentinelView[];
  /** The one that was last elected, dead or alive; null: none was yet. */
  sentinelLeader(): SentinelView | null;
  /** Who is in the cluster, and who owns which slot, by the simulator's knowledge; without a cluster nobody. */
  readonly cluster: Pick<ClusterWatch, 'nodes' | 'owner' | 'owners'>;
  /** What stood in whose way: strikes enter themselves. */
  readonly hindrances: Hindrances;
  readonly operator: Operator;
  readonly operatorProcess: SimProcess;
  /** Starts a process that carries a task out over the network: `redis-cli`, the next one `redis-cli-2`, … */
  startTool(task: AdminTask): SimProcess;
  /** What the nodes of the cluster want to hear first. */
  readonly clusterPassword: string | undefined;
  /** Where each client or sentinel believes its primary to be: `address:port`, by its name. Of a sentinel's the first name. */
  readonly beliefs: ReadonlyMap<string, string>;
  /** A machine came up without an action: what its restart policies start, starts. */
  bootedByItself(machine: Machine): void;
}
