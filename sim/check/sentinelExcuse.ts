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

/** Agreement among sentinels that live needs no majority: but for one epoch with two primaries it is never excused. */
export const sentinelExcuse = (check: string, world: StalledWorld, state: FinalState): string | null => {
  const divided = check === 'sentinels-agree' || check === 'service-restored' ? dividedEpoch(state) : null;
  if (divided !== null || check === 'sentinels-agree') return divided;
  const few = tooFew(world, state);
  const names = watchedNames(state.sentinels);
  if (names.length === 0) return few;
  const proofs = names.map((name) => lostPrimary(world, state, name, few)).filter((proof) => proof !== null);
  return proofs.length === 0 ? null : proofs.join('; ');
};

/**
 * Living sentinels hold two primaries with one configuration epoch, and only a greater one would change their minds. Redis comes to it
 * without two leaders in that epoch: a leader whose failover still waits for replicas hears of a newer one that went back to the very
 * primary it replaces, takes over its epoch and not its address, which is the same; and switches to its own choice at failover-timeout.
 * Whoever leads or votes twice is caught by the checks of that. Source: sentinelProcessHelloMessage, sentinelFailoverDetectEnd.
 */
const dividedEpoch = ({ sentinels }: FinalState): string | null => {
  const living = sentinels.filter((view) => view.isAlive);
  for (const name of watchedNames(sentinels)) {
    const beliefs = living.flatMap((view) => {
      const watched = view.watched.get(name);
      return watched === undefined ? [] : [{ holder: view.name, primary: watched.primary, epoch: watched.configEpoch }];
    });
    const newest = Math.max(...beliefs.map(({ epoch }) => epoch));
    const claims = beliefs.filter(({ epoch }) => epoch === newest);
    const other = claims.find(({ primary }) => primary !== claims[0]?.primary);
    if (other !== undefined && claims[0] !== undefined) {
      return `${claims[0].holder} holds ${claims[0].primary} to be the primary of ${name} and ${other.holder} holds ${other.primary}, `
        + `both with configuration epoch ${newest}: a hello changes neither mind`;
    }
  }
  return null;
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
