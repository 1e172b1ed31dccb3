/**
 * The clients that fit a deployment, whatever it is: they ask its sentinels, know its cluster, or go where its primary is. Three or
 * four that write, in the zones in turn, and in each zone a probe for each range of slots.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { Locator, WorkloadSpec } from '../sim/scenario.ts';
import { sentinelServices } from '../sim/topology/sentinelService.ts';
import { type Topology, directiveOf, passwordOf } from '../sim/topology/topology.ts';
import { clusterClients } from './cluster/deployment.ts';
import { client } from './plan.ts';

/** Throws `ScenarioError` for a deployment whose clients would not know where to go. `zones` are where clients are; not empty. */
export const clientsFor = (topology: Topology, zones: readonly string[]): WorkloadSpec => {
  if (topology.cluster !== undefined) return clusterClients(topology, zones);
  const locator = locatorOf(topology);
  const zoneOf = (index: number): string => zones[index % zones.length] ?? 'zone-a';
  return {
    clients: (['setAdd', 'setAdd', 'register'] as const).map((kind, index) => client(`C${index + 1}`, kind, { ...locator, zone: zoneOf(index) })),
    probes: zones.map((zone, index) => ({ name: `P${index + 1}`, zone, ...locator })),
  };
};

const locatorOf = (topology: Topology): Locator => {
  const primaries = topology.processes.filter((process) => process.kind === 'redis' && directiveOf(process, 'replicaof') === null);
  const [primary] = primaries;
  const [service, ...others] = sentinelServices(topology);
  if (primary === undefined) throw new ScenarioError(`${topology.name}: no primary that clients could go to`);
  const password = passwordOf(primary);
  const said = password === null ? {} : { password };
  if (others.length > 0) throw new ScenarioError(`${topology.name}: its sentinels watch ${others.length + 1} primaries; give each of these deployments alone`);
  if (service !== undefined) return { sentinel: { ...service, listens: false }, ...said };
  if (primaries.length > 1) throw new ScenarioError(`${topology.name}: ${primaries.length} primaries (${primaries.map(({ name }) => name).join(', ')}), and neither sentinels nor a cluster; give each of them in a file of its own`);
  return { server: `${primary.aliases[0] ?? primary.name}:${primary.port}`, ...said };
};

/** The zones of a deployment's machines, in their order. */
export const zonesOf = ({ machines }: Topology): readonly string[] => [...new Set(machines.map(({ zone }) => zone))];
