/**
 * Targets: a name, or a role that is resolved by the simulator's knowledge at the instant of the strike.
 *
 *   NAME                            a process, or a machine (its first process)
 *   redis-cli | redis-cli-N         the first, the N-th program that an action has started (see `clusterKinds.ts`)
 *   the primary                     the living data node in that role; of several the first by name
 *   a replica | replica N           the first, the N-th living replica by name
 *   the most advanced replica       by offset, then by name; also `the least advanced replica`
 *   the primary as NAME believes    whom a client, or a sentinel, holds to be the primary
 *   a sentinel | sentinel N         the first, the N-th living sentinel by name
 *   the sentinel leader             the living sentinel that was last elected
 *   a voter                         the first living sentinel by name that is not that
 *   the sentinels                   all of them that live
 *   a minority of the sentinels     of all n that are deployed the first floor((n-1)/2) by name, as far as they live
 *   a majority of the sentinels     all the others, as far as they live: the two never overlap
 *
 * The last three mean several at once, as those of `groupTargets.ts` do; where one is needed, the first of them is taken. The roles
 * of a cluster (`the primary of slot N`, `a majority of the primaries`, …) stand at the head of `clusterTarget.ts`.
 */
import { ScenarioError } from '../../engine/index.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { SentinelView } from '../check/sentinelView.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import { clusterRole, isClusterTarget } from './clusterTarget.ts';
import { groupOfMachines, groupOfProcesses } from './groupTargets.ts';
import type { WorldParts } from './worldParts.ts';

/** What an action started, or has not started yet. */
const TOOL = /^redis-cli(?:-[1-9][0-9]{0,2})?$/;
const BELIEF = /^the primary as (.+) believes$/;
const NTH_REPLICA = /^replica ([1-9][0-9]{0,2})$/;
const NTH_SENTINEL = /^sentinel ([1-9][0-9]{0,2})$/;

const inRole = (parts: WorldParts, role: 'primary' | 'replica'): NodeView[] =>
  parts.views.filter((view) => view.isAlive && view.role === role);

/** The one with the greatest offset, or the smallest; of equals the first by name. */
const byOffset = (views: readonly NodeView[], sign: 1 | -1): NodeView | undefined => {
  let best: NodeView | undefined;
  for (const view of views) if (best === undefined || (view.offset - best.offset) * sign > 0) best = view;
  return best;
};

/** Who `target` means among the sentinels; null: it is no role of theirs. */
const sentinelRole = (parts: WorldParts, target: string): readonly SentinelView[] | null => {
  const all = parts.sentinels;
  const living = (views: readonly SentinelView[]): readonly SentinelView[] => views.filter((view) => view.isAlive);
  const minority = Math.floor((all.length - 1) / 2);
  switch (target) {
    case 'the sentinels': return living(all);
    case 'a sentinel': return living(all).slice(0, 1);
    case 'a minority of the sentinels': return living(all.slice(0, Math.max(0, minority)));
    case 'a majority of the sentinels': return living(all.slice(Math.max(0, minority)));
    case 'a voter': return living(all.filter((view) => view !== parts.sentinelLeader())).slice(0, 1);
    case 'the sentinel leader': return living(all.filter((view) => view === parts.sentinelLeader()));
    default: {
      const nth = NTH_SENTINEL.exec(target);
      return nth === null ? null : living(all).slice(Number(nth[1]) - 1, Number(nth[1]));
    }
  }
};

/** A name is a name, whatever role it reads like. */
const isNamed = (parts: WorldParts, target: string): boolean => parts.processes.has(target) || parts.machines.has(target);

/** Throws `ScenarioError` for a role that nobody can have in this world, whatever happens. */
export const checkTarget = (parts: WorldParts, target: string): void => {
  if (!isNamed(parts, target)) isClusterTarget(parts, target);
};

/** The processes that `target` means now, by name; none when a role has nobody. Throws `ScenarioError` for an unknown name. */
export const resolveProcesses = (parts: WorldParts, target: string): readonly SimProcess[] => {
  const sentinels = /\bsentinel|^a voter$/.test(target) && !isNamed(parts, target)
    ? sentinelRole(parts, target) : null;
  if (sentinels !== null) return sentinels.map((view) => view.process);
  if (!isNamed(parts, target) && isClusterTarget(parts, target)) return clusterRole(parts, target).map((view) => view.process);
  const group = isNamed(parts, target) ? null : groupOfProcesses(parts, target);
  if (group !== null) return group;
  const process = resolveOne(parts, target);
  return process === null ? [] : [process];
};

/** The first process that `target` means now; null when a role has nobody. Throws `ScenarioError` for an unknown name. */
export const resolveProcess = (parts: WorldParts, target: string): SimProcess | null =>
  resolveProcesses(parts, target)[0] ?? null;

const resolveOne = (parts: WorldParts, target: string): SimProcess | null => {
  if (target === 'the primary') return inRole(parts, 'primary')[0]?.process ?? null;
  if (target === 'a replica') return inRole(parts, 'replica')[0]?.process ?? null;
  if (target === 'the most advanced replica') return byOffset(inRole(parts, 'replica'), 1)?.process ?? null;
  if (target === 'the least advanced replica') return byOffset(inRole(parts, 'replica'), -1)?.process ?? null;
  const nth = NTH_REPLICA.exec(target);
  if (nth !== null) return inRole(parts, 'replica')[Number(nth[1]) - 1]?.process ?? null;
  const believer = BELIEF.exec(target);
  if (believer !== null) {
    const belief = parts.beliefs.get(believer[1] as string);
    return parts.views.find((view) => `${view.process.machine.address}:${view.port}` === belief)?.process ?? null;
  }
  const process = parts.processes.get(target) ?? parts.machines.get(target)?.processes[0];
  if (process === undefined && TOOL.test(target)) return null;
  if (process === undefined) throw new ScenarioError(`plan: no process, machine or role is called '${target}'`);
  return process;
};

/** The machines that `target` means, each once; none when a role has nobody. */
export const resolveMachines = (parts: WorldParts, target: string): readonly Machine[] => {
  const machine = parts.machines.get(target);
  if (machine !== undefined) return [machine];
  const group = isNamed(parts, target) ? null : groupOfMachines(parts, target);
  return group ?? [...new Set(resolveProcesses(parts, target).map((process) => process.machine))];
};

/** The first machine that `target` means; null when a role has nobody. */
export const resolveMachine = (parts: WorldParts, target: string): Machine | null => resolveMachines(parts, target)[0] ?? null;
