/**
 * Deployments that no file describes: one machine for each server, all in one zone. For scenarios that need another shape
 * than the deployment files have.
 */
import type { Topology } from '../sim/topology/topology.ts';

const PORT = 6379;
const ZONE = 'zone-a';

export interface ServerPlan {
  readonly name: string;
  /** Whom it follows from its start; none: a primary. */
  readonly follows?: string;
  /** Lines of its configuration: `['repl-diskless-sync-delay', '0']`. */
  readonly directives?: readonly (readonly string[])[];
}

/** `name` stands where an imported deployment has its file. Servers are reached by their names, on port 6379. */
export const topologyOf = (name: string, servers: readonly ServerPlan[]): Topology => ({
  name,
  machines: servers.map((server, index) => ({ name: server.name, zone: ZONE, address: `10.0.0.${index + 1}` })),
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
