/**
 * What a node sends over the bus: headers about itself, gossip about others, and the messages made of them.
 * Source: clusterBuildMessageHdr, clusterSendPing, clusterSendFail, clusterSendUpdate, clusterBroadcastPong and the like in
 * cluster.c of Redis 7.0.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import type { BusLink } from './busLink.ts';
import {
  type Header, MESSAGE_FLAG, type MessageBody, type MessageType, encodeMessage, identityWire,
} from './busMessage.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState, Speaker } from './clusterState.ts';

/** Gossip is about one node in so many, and no fewer than so many. */
const GOSSIP_SHARE = 10;
const GOSSIP_MIN = 3;
/** Draws for each entry that is wanted, before it is given up. */
const GOSSIP_DRAWS = 3;

/** About ourselves; a replica speaks of its primary's slots and epoch. */
const header = (state: ClusterState, type: MessageType, messageFlags: number): Header => {
  const { myself } = state;
  const owner = !myself.isPrimary && myself.primary !== null ? myself.primary : myself;
  const paused = myself.isPrimary && state.manualFailover !== null ? MESSAGE_FLAG.paused : 0;
  const speaker = speakerOf(state, owner);
  return {
    type, sender: speaker.sender, slots: speaker.slots, primary: speaker.primary, ip: speaker.ip, identity: speaker.identity,
    port: state.announcedPort, busPort: state.announcedBusPort, flags: myself.flags, isOk: state.isOk,
    messageFlags: messageFlags | paused, currentEpoch: state.currentEpoch, configEpoch: owner.configEpoch,
    offset: state.services.offset(),
  };
};

/** Who speaks, of which slots: encoded once for each change. */
const speakerOf = (state: ClusterState, owner: ClusterNode): Speaker => {
  const { myself: { name: sender, primary: followed }, announcedIp: ip, speaker } = state;
  const slots = owner.slots.bitmap;
  const primary = followed?.name ?? null;
  if (speaker !== null && speaker.slots === slots && speaker.primary === primary && speaker.ip === ip && speaker.sender === sender) {
    return speaker;
  }
  state.speaker = { sender, slots, primary, ip, identity: identityWire({ sender, slots, primary, ip }) };
  return state.speaker;
};

const NOTHING: MessageBody = { kind: 'none' };

const send = (state: ClusterState, link: BusLink, type: MessageType, body: MessageBody, messageFlags = 0): void => {
  state.count('sent', type);
  link.send(encodeMessage(header(state, type, messageFlags), body));
};

/** The same to every node that we have a link to. */
const broadcast = (state: ClusterState, type: MessageType, body: MessageBody, messageFlags = 0): void => {
  let message: Bytes | null = null;
  for (const node of state.allNodes) {
    if (node.link === null || node.isMyself || node.isHandshake) continue;
    message ??= encodeMessage(header(state, type, messageFlags), body);
    state.count('sent', type);
    node.link.send(message);
  }
};

/** PING, PONG or MEET, with gossip. A ping's time is kept until it is answered. */
export const sendPing = (state: ClusterState, link: BusLink, type: 'ping' | 'pong' | 'meet'): void => {
  if (link.node !== null && !link.isInbound && type === 'ping') link.node.pingSentMs = state.nowMs;
  const { hostname } = state.myself;
  send(state, link, type, { kind: 'gossip', entries: gossip(state), hostname: hostname === EMPTY ? null : hostname });
};

const gossip = (state: ClusterState): Bytes => {
  const { allNodes: all, services: { random } } = state;
  let fresh = all.length - 2;
  const wanted = Math.min(fresh, Math.max(GOSSIP_MIN, Math.floor(all.length / GOSSIP_SHARE)));
  const chosen: ClusterNode[] = [];
  for (let draws = wanted * GOSSIP_DRAWS; fresh > 0 && chosen.length < wanted && draws > 0; draws--) {
    const node = all[random.below(all.length)] as ClusterNode;
    if (node.isMyself || node.isPfail) continue;
    if (node.isHandshake || node.hasNoAddress || (node.link === null && node.slots.count === 0)) {
      fresh--;
      continue;
    }
    if (chosen.includes(node)) continue;
    chosen.push(node);
    fresh--;
  }
  // Failures travel fastest when everybody always hears of them.
  if (state.pfailNodes > 0) for (const node of all) if (node.isPfail && !node.isHandshake && !node.hasNoAddress) chosen.push(node);
  let entries = '';
  for (const node of chosen) entries += node.gossip;
  return bytes(entries);
};

/** To all, or to the other replicas of our primary (of ourselves, for a primary). */
export const broadcastPong = (state: ClusterState, to: 'all' | 'siblings'): void => {
  const { myself } = state;
  const primary = myself.isPrimary ? myself : myself.primary;
  for (const node of state.allNodes) {
    if (node.link === null || node.isMyself || node.isHandshake) continue;
    if (to === 'siblings' && (node.primary === null || node.primary !== primary)) continue;
    sendPing(state, node.link, 'pong');
  }
};

export const broadcastFail = (state: ClusterState, failing: ClusterNode): void =>
  broadcast(state, 'fail', { kind: 'fail', name: failing.name });

export const broadcastPublish = (state: ClusterState, channel: Bytes, message: Bytes): void =>
  broadcast(state, 'publish', { kind: 'publish', channel, message });

/** Shard channels stay within the shard. */
export const publishToShardPeers = (state: ClusterState, channel: Bytes, message: Bytes): void => {
  const { myself } = state;
  const primary = myself.isPrimary ? myself : myself.primary;
  for (const node of state.allNodes) {
    if (node.link === null || node.isMyself || node.isHandshake) continue;
    if (node !== primary && (node.primary === null || node.primary !== primary)) continue;
    send(state, node.link, 'publishshard', { kind: 'publish', channel, message });
  }
};

export const broadcastAuthRequest = (state: ClusterState): void =>
  broadcast(state, 'auth-req', NOTHING, state.manualFailover === null ? 0 : MESSAGE_FLAG.forceAck);

export const sendVote = (state: ClusterState, candidate: ClusterNode): void => {
  if (candidate.link !== null) send(state, candidate.link, 'auth-ack', NOTHING);
};

export const sendManualFailoverStart = (state: ClusterState, primary: ClusterNode): void => {
  if (primary.link !== null) send(state, primary.link, 'mfstart', NOTHING);
};

/** Tells a node that `owner` serves other slots than it thinks. */
export const sendUpdate = (state: ClusterState, link: BusLink | null, owner: ClusterNode): void => {
  if (link === null) return;
  send(state, link, 'update', {
    kind: 'update', configEpoch: owner.configEpoch, name: owner.name, slots: owner.slots.bitmap,
  });
};
