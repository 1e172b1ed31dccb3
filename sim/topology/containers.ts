/**
 * What a container runs, whichever image it is of: a data node, a sentinel or a node of a cluster, as far as others must
 * fit to it. `bitnamiRedis.ts`, `bitnamiSentinel.ts`, `bitnamiCluster.ts` and `officialImage.ts` make these.
 */
import type { Place, Placed } from './placed.ts';
import type { ConfigFileKeeping, ProcessSpec } from './topology.ts';

export type Directives = ProcessSpec['directives'];

/** Where the image would have been told, for messages about what is missing. */
export interface KeysOfPrimary {
  readonly host: Place;
  readonly port: Place;
  readonly password: Place;
}

export interface DataContainer {
  readonly role: 'primary' | 'replica';
  readonly port: number;
  /** As written; null where it must be inferred. */
  readonly primaryHost: Placed | null;
  readonly primaryPort: Placed | null;
  /** A replica that asks a sentinel whom to follow. */
  readonly sentinel: AskedSentinel | null;
  /** What it wants to hear from clients, and what a replica says to its primary. */
  readonly password: Placed | null;
  readonly primaryPassword: Placed | null;
  readonly keys: KeysOfPrimary;
  /** Directives besides `replicaof`, in order. */
  readonly directives: Directives;
  readonly configFile: ConfigFileKeeping;
  /** How long its entrypoint waits for the primary's port at a later start; 0: not at all. */
  readonly waitForPrimaryMs: number;
  /** What is wrong with it if anybody else wants to connect (it listens on the loopback alone, say); null: nothing. */
  readonly unreachable: Placed | null;
  /** Its data outlive the container. */
  readonly persistentData: boolean;
}

export interface AskedSentinel {
  readonly host: Placed;
  readonly port: number;
  readonly primaryName: Placed;
}

/** One primary that a sentinel watches. */
export interface Watch {
  readonly name: Placed;
  /** As written; null where it must be inferred. */
  readonly host: Placed | null;
  readonly port: Placed | null;
  readonly quorum: Placed;
  readonly password: Placed | null;
}

export interface SentinelContainer {
  readonly port: number;
  /** What it wants to hear first. */
  readonly password: Placed | null;
  readonly watches: readonly Watch[];
  readonly resolvesNames: boolean;
  /** Where it would have been told that names are to be resolved. */
  readonly resolvesNamesAt: Place;
  readonly keys: KeysOfPrimary;
  readonly configFile: ConfigFileKeeping;
  /** Its configuration file outlives the container. */
  readonly persistentData: boolean;
  /** Its configuration, with the first primary at this place. */
  configure(primaryHost: string, primaryPort: number): Directives;
}

export interface ClusterContainer {
  readonly port: number;
  readonly password: Placed | null;
  readonly directives: Directives;
  readonly configFile: ConfigFileKeeping;
  /** Of the node that creates the cluster: of which nodes, and how many replicas each primary gets; null for the others. */
  readonly creates: ClusterOrder | null;
  readonly persistentData: boolean;
}

/** Somebody's order to create a cluster. */
export interface ClusterOrder {
  /** Names, perhaps with ports, between spaces or commas. */
  readonly nodes: Placed;
  readonly replicas: number;
}
