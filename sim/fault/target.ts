/**
 * Targets: a name, or a role that is resolved by the simulator's knowledge at the instant of the strike.
 *
 *   NAME                          a process, or a machine (its first process)
 *   the primary                   the living data node in that role; of several the first by name
 *   a replica | replica N         the first, the N-th living replica by name
 *   the most advanced replica     by offset, then by name; also `the least advanced replica`
 *   the primary as NAME believes  whom a client holds to be the primary
 */
import { ScenarioError } from '../../engine/index.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { WorldParts } from './worldParts.ts';

const BELIEF = /^the primary as (.+) believes$/;
const NTH_REPLICA = /^replica ([1-9][0-9]{0,2})$/;

const inRole = (parts: WorldParts, role: 'primary' | 'replica'): NodeView[] =>
  parts.views.filter((view) => view.isAlive && view.role === role);

/** The one with the greatest offset, or the smallest; of equals the first by name. */
const byOffset = (views: readonly NodeView[], sign: 1 | -1): NodeView | undefined => {
  let best: NodeView | undefined;
  for (const view of views) if (best === undefined || (view.offset - best.offset) * sign > 0) best = view;
  return best;
};

/** The process that `target` means now; null when a role has nobody. Throws `ScenarioError` for an unknown name. */
export const resolveProcess = (parts: WorldParts, target: string): SimProcess | null => {
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
  if (process === undefined) throw new ScenarioError(`plan: no process, machine or role is called '${target}'`);
  return process;
};

/** The machine that `target` means; null when a role has nobody. */
export const resolveMachine = (parts: WorldParts, target: string): Machine | null =>
  parts.machines.get(target) ?? resolveProcess(parts, target)?.machine ?? null;
