/**
 * Why sentinels could not bring service back: too few of them can ever be reached, all that could take part are in TILT, or there is
 * nobody to promote. Each proof also needs the primary to be unable to come back by itself: while it could, no sentinel is to blame.
 *
 * Source: Redis 7.0 sentinel.c, sentinelGetLeader, sentinelSelectSlave and sentinelStartFailoverIfNeeded, for what a failover needs.
 */
import type { Bytes } from '../../engine/index.ts';
import type { Topology } from '../topology/topology.ts';
import { directiveOf } from '../topology/topology.ts';
import type { FinalState } from './check.ts';
import type { NodeView } from './nodeView.ts';
import { type SentinelView, believedPrimary, watchedNames } from './sentinelView.ts';
import type { StalledWorld } from './stalledWorld.ts';

/** Agreement among sentinels that live needs no majority: it is never excused. */
export const sentinelExcuse = (check: string, world: StalledWorld, state: FinalState): string | null => {
  if (check === 'sentinels-agree') return null;
  const few = tooFew(world, state);
  const names = watchedNames(state.sentinels);
  if (names.length === 0) return few;
  const proofs = names.map((name) => lostPrimary(world, state, name, few)).filter((proof) => proof !== null);
  return proofs.length === 0 ? null : proofs.join('; ');
};

/** The primary of a name is gone for good, and why nobody could be put in its place. */
const lostPrimary = (world: StalledWorld, state: FinalState, name: Bytes, few: string | null): string | null => {
  const place = believedPrimary(state.sentinels, name);
  const primary = place === null ? null : world.find(place);
  if (primary === null) return null;
  const gone = goneForGood(world, primary);
  if (gone === null) return null;
  const because = few ?? tilted(world, state) ?? nobodyEligible(world, state, primary);
  return because === null ? null : `${gone}; ${because}`;
};

const goneForGood = (world: StalledWorld, primary: NodeView): string | null => {
  const dead = world.deadForGood(primary.process);
  if (dead !== null) return dead;
  return primary.isAlive && primary.role === 'replica' ? `${primary.name} is a replica, though the sentinels hold it to be the primary` : null;
};

const quorumOf = ({ processes }: Topology): number => {
  const monitor = processes.flatMap(({ directives }) => directives).find((words) => words[0] === 'sentinel' && words[1] === 'monitor');
  return Number(monitor?.[5] ?? 1);
};

const tooFew = (world: StalledWorld, { sentinels }: FinalState): string | null => {
  const dead = sentinels.flatMap((view) => world.deadForGood(view.process) ?? []);
  return shortage(sentinels, sentinels.length - dead.length, dead, world);
};

/** An election needs a majority of all that are known, and no fewer than the quorum. */
const shortage = (sentinels: readonly SentinelView[], able: number, why: readonly string[], { topology }: StalledWorld): string | null => {
  const needed = Math.max(Math.floor(sentinels.length / 2) + 1, quorumOf(topology));
  return able >= needed ? null : `${able} of ${sentinels.length} sentinels are left, and ${needed} are needed: ${why.join(', ')}`;
};

const tilted = (world: StalledWorld, { sentinels }: FinalState): string | null => {
  const able = sentinels.filter((view) => view.isAlive && !view.isTilted);
  const why = sentinels.filter((view) => !able.includes(view)).map((view) => world.deadForGood(view.process) ?? (view.isTilted ? `${view.name} is in TILT` : null));
  return why.includes(null) ? null : shortage(sentinels, able.length, why.filter((one) => one !== null), world);
};

const nobodyEligible = (world: StalledWorld, { views }: FinalState, primary: NodeView): string | null => {
  const others = views.filter((view) => view !== primary);
  const why = others.map((view) => world.deadForGood(view.process) ?? priorityZero(world, view));
  if (why.includes(null)) return null;
  return why.length === 0 ? 'it has no replica' : `no replica can be promoted: ${why.join(', ')}`;
};

/** By its configuration, unless somebody set another one later. */
const priorityZero = ({ topology, strikes }: StalledWorld, view: NodeView): string | null => {
  const spec = topology.processes.find(({ name }) => name === view.name);
  if (spec === undefined || directiveOf(spec, 'replica-priority')?.[0] !== '0') return null;
  const isChanged = strikes.some(({ entry, resolved }) => resolved === view.name && JSON.stringify(entry.with ?? {}).includes('replica-priority'));
  return isChanged ? null : `${view.name} has replica-priority 0`;
};
