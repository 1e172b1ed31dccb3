/**
 * What is deployed where: the data that a scenario starts from. Importers make it from compose files and the like; plain
 * JSON does too. Nothing here runs.
 */

/** A computer (or a pod): it has power, a clock, a disk and an address. */
export interface MachineSpec {
  readonly name: string;
  readonly zone: string;
  /** IPv4 address; a restart may change it by an action of the plan. */
  readonly address: string;
}

/** What a process is started as. `redis` is a data node. */
export type ProcessKind = 'redis';

/** What the container's restart policy does after the process or the machine went down. */
export type RestartPolicy = 'no' | 'always' | 'on-failure' | 'unless-stopped';

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
  readonly restart: RestartPolicy;
  /** Whether the data directory outlives the container (a volume); a machine's reboot keeps it in either case. */
  readonly persistentData: boolean;
  /** Where this came from, for messages: `replication.compose.yaml: services.redis-main`. */
  readonly origin: string;
}

export interface Topology {
  readonly name: string;
  readonly machines: readonly MachineSpec[];
  readonly processes: readonly ProcessSpec[];
  /** What the importer inferred or ignored, one line each, with file and key. */
  readonly warnings: readonly string[];
}

/** Bounds on what a stranger's topology may ask for. */
export const TOPOLOGY_MACHINES_MAX = 256;
export const TOPOLOGY_PROCESSES_MAX = 512;

/** Gets a file's text by the name that a scenario gives it; throws `ScenarioError` when there is none. */
export type ReadText = (file: string) => string;
