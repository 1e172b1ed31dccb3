/** The runs that findings are proved by, and what in their outcomes counts. */
import type { PlanEntry } from '../../../sim/scenario.ts';
import type { Mend } from '../../../sim/topology/mend/mend.ts';
import { type ProcessSpec, type Topology, directiveOf, hostOf } from '../../../sim/topology/topology.ts';
import { at } from '../../plan.ts';
import type { CellOutcome } from '../cellRun.ts';
import { STRIKE_MS, cellScenario, withinOf } from '../cellScenario.ts';
import { pairedFailures, singleFailures } from '../failures.ts';
import { shareText } from '../requirements.ts';
import type { Proof } from './finding.ts';

/** The run of that cell; null where the deployment has no such thing. */
export const cellProof = (...names: readonly string[]) => (topology: Topology): Proof | null => {
  const cells = names.length === 1 ? singleFailures(topology) : pairedFailures(topology);
  const cell = cells.find(({ failures }) => failures.length === names.length && failures.every(({ component, fault }) =>
    names.includes(`${component.name}/${fault.replaceAll(' ', '-')}`)));
  return cell === undefined ? null : { name: cell.name, scenario: cellScenario(topology, cell, withinOf(topology)) };
};

/** The same where the names depend on the deployment: a service that is given more replicas names them anew. */
export const cellProofOf = (namesOf: (topology: Topology) => readonly (string | undefined)[]) => (topology: Topology): Proof | null => {
  const names = namesOf(topology).filter((name) => name !== undefined);
  return names.length === 0 ? null : cellProof(...names)(topology);
};

/** A run with a plan of the rule's own, which strikes when a cell's would. */
export const planProof = (name: string, entries: (topology: Topology) => readonly Omit<PlanEntry, 'when'>[]) => (topology: Topology): Proof | null => {
  const [cell] = singleFailures(topology);
  if (cell === undefined) return null;
  const scenario = cellScenario(topology, cell, withinOf(topology));
  return { name, scenario: { ...scenario, name: `${topology.name}: ${name}`, plan: entries(topology).map((entry) => ({ when: at(STRIKE_MS), ...entry })) } };
};

export const isDown = ({ availability }: CellOutcome): boolean => availability === 'when repaired' || availability === 'not even repaired';

const MS_PER_SECOND = 1000;

const AVAILABILITY_WORDS: Readonly<Record<CellOutcome['availability'], string>> = {
  'serves on': 'writes go on', recovers: 'writes come back by themselves', 'when repaired': 'no writes until the failure is repaired',
  'not even repaired': 'no writes, not even when the failure is repaired',
};

/** How writes fared, in words. */
export const showsOutage = ({ availability, writeOutageMs }: CellOutcome): string =>
  (availability === 'recovers' ? `${AVAILABILITY_WORDS.recovers} after ${(writeOutageMs / MS_PER_SECOND).toFixed(1)} s` : AVAILABILITY_WORDS[availability]);

export const lostShareOf = ({ acknowledged, lost }: CellOutcome): number => (acknowledged === 0 ? 0 : lost / acknowledged);

/** What was lost, in words. */
export const showsLoss = (outcome: CellOutcome): string =>
  `${outcome.lost} of ${outcome.acknowledged} acknowledged writes lost (${shareText(lostShareOf(outcome))})`;

export const showsSwitches = ({ switches, lost, writeOutageMs }: CellOutcome): string =>
  `${switches === 0 ? 'no failover' : switches === 1 ? 'one failover' : `${switches} failovers`}, ${(writeOutageMs / MS_PER_SECOND).toFixed(1)} s without writes, ${lost} writes lost`;

// What of a deployment the rules speak of.

export const sentinelsOf = ({ processes }: Topology): readonly ProcessSpec[] => processes.filter(({ kind }) => kind === 'sentinel');
export const dataNodesOf = ({ processes }: Topology): readonly ProcessSpec[] => processes.filter(({ kind }) => kind === 'redis');

