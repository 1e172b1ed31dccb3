/**
 * What sentinels and operators ask about agreement: is the primary down, whom do you vote for, are there enough of you.
 * Source: sentinelCommand (is-master-down-by-addr), sentinelIsQuorumReachable in sentinel.c of Redis 7.0.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { mark } from '../core/marks.ts';
import { ErrorReply, NOT_AN_INTEGER, type Reply, Status } from '../protocol/reply.ts';
import { SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import { type Vote, vote } from './election.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

const NO_VOTE: Vote = { leader: null, epoch: 0 };
/** In place of a candidate: no vote is asked for. In place of a leader: none was given. */
const NOBODY = bytes('*');

/**
 * IS-MASTER-DOWN-BY-ADDR ip port epoch candidate: [down, leader, leader epoch]. In TILT nothing is down, but a vote is given
 * all the same. Not in an epoch that no election can reach, which Redis would take for its own from then on.
 */
export const isDownByAddress = (sentinel: Sentinel, argv: readonly Bytes[]): Reply => {
  const [, , hostname, portText, epochText, candidate] = argv as readonly [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  const port = parseInt64(portText);
  const epoch = parseInt64(epochText);
  if (port === null || epoch === null) return NOT_AN_INTEGER;
  const primary = primaryAt(sentinel, hostname, Number(port));
  const isDown = !sentinel.isTilted && primary !== null && primary.isSdown;
  const wantsVote = primary !== null && candidate !== NOBODY;
  const isEpoch = epoch >= 0n && epoch <= BigInt(Number.MAX_SAFE_INTEGER);
  if (wantsVote && !isEpoch) sentinel.host.log('verbose', `A request for a vote was ignored: ${epoch} is no epoch`);
  const given = wantsVote && isEpoch ? voteOf(sentinel, primary, Number(epoch), candidate) : NO_VOTE;
  return [isDown ? 1 : 0, given.leader ?? NOBODY, given.epoch];
};

const voteOf = (sentinel: Sentinel, primary: WatchedPrimary, epoch: number, candidate: Bytes): Vote => {
  const hasVoted = primary.leaderEpoch === epoch;
  const given = vote(sentinel, primary, epoch, candidate);
  if (given.epoch > epoch) mark(sentinel.host, 'sentinelVoteTooLate');
  else if (hasVoted) mark(sentinel.host, given.leader === candidate ? 'sentinelVoteRepeated' : 'sentinelVoteRefused');
  return given;
};

const primaryAt = (sentinel: Sentinel, hostname: Bytes, port: number): WatchedPrimary | null => {
  for (const primary of sentinel.primaries.values()) {
    if (primary.address.port === port && sentinel.isAt(primary.address, hostname)) return primary;
  }
  return null;
};

/** CKQUORUM: whether those that can be reached are enough for the quorum and for an election. */
export const checkQuorum = (primary: WatchedPrimary): Reply => {
  const peers = [...primary.sentinels.values()];
  const usable = peers.filter((peer) => !peer.isSdown).length + 1;
  const problems: string[] = [];
  if (usable < primary.options.quorum) problems.push(SENTINEL_TEXT.notEnoughForQuorum);
  if (usable < Math.floor((peers.length + 1) / 2) + 1) {
    problems.push('Not enough available Sentinels to reach the majority and authorize a failover');
  }
  if (problems.length > 0) return new ErrorReply(`NOQUORUM ${usable} usable Sentinels. ${problems.join('. ')}`);
  return new Status(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
};
