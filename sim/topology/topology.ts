/**
 * What is deployed where: the data that a scenario starts from. Importers make it from compose files and the like; plain
 * JSON does too. Nothing here runs.
 */
import { configName } from '../../engine/index.ts';

/** A computer (or a pod): it has power, a clock, a disk and an address. */
export interface MachineSpec {
  readonly name: string;
  readonly zone: string;
  /** IPv4 address; a restart may change it by an action of the plan. */
  readonly address: string;
  /**
   * The computer that it shares with others: containers of one host have addresses of their own, and lose power together. Without it the
   * machine is a computer itself.
   */
  readonly host?: string;
  /** How far its wall clock is ahead (negative: behind) from the start; 0 when absent. */
  readonly clockOffsetMs?: number;
}

/** What a process is started as. `redis` is a data node, `sentinel` watches some and fails over. */
export type ProcessKind = 'redis' | 'sentinel';

/** What the container's restart policy does after the process or the machine went down. */
export type RestartPolicy = 'no' | 'always' | 'on-failure' | 'unless-stopped';

/** What the image's entrypoint does about the configuration file that the last start left. */
export type ConfigFileKeeping =
  /** There is no file: the directives stand on the command line, and CONFIG REWRITE is refused. */
  | 'none'
  /** Writes it afresh at every start: what the node rewrote is gone. */
  | 'rewritten'
  /** Sets its directives where the file has them, and leaves the rest. */
  | 'set'
  /** Writes it once: from then on only the node itself changes it. */
  | 'kept';

/** An entrypoint's question to sentinels: where is the primary now? */
export interface AskSentinels {
  /** The name under which they watch it. */
  readonly primaryName: string;
  /** `host:port`, asked in this order until one knows. */
  readonly sentinels: readonly string[];
  /** What the sentinels want to hear first; null: nothing. */
  readonly password: string | null;
  /** How often it goes through all of them, and how long it rests in between. */
  readonly tries: number;
  readonly pauseMs: number;
  /** When none knows: `exit` ends the process with status 1, `primary` takes this process (a sentinel: its machine) for it. */
  readonly otherwise: 'exit' | 'primary';
}

/**
 * What the image's entrypoint does over the network before the process runs: at every start but the first, which is
 * part of the roll-out and finds what `directives` say. See `entrypoint.ts`.
 */
export interface Entrypoint {
  /** Null: nobody is asked, the directives say whom to follow. */
  readonly ask: AskSentinels | null;
  /** For how long it waits for the primary's port to open before it ends with status 1; 0: it does not wait. */
  readonly waitForPrimaryMs: number;
}

export interface ProcessSpec {
  readonly name: string;
  readonly kind: ProcessKind;
  /** Name of its machine. */
  readonly machine: string;
  readonly port: number;
  /** Names that the DNS gives this process's machine: service name, container name, host name. */
  readonly aliases: readonly string[];
  /** What the image's entrypoint hands the server at every start, in order: `['replicaof', 'redis-main', '6379']`. */
  readonly directives: readonly (readonly string[])[];
  /** When absent: `none` for a data node, `kept` for a sentinel, which does not start without a file. */
  readonly configFile?: ConfigFileKeeping;
  /** When absent: the process starts at once. */
  readonly entrypoint?: Entrypoint;
  readonly restart: RestartPolicy;
  /** Whether the data directory outlives the container (a volume); a machine's reboot keeps it in either case. */
  readonly persistentData: boolean;
  /** Where this came from, for messages: `replication.compose.yaml: services.redis-main`. */
  readonly origin: string;
}

/** A cluster that is made of empty nodes when all of them answer; clients come when it is up. */
export interface ClusterSetup {
  /** Names of its processes, in the order in which slots are given: first the primaries, then the replicas. */
  readonly create: readonly string[];
  /** Of each primary; where `parts` says more, of the one that has most. */
  readonly replicas: number;
  /** What each of them is to be, where that is not what redis-cli would decide. */
  readonly parts?: readonly ClusterPart[];
}

/** What a node of a new cluster is to be. */
export type ClusterPart =
  | { readonly kind: 'primary'; readonly slots: readonly SlotRange[] }
  /** `primary` is the place of the node that it follows, in the same list. */
  | { readonly kind: 'replica'; readonly primary: number };

/** Both ends belong to it. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

export interface Topology {
  readonly name: string;
  readonly machines: readonly MachineSpec[];
  readonly processes: readonly ProcessSpec[];
  readonly cluster?: ClusterSetup;
  /** What the importer inferred or ignored, one line each, with file and key. */
  readonly warnings: readonly string[];
  /** What is true of the model whatever the file says: which version it is of, and how that of the images differs. */
  readonly notes?: readonly string[];
}

/** Bounds on what a stranger's topology may ask for. */
export const TOPOLOGY_MACHINES_MAX = 256;
export const TOPOLOGY_PROCESSES_MAX = 512;

/** The computer that a process is on: its machine, or the host that this shares with others. */
export const hostOf = ({ machines }: Topology, { machine }: ProcessSpec): string =>
  machines.find(({ name }) => name === machine)?.host ?? machine;

/** How the entrypoint keeps the process's configuration file. */
export const configFileOf = ({ kind, configFile }: ProcessSpec): ConfigFileKeeping =>
  configFile ?? (kind === 'sentinel' ? 'kept' : 'none');

/** The values of the process's last directive of that name, or of its older name; null when there is none. */
export const directiveOf = ({ directives }: ProcessSpec, name: string): readonly string[] | null =>
  directives.findLast(([word = '']) => word === name || configName(word) === name)?.slice(1) ?? null;

/** A data node that is part of a cluster. */
export const isClusterNode = (process: ProcessSpec): boolean =>
  process.kind === 'redis' && directiveOf(process, 'cluster-enabled')?.[0] === 'yes';

/** What clients must hear from themselves first: its `requirepass`; null when it wants nothing. */
export const passwordOf = (process: ProcessSpec): string | null => {
  const password = directiveOf(process, 'requirepass')?.[0];
  return password === undefined || password === '' ? null : password;
};

/** Gets a file's text by the name that a scenario gives it; throws `ScenarioError` when there is none. */
export type ReadText = (file: string) => string;
