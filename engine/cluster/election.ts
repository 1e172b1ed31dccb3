/**
 * How a replica becomes the primary of a failed one: it waits by rank, asks all primaries for their votes, and needs a majority.
 * And the other side: who gets our vote, once an epoch.
 * Source: clusterHandleSlaveFailover, clusterGetSlaveRank, clusterSendFailoverAuthIfNeeded, clusterFailoverReplaceYourMaster in
 * cluster.c of Redis 7.0.
 */
import { type MarkName, mark } from '../core/marks.ts';
import { CLUSTER_BY_HAND } from '../core/notes.ts';
import { type BusMessage, MESSAGE_FLAG } from './busMessage.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { resetManualFailover } from './manualFailover.ts';
import { broadcastAuthRequest, broadcastPong, sendVote } from './messenger.ts';
import { claimsAreNewest, noteEpochs } from './slotConfiguration.ts';
import { slotsOf } from './slots.ts';

const ELECTION_DELAY_MS = 500;
const ELECTION_SPREAD_MS = 500;
const RANK_DELAY_MS = 1000;
const AUTH_TIMEOUTS = 2;
const AUTH_MS_MIN = 2000;
/** A failed attempt is repeated after so many vote windows. */
const RETRY_WINDOWS = 2;
const VOTE_TIMEOUTS = 2;

/** At every tick of a replica, and whenever something changed that may matter. */
export const handleReplicaFailover = (state: ClusterState): void => {
  const { election, myself, services: { host, settings, bugs } } = state;
  state.mustHandleFailover = false;
  const primary = myself.primary;
  const manual = state.manualFailover?.canStart === true;
  if (myself.isPrimary || primary === null || primary.slots.count === 0 || (!primary.isFail && !manual)
    || (settings.flag('cluster-replica-no-failover') && !manual)) return;
  if (!manual && isDataTooOld(state)) return;
  const windowMs = Math.max(state.nodeTimeoutMs * AUTH_TIMEOUTS, AUTH_MS_MIN);
  const now = state.nowMs;
  const ageMs = now - election.timeMs;
  if (ageMs > windowMs * RETRY_WINDOWS) {
    if (election.wasSent && election.votes < state.neededQuorum) mark(host, 'clusterElectionLost');
    schedule(state);
    return;
  }
  if (!election.wasSent && state.manualFailover === null) delayByRank(state);
  if (state.nowMs < election.timeMs || ageMs > windowMs) return;
  if (!election.wasSent) {
    ask(state, primary);
    return;
  }
  if (election.votes < (bugs.electsWithOneVote ? 1 : state.neededQuorum)) return;
  host.log('warning', 'Failover election won: I\'m the new master.');
  if (myself.configEpoch < election.epoch) {
    myself.configEpoch = election.epoch;
    host.log('warning', `configEpoch set to ${myself.configEpoch} after successful failover`);
  }
  host.note({
    kind: 'leader', name: primary.name, epoch: election.epoch, leader: myself.name, votes: election.votes, known: state.size,
    quorum: state.neededQuorum, isForced: false, because: [host.cause()],
  });
  replacePrimary(state);
};

/** A replica that has heard nothing for too long is too far behind to take over. */
const isDataTooOld = (state: ClusterState): boolean => {
  const { settings } = state.services;
  const factor = settings.number('cluster-replica-validity-factor');
  if (factor === 0 || state.services.bugs.validityIgnored) return false;
  const timeoutMs = state.nodeTimeoutMs;
  const ageMs = state.services.dataAgeMs();
  const lateMs = ageMs > timeoutMs ? ageMs - timeoutMs : ageMs;
  const isTooOld = lateMs > settings.number('repl-ping-replica-period') * 1000 + timeoutMs * factor;
  if (isTooOld) mark(state.services.host, 'clusterDataTooOld');
  return isTooOld;
};

const schedule = (state: ClusterState): void => {
  const { election, services: { host, random } } = state;
  const isManual = state.manualFailover !== null;
  election.timeMs = state.nowMs + ELECTION_DELAY_MS + random.below(ELECTION_SPREAD_MS);
  election.votes = 0;
  election.wasSent = false;
  election.rank = isManual ? 0 : rankOf(state);
  election.timeMs += election.rank * RANK_DELAY_MS;
  if (isManual) {
    election.timeMs = state.nowMs;
    state.mustHandleFailover = true;
  }
  host.log('warning', `Start of election delayed for ${election.timeMs - state.nowMs} milliseconds `
    + `(rank #${election.rank}, offset ${state.services.offset()}).`);
  // The siblings learn how much we have, and may step back.
  broadcastPong(state, 'siblings');
};

