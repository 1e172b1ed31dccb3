/**
 * Chaos on somebody's own deployment: the clients that fit it, and a plan that each seed draws anew.
 *
 * Always holds: what is expected is what must hold on any deployment, whatever it is configured to lose.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ResolvedScenario, WorkloadSpec } from '../sim/scenario.ts';
import { sentinelServices } from '../sim/topology/sentinelService.ts';
import { type Topology, directiveOf, passwordOf } from '../sim/topology/topology.ts';
import { CHAOS } from './chaos.ts';
import { clusterClients } from './cluster/deployment.ts';
import { client, sentinelClients } from './plan.ts';

/** Throws `ScenarioError` for a deployment whose clients would not know where to go. */
export const chaosOn = (topology: Topology): ResolvedScenario => ({
  ...CHAOS, name: topology.name, teaches: 'What this deployment makes of whatever strikes it.', topology, workload: clientsFor(topology),
});

const clientsFor = (topology: Topology): WorkloadSpec => {
  if (topology.cluster !== undefined) return clusterClients(topology, [...new Set(topology.machines.map(({ zone }) => zone))]);
  const primaries = topology.processes.filter((process) => process.kind === 'redis' && directiveOf(process, 'replicaof') === null);
  const [primary] = primaries;
  const [service] = sentinelServices(topology);
  if (primary === undefined) throw new ScenarioError(`${topology.name}: no primary that clients could go to`);
  const password = passwordOf(primary);
  const zone = topology.machines.find((machine) => machine.name === primary.machine)?.zone ?? 'zone-a';
  if (service !== undefined) {
    return sentinelClients(service.name, service.sentinels, {
      zone, ...(password === null ? {} : { password }), ...(service.password === undefined ? {} : { sentinelPassword: service.password }),
    });
  }
  if (primaries.length > 1) throw new ScenarioError(`${topology.name}: ${primaries.length} primaries, and neither sentinels nor a cluster`);
  const locator = { server: `${primary.aliases[0] ?? primary.name}:${primary.port}`, ...(password === null ? {} : { password }) };
  return {
    clients: (['setAdd', 'setAdd', 'register'] as const).map((kind, index) => client(`C${index + 1}`, kind, { ...locator, zone })),
    probes: [{ name: 'P1', zone, ...locator }],
  };
};
