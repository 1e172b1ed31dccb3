/**
 * What a node makes of each message of the bus.
 *
 * Always holds: nothing but a MEET is believed of a node that is not known; numbers of the wire change state only through the
 * rules for epochs.
 * Source: clusterProcessPacket, clusterProcessGossipSection in cluster.c of Redis 7.0.
 */
import { type Bytes, EMPTY, detach } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { BusLink } from './busLink.ts';
import { type BusMessage, type Header, MESSAGE_FLAG, NODE_FLAG } from './busMessage.ts';
import { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { voteIfDeserved } from './election.ts';
import { addReport, clearFail, markFailing, reportCount, setFail } from './failureDetection.ts';
import { GOSSIP_BYTES, type GossipEntry, readEntry, readFlags, readPongSeconds } from './gossip.ts';
import { acceptManualFailover } from './manualFailover.ts';
import { sendPing } from './messenger.ts';
import { correctStaleClaims, noteEpochs, resolveCollision, takeClaims } from './slotConfiguration.ts';

/** A pong time of another's clock may be so far ahead of ours. */
const CLOCK_TOLERANCE_MS = 500;

export const receive = (state: ClusterState, link: BusLink, message: BusMessage): void => {
  const { header, body } = message;
  const sender = link.node !== null && !link.node.isHandshake ? link.node : state.nodes.get(header.sender) ?? null;
  if (sender !== null) {
    sender.dataReceivedMs = state.nowMs;
    sender.heardCause = state.services.host.cause();
    if (!sender.isHandshake && !sender.isMyself) takeEpochs(state, sender, header);
  }
  switch (body.kind) {
    case 'gossip':
      takeGossipMessage(state, link, sender, message, body.entries, body.hostname);
      return;
    case 'fail':
      if (sender !== null) takeFail(state, sender, body.name);
      else state.services.host.log('notice', `Ignoring FAIL message from unknown node ${header.sender} about ${body.name}`);
      return;
    case 'publish':
      if (sender !== null) state.services.publish(body.channel, body.message, header.type === 'publishshard');
      return;
    case 'update':
      if (sender !== null) takeUpdate(state, body.name, body.configEpoch, body.slots);
      return;
    case 'none': if (sender !== null) takePlain(state, link, sender, message);
  }
};

const takeEpochs = (state: ClusterState, sender: ClusterNode, header: Header): void => {
  if (header.currentEpoch > state.currentEpoch) {
    state.currentEpoch = header.currentEpoch;
    noteEpochs(state);
  }
  if (header.configEpoch > sender.configEpoch) {
    sender.configEpoch = header.configEpoch;
    state.saveDurably();
  }
  sender.offset = header.offset;
  sender.offsetMs = state.nowMs;
  const failover = state.manualFailover;
  if (failover !== null && !state.myself.isPrimary && state.myself.primary === sender && failover.primaryOffset === -1
    && (header.messageFlags & MESSAGE_FLAG.paused) !== 0) {
    failover.primaryOffset = header.offset;
    state.mustHandleManualFailover = true;
    state.services.host.log('warning', `Received replication offset for paused master manual failover: ${header.offset}`);
  }
};

const takePlain = (state: ClusterState, link: BusLink, sender: ClusterNode, message: BusMessage): void => {
  const { type, currentEpoch } = message.header;
  if (type === 'auth-req') voteIfDeserved(state, sender, message);
  else if (type === 'auth-ack') {
    if (!sender.isVoter || currentEpoch < state.election.epoch) return;
    state.election.votes++;
    state.mustHandleFailover = true;
  } else if (type === 'mfstart' && sender.primary === state.myself) acceptManualFailover(state, sender, link);
};

const takeFail = (state: ClusterState, sender: ClusterNode, name: Bytes): void => {
  const failing = state.nodes.get(name);
  if (failing === undefined || failing.isFail || failing.isMyself) return;
  state.services.host.log('notice', `FAIL message received from ${sender.name} about ${name}`);
  mark(state.services.host, 'clusterFailHeard');
  setFail(state, failing);
  state.services.host.note({
    kind: 'cluster', event: 'told', node: name, detail: '', epoch: state.currentEpoch, reporters: [sender.name],
    because: [failing.failCause],
  });
};

const takeUpdate = (state: ClusterState, name: Bytes, configEpoch: number, slots: Bytes): void => {
  const node = state.nodes.get(name);
  if (node === undefined || node.configEpoch >= configEpoch) return;
  state.setAsPrimary(node);
  node.configEpoch = configEpoch;
  state.saveDurably();
  takeClaims(state, node, configEpoch, slots);
};

/** PING, PONG and MEET. */
const takeGossipMessage = (
  state: ClusterState, link: BusLink, sender: ClusterNode | null, message: BusMessage, entries: Bytes,
  hostname: Bytes | null,
): void => {
  const { header } = message;
  if (header.type !== 'pong') answer(state, link, sender, header, entries);
  if (!link.isInbound && !completeHandshake(state, link, sender, header)) return;
  // Met by ourselves, or somebody has our name: what we are we know.
  if (sender === null || sender.isMyself) return;
  sender.neverFailsOver = (header.flags & NODE_FLAG.noFailover) !== 0;
  if (header.type === 'ping' && !sender.isHandshake) updateAddress(state, sender, link, header);
  if (!link.isInbound && header.type === 'pong') takePong(state, link.node as ClusterNode);
  takeRole(state, sender, header);
  const owner = sender.isPrimary ? sender : sender.primary;
  const differs = owner !== null && owner.slots.bitmap !== header.slots;
  if (sender.isPrimary && differs) takeClaims(state, sender, header.configEpoch, header.slots);
  if (differs) correctStaleClaims(state, sender, header.configEpoch, header.slots);
  if (header.configEpoch === state.myself.configEpoch) resolveCollision(state, sender);
  takeGossip(state, sender, entries);
  takeHostname(state, sender, hostname);
};

const takeHostname = (state: ClusterState, sender: ClusterNode, hostname: Bytes | null): void => {
  const name = hostname ?? EMPTY;
  if (sender.hostname === name) return;
  sender.hostname = detach(name);
  state.mustSave = true;
};

/** PING and MEET: our own address is learnt by them, a stranger by MEET; they are answered in any case. */
const answer = (
  state: ClusterState, link: BusLink, sender: ClusterNode | null, header: Header, entries: Bytes,
): void => {
  const { myself, services: { host } } = state;
  if ((header.type === 'meet' || myself.ip === EMPTY) && state.announcedIp === EMPTY) {
    const ip = link.localAddress;
    if (ip !== EMPTY && ip !== myself.ip) {
      myself.ip = ip;
      host.log('warning', `IP address for this node updated to ${ip}`);
      state.mustSave = true;
    }
  }
  if (sender === null && header.type === 'meet') {
    const node = new ClusterNode(state.randomName(), state.nowMs);
    node.isHandshake = true;
    node.ip = header.ip === EMPTY ? link.remoteAddress : detach(header.ip);
    node.port = header.port;
    node.busPort = header.busPort;
    state.addNode(node);
    state.mustSave = true;
    takeGossip(state, null, entries);
  }
  sendPing(state, link, 'pong');
};

/** Over our own link: who answers there? False: the link is of no more use. */
const completeHandshake = (state: ClusterState, link: BusLink, sender: ClusterNode | null, header: Header): boolean => {
  const node = link.node as ClusterNode;
  const { host } = state.services;
  if (node.isHandshake) {
    if (sender !== null) {
      host.log('verbose', `Handshake: we already know node ${header.sender}, updating the address if needed.`);
      updateAddress(state, sender, link, header);
      state.removeNode(node);
      return false;
    }
    state.rename(node, detach(header.sender));
    host.log('debug', `Handshake with node ${header.sender} completed.`);
    node.isHandshake = false;
    node.needsMeet = false;
    node.role = (header.flags & NODE_FLAG.primary) !== 0 ? 'primary' : 'replica';
    state.mustSave = true;
  } else if (node.name !== header.sender) {
    host.log('debug', `PONG contains mismatching sender ID. About node ${node.name} added ${state.nowMs - node.createdMs} ms ago, `
      + `having flags ${node.flags}`);
    node.hasNoAddress = true;
    node.ip = EMPTY;
    node.port = 0;
    node.busPort = 0;
    link.close();
    node.link = null;
    state.mustSave = true;
    return false;
  }
  if (header.type === 'pong' && sender === null) takePong(state, node);
  return true;
};

/** Its address as the connection shows it, or as it announces it. */
const updateAddress = (state: ClusterState, node: ClusterNode, link: BusLink, header: Header): void => {
  // Over our own link we know the address already: that is where we connected to.
  if (link === node.link) return;
  const ip = header.ip === EMPTY ? link.remoteAddress : header.ip;
  if (node.port === header.port && node.busPort === header.busPort && node.ip === ip) return;
  node.ip = detach(ip);
  node.port = header.port;
  node.busPort = header.busPort;
  node.link?.close();
  node.link = null;
  node.hasNoAddress = false;
  state.services.host.log('warning', `Address updated for node ${node.name}, now ${ip}:${node.port}`);
  const { myself } = state;
  if (!myself.isPrimary && myself.primary === node) state.services.follow(node.ip, node.port);
  state.mustSave = true;
  state.mustUpdate = true;
};

const takePong = (state: ClusterState, node: ClusterNode): void => {
  node.pongReceivedMs = state.nowMs;
  node.pingSentMs = 0;
  if (node.isPfail) {
    mark(state.services.host, 'clusterPfailWithoutFail');
    node.isPfail = false;
    state.services.host.note({
      kind: 'cluster', event: 'recovered', node: node.name, detail: 'it was not found to have failed', epoch: state.currentEpoch,
      because: [state.services.host.cause()],
    });
    state.mustSave = true;
    state.mustUpdate = true;
  } else if (node.isFail) clearFail(state, node);
};

const takeRole = (state: ClusterState, sender: ClusterNode, header: Header): void => {
  if (header.primary === null) {
    state.setAsPrimary(sender);
    return;
  }
  if (sender.isPrimary) {
    state.dropSlotsOf(sender);
    sender.role = 'replica';
    sender.mayGetReplicas = false;
    state.mustSave = true;
    state.mustUpdate = true;
  }
  const primary = state.nodes.get(header.primary);
  if (primary === undefined || sender.primary === primary) return;
  state.setPrimaryOf(sender, primary);
  state.mustSave = true;
};

/** What another node says of third ones. */
const takeGossip = (state: ClusterState, sender: ClusterNode | null, entries: Bytes): void => {
  for (let at = 0; at < entries.length; at += GOSSIP_BYTES) {
    const node = state.nodeNamed(entries, at);
    if (node === null) takeUnknown(state, sender, readEntry(entries, at));
    else if (isNothingNew(node, readFlags(entries, at))) takePongTime(state, node, readPongSeconds(entries, at));
    else takeEntry(state, sender, node, readEntry(entries, at));
  }
};

/** A node that is well, by all accounts. */
const isNothingNew = (node: ClusterNode, flags: number): boolean =>
  (flags & (NODE_FLAG.fail | NODE_FLAG.pfail)) === 0 && !node.isPfail && !node.isFail && !node.hasFailReports;

const takePongTime = (state: ClusterState, node: ClusterNode, pongReceivedSeconds: number): void => {
  const pongMs = pongReceivedSeconds * 1000;
  if (pongMs <= node.pongReceivedMs || node.pingSentMs !== 0) return;
  if (pongMs <= state.nowMs + CLOCK_TOLERANCE_MS) node.pongReceivedMs = pongMs;
};

const takeUnknown = (state: ClusterState, sender: ClusterNode | null, entry: GossipEntry): void => {
  if (sender === null || (entry.flags & (NODE_FLAG.noAddress | NODE_FLAG.handshake)) !== 0 || state.isForgotten(entry.name)) return;
  const added = new ClusterNode(detach(entry.name), state.nowMs);
  added.role = (entry.flags & NODE_FLAG.replica) !== 0 ? 'replica' : 'primary';
  added.isPfail = (entry.flags & NODE_FLAG.pfail) !== 0;
  added.isFail = (entry.flags & NODE_FLAG.fail) !== 0;
  added.mayGetReplicas = (entry.flags & NODE_FLAG.migrateTo) !== 0;
  added.neverFailsOver = (entry.flags & NODE_FLAG.noFailover) !== 0;
  setAddress(added, entry);
  state.addNode(added);
};

const setAddress = (node: ClusterNode, entry: GossipEntry): void => {
  node.ip = detach(entry.ip);
  node.port = entry.port;
  node.busPort = entry.busPort;
};

const takeEntry = (state: ClusterState, sender: ClusterNode | null, node: ClusterNode, entry: GossipEntry): void => {
  const { host } = state.services;
  const isFailing = (entry.flags & (NODE_FLAG.fail | NODE_FLAG.pfail)) !== 0;
  if (sender !== null && sender.isPrimary && !node.isMyself) {
    if (isFailing) {
      if (addReport(state, node, sender)) host.log('verbose', `Node ${sender.name} reported node ${node.name} as not reachable.`);
      markFailing(state, node);
    } else if (node.hasFailReports && node.failReports.delete(sender)) {
      host.log('verbose', `Node ${sender.name} reported node ${node.name} is back online.`);
    }
  }
  if (!isFailing && node.pingSentMs === 0 && reportCount(state, node) === 0) takePongTime(state, node, entry.pongReceivedSeconds);
  const hasMoved = node.ip !== entry.ip || node.port !== entry.port || node.busPort !== entry.busPort;
  if ((node.isFail || node.isPfail) && !isFailing && (entry.flags & NODE_FLAG.noAddress) === 0 && hasMoved) {
    node.link?.close();
    node.link = null;
    setAddress(node, entry);
    node.hasNoAddress = false;
  }
};
