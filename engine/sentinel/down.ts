/**
 * Who is down: subjectively (this sentinel hears nothing valid for long enough) and objectively (enough sentinels agree).
 * Source: sentinelCheckSubjectivelyDown, sentinelCheckObjectivelyDown, sentinelAskMasterStateToOtherSentinels and
 * sentinelReceiveIsMasterDownReply in sentinel.c of Redis 7.0.
 */
import { bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import { SENTINEL_COMMAND, SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import type { Reply } from '../protocol/reply.ts';
import type { Instance, PeerSentinel, WatchedPrimary } from './instance.ts';
import { send } from './sendCommand.ts';
import type { Sentinel } from './sentinel.ts';

/** A pub/sub connection that is silent for so many hello periods is made anew. */
const SILENT_HELLO_PERIODS = 3;
/** What another sentinel said counts for so many ask periods. */
const ANSWER_ASK_PERIODS = 5;

export const checkSubjectivelyDown = (sentinel: Sentinel, instance: Instance): void => {
  const now = sentinel.nowMs;
  const { link } = instance;
  let silentMs = 0;
  if (link.activePingMs !== 0) silentMs = now - link.activePingMs;
  else if (link.isDisconnected && !link.isOpening) silentMs = now - link.lastAvailableMs;
  closeStaleLinks(sentinel, instance, now);
  const isDown = silentMs > instance.downAfterMs || (instance.kind === 'primary' && isMisplaced(sentinel, instance, now));
  if (isDown && !instance.isSdown) {
    instance.sdownSinceMs = now;
    instance.isSdown = true;
    sentinel.event('warning', SENTINEL_EVENT.sdown, instance, '', [link.availableCause]);
    instance.sdownCause = sentinel.host.cause();
  } else if (!isDown && instance.isSdown) {
    if (instance.kind === 'primary' && !instance.isOdown) mark(sentinel.host, 'sentinelSdownAlone');
    instance.isSdown = false;
    instance.scriptKillSent = false;
    instance.sdownCause = link.availableCause;
    sentinel.event('warning', SENTINEL_EVENT.noSdown, instance, '', [link.availableCause]);
  }
};

/** A primary that calls itself a replica for too long, or came back from a reboot and does not answer. */
const isMisplaced = (sentinel: Sentinel, primary: WatchedPrimary, now: number): boolean => {
  const roleMs = primary.downAfterMs + sentinel.periods.info * 2;
  if (primary.roleReported === 'replica' && now - primary.roleReportedMs > roleMs) return true;
  return primary.isRebooting && now - primary.rebootedMs > primary.options.rebootDownAfterMs;
};

/** A connection may be dead without a word: where a reply is long overdue it is made anew. */
const closeStaleLinks = (sentinel: Sentinel, { link, downAfterMs }: Instance, now: number): void => {
  const { minLinkReconnect, publish } = sentinel.periods;
  if (link.commands !== null && now - link.commandsOpenedMs > minLinkReconnect && link.activePingMs !== 0
    && now - link.activePingMs > downAfterMs / 2 && now - link.lastPongMs > downAfterMs / 2) link.closeCommands();
  if (link.pubsub !== null && now - link.pubsubOpenedMs > minLinkReconnect
    && now - link.pubsubActivityMs > publish * SILENT_HELLO_PERIODS) link.closePubsub();
};

export const checkObjectivelyDown = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  if (!primary.isSdown && !primary.isOdown) return;
  const { quorum } = primary.options;
  const agreeing = [...primary.sentinels.values()].filter((peer) => peer.saysDown);
  const count = primary.isSdown ? agreeing.length + 1 : 0;
  const isDown = primary.isSdown && count >= quorum;
  if (isDown === primary.isOdown) return;
  primary.isOdown = isDown;
  const because = [primary.sdownCause, ...agreeing.map((peer) => peer.downReplyCause)];
  if (isDown) {
    primary.odownSinceMs = sentinel.nowMs;
    primary.odownCause = sentinel.host.cause();
    sentinel.event('warning', SENTINEL_EVENT.odown, primary, ` #quorum ${count}/${quorum}`, because);
    sentinel.host.note({ kind: 'odown', name: primary.name, agreeing: count, quorum, because });
  } else {
    mark(sentinel.host, 'sentinelOdownRevoked');
    sentinel.event('warning', SENTINEL_EVENT.noOdown, primary, '', because);
  }
};

/**
 * Asks the other sentinels whether they hold the primary to be down; during a failover that is the request for their votes.
 * `isForced`: at once, whenever they were last asked.
 */
export const askOthers = (sentinel: Sentinel, primary: WatchedPrimary, isForced: boolean): void => {
  const now = sentinel.nowMs;
  const { ask } = sentinel.periods;
  const { address } = primary;
  for (const peer of primary.sentinels.values()) {
    const elapsedMs = now - peer.lastDownReplyMs;
    if (elapsedMs > ask * ANSWER_ASK_PERIODS) {
      peer.saysDown = false;
      peer.leader = null;
    }
    if (!primary.isSdown || peer.link.isDisconnected || (!isForced && elapsedMs < ask)) continue;
    const candidate = primary.isFailingOver ? sentinel.id : bytes('*');
    send(peer, [
      sentinel.command(primary, 'SENTINEL'), bytes(SENTINEL_COMMAND.isPrimaryDown), sentinel.shown(address), bytes(String(address.port)),
      bytes(String(sentinel.currentEpoch)), candidate,
    ], (reply) => takeAnswer(sentinel, peer, reply));
  }
};

/** Anything but [down, leader, epoch] is ignored. */
const takeAnswer = (sentinel: Sentinel, peer: PeerSentinel, reply: Reply): void => {
  if (!Array.isArray(reply) || reply.length !== 3) return;
  const [isDown, leader, epoch] = reply as readonly Reply[];
  if (typeof isDown !== 'number' || typeof leader !== 'string' || typeof epoch !== 'number') return;
  peer.lastDownReplyMs = sentinel.nowMs;
  peer.saysDown = isDown === 1;
  peer.downReplyCause = sentinel.host.cause();
  if (leader === '*') return;
  if (peer.leaderEpoch !== epoch) sentinel.host.log('warning', `${peer.name} voted for ${leader} ${epoch}`);
  peer.leader = leader;
  peer.leaderEpoch = epoch;
};