/** The primary that everybody starts with; null in a cluster. Of several the one that sentinels watch; null without them. */
export const primaryOf = (topology: Topology): ProcessSpec | null => {
  if (topology.cluster !== undefined) return null;
  const primaries = dataNodesOf(topology).filter((process) => directiveOf(process, 'replicaof') === null);
  const watched = primaries.length < 2 ? primaries : primaries.filter((process) => sentinelsOf(topology).flatMap(({ directives }) => directives)
    .some((words) => words[0] === 'sentinel' && words[1] === 'monitor' && isAt(topology, process, words[3], words[4])));
  const [primary, ...others] = watched;
  return primary === undefined || others.length > 0 ? null : primary;
};

/** Whether that address means that process. */
const isAt = ({ machines }: Topology, { name, machine, aliases, port }: ProcessSpec, host: string | undefined, at: string | undefined): boolean =>
  host !== undefined && Number(at) === port
  && (host === name || aliases.includes(host) || machines.some((one) => one.name === machine && one.address === host));

/** Those of that primary, if there is one. */
export const replicasOf = (topology: Topology): readonly ProcessSpec[] => {
  const replicas = dataNodesOf(topology).filter((process) => directiveOf(process, 'replicaof') !== null);
  const primary = primaryOf(topology);
  const roots = dataNodesOf(topology).length - replicas.length;
  // A replica of a replica is one of the primary too; of several primaries only those that name this one can be told apart.
  return primary === null || roots < 2 ? replicas : replicas.filter((process) => {
    const [host, port] = directiveOf(process, 'replicaof') ?? [];
    return isAt(topology, primary, host, port);
  });
};

/** The primaries that a cluster is made with; none elsewhere. */
export const clusterPrimariesOf = ({ cluster, processes }: Topology): readonly ProcessSpec[] => {
  if (cluster === undefined) return [];
  const count = Math.floor(cluster.create.length / (cluster.replicas + 1));
  return cluster.create.slice(0, count).flatMap((name) => processes.filter((process) => process.name === name));
};

/** The quorum of the first sentinel that watches anything; null without one. */
export const quorumOf = (topology: Topology): number | null => {
  const words = sentinelsOf(topology).flatMap(({ directives }) => directives).find((one) => one[0] === 'sentinel' && one[1] === 'monitor');
  return words === undefined ? null : Number(words[5]);
};

/** `down-after-milliseconds` of the first sentinel. */
export const downAfterOf = (topology: Topology): number | null => {
  if (sentinelsOf(topology).length === 0) return null;
  const words = sentinelsOf(topology).flatMap(({ directives }) => directives).find((one) => one[1] === 'down-after-milliseconds');
  return Number(words?.[3] ?? DOWN_AFTER_MS_DEFAULT);
};

const DOWN_AFTER_MS_DEFAULT = 30_000;

/** A placement in which each of `moved` has a computer of its own, and everybody else stays where they are. */
export const placedApart = (topology: Topology, moved: readonly ProcessSpec[]): Mend => placed(topology, (process) => (
  { host: moved.includes(process) ? process.name : hostOf(topology, process), zone: zoneOf(topology, process) }));

/** A placement that says of every process where it is. */
export const placed = ({ processes }: Topology, placeOf: (process: ProcessSpec) => { readonly host: string; readonly zone: string }): Mend => {
  const machines: Record<string, string[]> = {};
  const zones: Record<string, string[]> = {};
  for (const process of processes) {
    const { host, zone } = placeOf(process);
    (machines[host] ??= []).push(process.name);
    const hosts = zones[zone] ??= [];
    if (!hosts.includes(host)) hosts.push(host);
  }
  return { kind: 'place', machines, zones };
};

export const zoneOf = ({ machines }: Topology, { machine }: ProcessSpec): string => machines.find(({ name }) => name === machine)?.zone ?? '';

export const originsOf = (processes: readonly ProcessSpec[]): readonly string[] => [...new Set(processes.map(({ origin }) => origin))];
