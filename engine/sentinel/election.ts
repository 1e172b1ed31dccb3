/**
 * Who leads a failover: one vote in each epoch, and a leader needs the majority of all known sentinels and the quorum.
 * Source: sentinelVoteLeader, sentinelGetLeader in sentinel.c of Redis 7.0.
 */
import { type Bytes, detach, lower } from '../core/bytes.ts';
import type { CauseId } from '../core/units.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

export interface Vote {
  /** Null: none was given since the start of the process. */
  readonly leader: Bytes | null;
  readonly epoch: number;
}

/**
 * Votes for `candidate` in `epoch`, unless a vote was given there already; either way the answer is the present vote. It is
 * saved before the answer leaves.
 */
export const vote = (sentinel: Sentinel, primary: WatchedPrimary, epoch: number, candidate: Bytes): Vote => {
  const { services } = sentinel;
  if (epoch > sentinel.currentEpoch) {
    sentinel.enterEpoch(epoch, primary);
    services.saveConfig();
    sentinel.announceEpoch(primary);
  }
  const mayVote = primary.leaderEpoch < epoch || (services.bugs.votesTwice && primary.leaderEpoch === epoch);
  if (mayVote && sentinel.currentEpoch <= epoch) {
    const because = [sentinel.host.cause()];
    primary.leader = detach(candidate);
    primary.leaderEpoch = sentinel.currentEpoch;
    primary.voteCause = sentinel.host.cause();
    services.saveConfig();
    sentinel.plainEvent('warning', SENTINEL_EVENT.voteForLeader, primary, `${primary.leader} ${primary.leaderEpoch}`, because);
    sentinel.host.note({
      kind: 'vote', name: primary.name, epoch: primary.leaderEpoch, voter: sentinel.id, candidate: primary.leader, because,
    });
    // Who voted for another leaves it time before trying by itself.
    if (lower(candidate) !== lower(sentinel.id)) primary.failoverStartMs = sentinel.nowMs + sentinel.desyncMs;
  }
  return { leader: primary.leader, epoch: primary.leaderEpoch };
};

export interface Count {
  readonly leader: Bytes | null;
  readonly votes: number;
  readonly known: number;
  readonly because: readonly CauseId[];
}

/** The winner of `epoch`, if there is one yet. Our own vote goes to the front-runner, or to ourselves. */
export const leaderOf = (sentinel: Sentinel, primary: WatchedPrimary, epoch: number): Count => {
  const known = primary.sentinels.size + 1;
  const counts = new Map<Bytes, number>();
  const because: CauseId[] = [];
  for (const peer of primary.sentinels.values()) {
    if (peer.leader === null || peer.leaderEpoch !== sentinel.currentEpoch) continue;
    counts.set(peer.leader, (counts.get(peer.leader) ?? 0) + 1);
    because.push(peer.downReplyCause);
  }
  let winner: Bytes | null = null;
  let most = 0;
  for (const [candidate, votes] of counts) {
    if (votes <= most) continue;
    most = votes;
    winner = candidate;
  }
  const own = vote(sentinel, primary, epoch, winner ?? sentinel.id);
  because.push(primary.voteCause);
  if (own.leader !== null && own.epoch === epoch) {
    const votes = (counts.get(own.leader) ?? 0) + 1;
    if (votes > most) {
      most = votes;
      winner = own.leader;
    }
  }
  const majority = sentinel.services.bugs.electsWithoutMajority ? 1 : Math.floor(known / 2) + 1;
  const needed = Math.max(majority, sentinel.services.bugs.electsWithoutMajority ? 1 : primary.options.quorum);
  return { leader: most < needed ? null : winner, votes: most, known, because };
};
