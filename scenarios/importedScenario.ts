/**
 * The main job for a stranger's deployment file: the primary loses its power, and either an operator promotes a replica (the plan
 * of `replication/primary-power-loss`) or the deployment's sentinels, or its cluster, do. What does not
 * fit (no primary, several, or nobody to promote) is said plainly.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ResolvedScenario } from '../sim/scenario.ts';
import { passwordOf, type ProcessSpec, type Topology } from '../sim/topology/topology.ts';
import { sentinelServices } from '../sim/topology/sentinelService.ts';
import { clusterHolds, sentinelsHold } from './expectations.ts';
import { clusterClients } from './cluster/deployment.ts';
import { at, boot, power, sentinelClients, threeClients } from './plan.ts';
import { primaryPowerLoss, primaryPowerLossPlan } from './replication/primaryPowerLoss.ts';

const follows = (process: ProcessSpec): boolean => process.directives.some(([name]) => name === 'replicaof');

/** Throws `ScenarioError` where the main job does not fit. */
export const scenarioFor = (topology: Topology): ResolvedScenario => {
  if (topology.cluster !== undefined) return clusteredScenario(topology);
  const servers = topology.processes.filter(({ kind }) => kind === 'redis');
  const primaries = servers.filter((process) => !follows(process));
  const [primary] = primaries;
  if (primary === undefined || primaries.length > 1) {
    throw new ScenarioError(
      `${topology.name}: the plan of ${primaryPowerLoss.name} needs one primary, this deployment has ${primaries.length}`);
  }
  if (servers.length === 1) {
    throw new ScenarioError(
      `${topology.name}: the plan of ${primaryPowerLoss.name} needs a replica to promote, this deployment has none`);
  }
  const host = primary.aliases[0] ?? primary.name;
  const zone = topology.machines.find((machine) => machine.name === primary.machine)?.zone ?? 'zone-a';
  if (servers.length < topology.processes.length) return watchedScenario(topology, primary, zone);
  const plan = primaryPowerLossPlan(primary.name).filter(
    // With a single replica there is no second one to lag, and no other one to re-point.
    (entry) => servers.length > 2 || (entry.target !== 'a replica' && entry.with?.['to'] !== 'replica 2'),
  );
  return {
    ...primaryPowerLoss,
    name: topology.name,
    topology,
    workload: threeClients(`${host}:${primary.port}`, zone),
    plan: plan.map((entry) => (entry.do === 'point' ? { ...entry, with: { ...entry.with, name: host } } : entry)),
  };
};

/** With sentinels nobody has to do anything: the machine comes back, and its server is made a replica. */
const watchedScenario = (topology: Topology, primary: ProcessSpec, zone: string): ResolvedScenario => {
  const [service, ...others] = sentinelServices(topology);
  if (service === undefined || others.length > 0) {
    throw new ScenarioError(`${topology.name}: the plan needs sentinels that watch one primary, these watch ${others.length + (service === undefined ? 0 : 1)}`);
  }
  const password = passwordOf(primary);
  return {
    name: topology.name,
    teaches: 'What this deployment does by itself when the machine of its primary loses power, and comes back.',
    topology,
    workload: sentinelClients(service.name, service.sentinels, {
      zone, ...(password === null ? {} : { password }), ...(service.password === undefined ? {} : { sentinelPassword: service.password }),
    }),
    plan: [power(at(WATCHED_STRIKE_MS), primary.machine), boot(at(WATCHED_BOOT_MS), primary.machine)],
    durationMs: WATCHED_DURATION_MS, settlingMs: WATCHED_SETTLING_MS,
    expects: { verdicts: sentinelsHold },
  };
};

/** A cluster elects a replica by itself: the machine of its first primary loses power, and comes back. */
const clusteredScenario = (topology: Topology): ResolvedScenario => {
  const { cluster, machines, processes } = topology;
  const first = processes.find(({ name }) => name === cluster?.create[0]);
  if (cluster === undefined || first === undefined || cluster.replicas === 0) {
    throw new ScenarioError(`${topology.name}: the plan needs a cluster with a replica to elect, this deployment has none`);
  }
  const zones = [...new Set(machines.map(({ zone }) => zone))];
  return {
    name: topology.name,
    teaches: 'What this cluster does by itself when the machine of a primary loses power, and comes back.',
    topology,
    workload: clusterClients(topology, zones),
    plan: [power(at(CLUSTERED_STRIKE_MS), first.machine), boot(at(CLUSTERED_BOOT_MS), first.machine)],
    durationMs: CLUSTERED_DURATION_MS, settlingMs: CLUSTERED_SETTLING_MS,
    expects: { verdicts: clusterHolds },
  };
};

/** The default node timeout is 15 s; a failover takes up to three times that. */
const CLUSTERED_STRIKE_MS = 20_000;
const CLUSTERED_BOOT_MS = 70_000;
const CLUSTERED_DURATION_MS = 100_000;
const CLUSTERED_SETTLING_MS = 60_000;

/** Long enough for the default of 60 s that an image may have for `down-after-milliseconds`. */
const WATCHED_STRIKE_MS = 20_000;
const WATCHED_BOOT_MS = 100_000;
const WATCHED_DURATION_MS = 130_000;
const WATCHED_SETTLING_MS = 60_000;
