/**
 * What a node sends over the bus: headers about itself, gossip about others, and the messages made of them.
 * Source: clusterBuildMessageHdr, clusterSendPing, clusterSendFail, clusterSendUpdate, clusterBroadcastPong and the like in
 * cluster.c of Redis 7.0.
 */
import { type Bytes, EMPTY } from '../core/bytes.ts';
import type { BusLink } from './busLink.ts';
import {
  type GossipEntry, type Header, MESSAGE_FLAG, type MessageBody, type MessageType, encodeMessage,
} from './busMessage.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';

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
  return {
    type, sender: myself.name, slots: owner.slots.bitmap, primary: myself.primary?.name ?? null, ip: state.announcedIp,
    port: state.announcedPort, busPort: state.announcedBusPort, flags: myself.flags, isOk: state.isOk,
    messageFlags: messageFlags | paused, currentEpoch: state.currentEpoch, configEpoch: owner.configEpoch,
    offset: state.services.offset(),
  };
};

const NOTHING: MessageBody = { kind: 'none' };

const send = (state: ClusterState, link: BusLink, type: MessageType, body: MessageBody, messageFlags = 0): void => {
  state.count('sent', type);
  link.send(encodeMessage(header(state, type, messageFlags), body));
};

/** The same to every node that we have a link to. */
const broadcast = (state: ClusterState, type: MessageType, body: MessageBody, messageFlags = 0): void => {
  let message: Bytes | null = null;
  for (const node of state.nodes.values()) {
    if (node.link === null || node.isMyself || node.isHandshake) continue;
    message ??= encodeMessage(header(state, type, messageFlags), body);
    state.count('sent', type);
    node.link.send(message);
  }
};

/** PING, PONG or MEET, with gossip. A ping's time is kept until it is answered. */
export const sendPing = (state: ClusterState, link: BusLink, type: 'ping' | 'pong' | 'meet'): void => {
  if (link.node !== null && type === 'ping') link.node.pingSentMs = state.nowMs;
  const { hostname } = state.myself;
  send(state, link, type, { kind: 'gossip', entries: gossip(state), hostname: hostname === EMPTY ? null : hostname });
};

const gossip = (state: ClusterState): readonly GossipEntry[] => {
  const { nodes, services: { random } } = state;
  let fresh = nodes.size - 2;
  const wanted = Math.min(fresh, Math.max(GOSSIP_MIN, Math.floor(nodes.size / GOSSIP_SHARE)));
  const chosen = new Set<ClusterNode>();
  const all = [...nodes.values()];
  for (let draws = wanted * GOSSIP_DRAWS; fresh > 0 && chosen.size < wanted && draws > 0; draws--) {
    const node = all[random.below(all.length)] as ClusterNode;
    if (node.isMyself || node.isPfail) continue;
    if (node.isHandshake || node.hasNoAddress || (node.link === null && node.slots.count === 0)) {
      fresh--;
      continue;
    }
    if (chosen.has(node)) continue;
    chosen.add(node);
    fresh--;
  }
  // Failures travel fastest when everybody always hears of them.
  if (state.pfailNodes > 0) for (const node of all) if (node.isPfail && !node.isHandshake && !node.hasNoAddress) chosen.add(node);
  return [...chosen].map(gossipEntry);
};

const gossipEntry = (node: ClusterNode): GossipEntry => ({
  name: node.name, pingSentSeconds: Math.floor(node.pingSentMs / 1000), pongReceivedSeconds: Math.floor(node.pongReceivedMs / 1000),
  ip: node.ip, port: node.port, busPort: node.busPort, flags: node.flags,
});

/** To all, or to the other replicas of our primary (of ourselves, for a primary). */
export const broadcastPong = (state: ClusterState, to: 'all' | 'siblings'): void => {
  const { myself } = state;
  const primary = myself.isPrimary ? myself : myself.primary;
  for (const node of state.nodes.values()) {
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
  for (const node of state.nodes.values()) {
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
