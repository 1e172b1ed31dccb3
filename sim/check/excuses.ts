/**
 * Stalls that are excusable: why, after settling, there could be no service or no agreement, proven from the final state. Who is dead
 * for good, what a human made of the roles, what a majority would have needed. A stall without such a proof is a violation.
 *
 * Always holds: an excuse names the processes that it rests on; nothing is excused because it looks likely.
 */
import type { Check, CheckResult, FinalState } from './check.ts';
import { clusterExcuse } from './clusterExcuse.ts';
import { astray } from './convergence.ts';
import { sentinelExcuse } from './sentinelExcuse.ts';
import { type StalledWorld, clockWentBack, humanRoles, lineage, refusesAfterFailedSync } from './stalledWorld.ts';
import type { NodeView } from './nodeView.ts';

/** The checks that a stall violates. */
export const STALLS: readonly string[] = [
  'service-restored', 'convergence', 'sentinels-agree', 'one-writable-primary', 'slot-maps-agree', 'config-epochs-unique'];

export interface NamedResult extends CheckResult {
  readonly name: string;
  readonly isSafety: Check['isSafety'];
}

/**
 * The results with `stall-is-excusable` behind them. Where the scenario asks for that check, a stall that is excused counts as not
 * exercised; elsewhere its check keeps its verdict.
 */
export const withExcuses = (results: readonly NamedResult[], world: StalledWorld, state: FinalState, isAsked: boolean): readonly NamedResult[] => {
  const stalls = results.filter(({ name, verdict }) => verdict === 'violated' && STALLS.includes(name));
  const proofs = new Map(stalls.map((stall) => [stall, excuse(stall.name, world, state)] as const));
  const open = stalls.filter((stall) => proofs.get(stall) === null);
  const result: CheckResult = open.length > 0
    ? { verdict: 'violated', detail: open.map(({ name, detail }) => `${name}: ${detail}, and nothing proves that it had to be so`).join('; ') }
    : { verdict: 'holds', detail: stalls.length === 0 ? 'no stall' : [...new Set(proofs.values())].join('; ') };
  const shown = results.map((one): NamedResult => {
    const proof = proofs.get(one) ?? null;
    return !isAsked || proof === null ? one
      : { name: one.name, isSafety: one.isSafety, verdict: 'not exercised', detail: `${one.detail}; excused: ${proof}`, comparisons: 0 };
  });
  return [...shown, { name: 'stall-is-excusable', isSafety: false, comparisons: results.length, ...result }];
};

const excuse = (check: string, world: StalledWorld, state: FinalState): string | null => {
  if (state.clusterNodes.length > 0) return clusterExcuse(check, world, state);
  if (state.sentinels.length > 0) return sentinelExcuse(check, world, state);
  return unwatchedExcuse(check, world, state);
};

/** Nobody but a human changes a role: dead is dead, and what was made a replica stays one. */
const unwatchedExcuse = (check: string, world: StalledWorld, state: FinalState): string | null => {
  if (check === 'service-restored') return noServiceAt(world);
  if (check !== 'convergence') return null;
  if (state.serving.primaries.length === 0) return noServiceAt(world);
  const reasons = state.views.filter((view) => astray(state.serving, view) !== null).map((view) => strayed(world, view));
  return reasons.includes(null) ? null : [...new Set(reasons)].join('; ');
};

/** Who stands where the clients look, and why it takes no writes. */
const noServiceAt = (world: StalledWorld): string | null => {
  const [entry] = world.entries();
  if (entry === undefined) return null;
  const dead = world.deadForGood(entry.process);
  if (dead !== null) return `${dead}; without sentinels nobody replaces it`;
  return entry.isAlive && entry.role === 'replica' ? humanRoles(world, entry) : refusesAfterFailedSync(entry);
};

/** Why a node does not follow the one that serves. */
const strayed = (world: StalledWorld, view: NodeView): string | null => {
  const chain = lineage(world, view);
  const top = chain.at(-1);
  const dead = top === undefined || top === view ? null : world.deadForGood(top.process) ?? refusesAfterFailedSync(top);
  if (dead !== null) return `${view.name} follows ${top?.name ?? ''}: ${dead}`;
  const late = view.sync === 'connected' || top === undefined ? null : clockWentBack(world, top);
  if (late !== null) return `${view.name} waits for ${top?.name ?? ''}: ${late}`;
  return humanRoles(world, view);
};