/** How many siblings have more. */
const rankOf = (state: ClusterState): number => {
  const { myself } = state;
  const own = state.services.offset();
  return myself.primary?.replicas.filter((replica) =>
    replica !== myself && !replica.neverFailsOver && replica.offset > own).length ?? 0;
};

const delayByRank = (state: ClusterState): void => {
  const { election } = state;
  const rank = rankOf(state);
  if (rank <= election.rank) return;
  const addedMs = (rank - election.rank) * RANK_DELAY_MS;
  election.timeMs += addedMs;
  election.rank = rank;
  mark(state.services.host, 'clusterElectionDelayedByRank');
  state.services.host.log('warning', `Replica rank updated to #${rank}, added ${addedMs} milliseconds of delay.`);
};

const ask = (state: ClusterState, primary: ClusterNode): void => {
  const { election, services: { host } } = state;
  state.currentEpoch++;
  election.epoch = state.currentEpoch;
  election.wasSent = true;
  noteEpochs(state);
  host.log('warning', `Starting a failover election for epoch ${election.epoch}.`);
  host.note({
    kind: 'cluster', event: 'election', node: primary.name, detail: state.manualFailover === null ? `rank ${election.rank}` : CLUSTER_BY_HAND,
    epoch: election.epoch, because: [state.manualFailover?.cause ?? primary.failCause],
  });
  broadcastAuthRequest(state);
  state.saveDurably();
  state.mustUpdate = true;
};

/** We are the primary from now on, of all the slots that ours had. */
export const replacePrimary = (state: ClusterState): void => {
  const { myself, services } = state;
  const old = myself.primary;
  if (myself.isPrimary || old === null) return;
  state.setAsPrimary(myself);
  services.promote();
  const slots = slotsOf(old.slots.bitmap);
  for (const slot of slots) {
    state.dropSlot(slot);
    state.assignSlot(slot, myself);
  }
  noteEpochs(state);
  state.mustUpdate = true;
  state.saveDurably();
  broadcastPong(state, 'all');
  resetManualFailover(state);
};

/** A replica asks for our vote. */
export const voteIfDeserved = (state: ClusterState, candidate: ClusterNode, { header }: BusMessage): void => {
  const { myself, services: { host, bugs } } = state;
  if (!myself.isVoter) return;
  const primary = candidate.primary;
  const isForced = (header.messageFlags & MESSAGE_FLAG.forceAck) !== 0;
  const deny = (why: string, reached?: MarkName): void => {
    host.log('warning', `Failover auth denied to ${candidate.name}: ${why}`);
    if (reached !== undefined) mark(host, reached);
  };
  if (header.currentEpoch < state.currentEpoch) {
    deny(`reqEpoch (${header.currentEpoch}) < curEpoch(${state.currentEpoch})`, 'clusterVoteRefusedOldEpoch');
  } else if (state.lastVoteEpoch === state.currentEpoch && !bugs.clusterVotesTwice) {
    deny(`already voted for epoch ${state.currentEpoch}`, 'clusterVoteRefusedTwice');
  } else if (candidate.isPrimary) deny('it is a master node');
  else if (primary === null) deny("I don't know its master");
  else if (!primary.isFail && !isForced) deny('its master is up', 'clusterVoteRefusedPrimaryUp');
  else if (state.nowMs - primary.votedMs < state.nodeTimeoutMs * VOTE_TIMEOUTS && !bugs.clusterVotesTwice) {
    deny(`can't vote about this master before ${state.nodeTimeoutMs * VOTE_TIMEOUTS - (state.nowMs - primary.votedMs)} milliseconds`,
      'clusterVoteRefusedTooSoon');
  } else {
    const newer = claimsAreNewest(state, header.slots, header.configEpoch);
    if (newer !== null) {
      deny(`slot ${newer} epoch (${state.owners[newer]?.configEpoch ?? 0}) > reqEpoch (${header.configEpoch})`,
        'clusterVoteRefusedStaleSlots');
      return;
    }
    primary.votedMs = state.nowMs;
    state.lastVoteEpoch = state.currentEpoch;
    state.saveDurably();
    sendVote(state, candidate);
    host.log('warning', `Failover auth granted to ${candidate.name} for epoch ${state.currentEpoch}`);
    host.note({
      kind: 'vote', name: primary.name, epoch: state.currentEpoch, voter: myself.name, candidate: candidate.name, because: [host.cause()],
    });
  }
};
