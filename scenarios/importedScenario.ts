/**
 * The main job for a stranger's deployment file: the plan of `replication/primary-power-loss` fitted to an imported
 * topology. What does not fit (no primary, several, or nobody to promote) is said plainly.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ResolvedScenario } from '../sim/scenario.ts';
import type { ProcessSpec, Topology } from '../sim/topology/topology.ts';
import { threeClients } from './plan.ts';
import { primaryPowerLoss, primaryPowerLossPlan } from './replication/primaryPowerLoss.ts';

const follows = (process: ProcessSpec): boolean => process.directives.some(([name]) => name === 'replicaof');

/** Throws `ScenarioError` where the main job does not fit. */
export const scenarioFor = (topology: Topology): ResolvedScenario => {
  const primaries = topology.processes.filter((process) => !follows(process));
  const [primary] = primaries;
  if (primary === undefined || primaries.length > 1) {
    throw new ScenarioError(
      `${topology.name}: the plan of ${primaryPowerLoss.name} needs one primary, this deployment has ${primaries.length}`);
  }
  if (topology.processes.length === 1) {
    throw new ScenarioError(
      `${topology.name}: the plan of ${primaryPowerLoss.name} needs a replica to promote, this deployment has none`);
  }
  const host = primary.aliases[0] ?? primary.name;
  const zone = topology.machines.find((machine) => machine.name === primary.machine)?.zone ?? 'zone-a';
  const plan = primaryPowerLossPlan(primary.name).filter(
    // With a single replica there is no second one to lag, and no other one to re-point.
    (entry) => topology.processes.length > 2 || (entry.target !== 'a replica' && entry.with?.['to'] !== 'replica 2'),
  );
  return {
    ...primaryPowerLoss,
    name: topology.name,
    topology,
    workload: threeClients(`${host}:${primary.port}`, zone),
    plan: plan.map((entry) => (entry.do === 'point' ? { ...entry, with: { ...entry.with, name: host } } : entry)),
  };
};
