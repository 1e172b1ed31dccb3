/**
 * The deployments of the persistence scenarios: a lone node, or a primary with two replicas, each on a machine of its own
 * with a data directory that outlives the process, and by default started again whenever it has ended.
 */
import type { RestartPolicy, Topology } from '../../sim/topology/topology.ts';

export const PORT = 6379;
const ADDRESS_PREFIX = '10.0.0.1';

type Directives = readonly (readonly string[])[];

/** No persistence at all. */
export const UNPERSISTED: readonly (readonly string[])[] = [['save', ''], ['appendonly', 'no']];

/** The append-only file alone, synced by `policy`. */
export const appendOnly = (policy: 'always' | 'everysec' | 'no'): Directives =>
  [['save', ''], ['appendonly', 'yes'], ['appendfsync', policy]];

/** `redis-main` alone. */
export const loneNode = (directives: Directives): Topology => nodes(['redis-main'], directives, 'always');

/** `redis-main` with the replicas `redis-replica-1` and `redis-replica-2`. */
export const primaryWithReplicas = (directives: Directives, restart: RestartPolicy = 'always'): Topology =>
  nodes(['redis-main', 'redis-replica-1', 'redis-replica-2'], directives, restart);

const nodes = (names: readonly string[], directives: Directives, restart: RestartPolicy): Topology => ({
  name: names.length === 1 ? 'a lone node' : 'a primary and its replicas',
  machines: names.map((name, index) => ({ name, zone: 'zone-a', address: `${ADDRESS_PREFIX}${index}` })),
  processes: names.map((name, index) => ({
    name, kind: 'redis', machine: name, port: PORT, aliases: [], restart, persistentData: true,
    directives: index === 0 ? directives : [...directives, ['replicaof', 'redis-main', String(PORT)]],
    origin: `the scenario's ${name}`,
  })),
  warnings: [],
});
