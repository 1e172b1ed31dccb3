/**
 * The cluster part of one node: its bus, its timer, what it does at the end of each turn, and the file that it keeps.
 *
 * Always holds: nodes.conf is written and synced before sockets are written, when a vote, an election or an epoch rests on it.
 * Source: clusterInit, clusterCron, clusterBeforeSleep, clusterSaveConfig in cluster.c of Redis 7.0.
 */
import { type Connection, type ConnectionHandlers, type Host, HostFileError } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { readWhole, replaceFile } from '../persistence/configRewrite.ts';
import { BusLink } from './busLink.ts';
import { MESSAGE_TYPES, decodeMessage } from './busMessage.ts';
import { NODE_NAME_LENGTH } from './busWire.ts';
import type { ClusterNode } from './clusterNode.ts';
import { type ClusterServices, ClusterState } from './clusterState.ts';
import { handleReplicaFailover } from './election.ts';
import { Health } from './health.ts';
import { closeFullLinks } from './linkLimit.ts';
import { adoptLoadedSlots } from './loadedSlots.ts';
import { checkManualFailoverTimeout, handleManualFailover } from './manualFailover.ts';
import { sendPing } from './messenger.ts';
import { CHECK_AT, NODE_TIMES } from './nodeTimes.ts';
import { loadNodesConf, nodesConfText, ownName } from './nodesConf.ts';
import { receive } from './receive.ts';
import { migrateToOrphan, replicasOfOrphans } from './replicaMigration.ts';
import { noteEpochs } from './slotConfiguration.ts';
import { noteMovedSlots } from './slotNotes.ts';

const TICK_MS = ms(100);
const HANDSHAKE_MS_MIN = 1000;
/** A random node is pinged once in so many ticks; the one of so many draws whose pong is oldest. */
const RANDOM_PING_TICKS = 10;
const RANDOM_PING_DRAWS = 5;

export class Cluster {
  readonly state: ClusterState;
  private readonly services: ClusterServices;
  private readonly health: Health = new Health();
  private ticks = 0;
  /** The `cluster-node-timeout` by which it is known when to look at a node. */
  private checkedTimeoutMs = 0;
  /** DEBUG DROP-CLUSTER-PACKET-FILTER: messages of this type are not heard; -1: all are. */
  dropFilter = -1;
  private readonly user = {
    received: (link: BusLink, message: Bytes): void => this.received(link, message),
    lost: (link: BusLink, reason: string): void => this.lost(link, reason),
  };

  /** Reads nodes.conf. Throws `ConfigError` for one that is damaged, or cannot be read. */
  constructor(services: ClusterServices) {
    this.services = services;
    const file = services.settings.text('cluster-config-file');
    const text = readNodesConf(services.host, file);
    const known = text === null || text === EMPTY ? null : ownName(text, file);
    this.state = new ClusterState(services, known ?? services.random.hex(NODE_NAME_LENGTH));
    if (known !== null && text !== null) {
      loadNodesConf(this.state, text, file);
      services.host.log('notice', `Node configuration loaded, I'm ${known}`);
    } else {
      services.host.log('notice', `No cluster configuration found, I'm ${this.state.myself.name}`);
      this.state.mustSave = true;
    }
    this.updateMyself();
  }

  /** The bus listens: the timer runs from now on. */
  start(): void {
    adoptLoadedSlots(this.state);
    this.save();
    noteEpochs(this.state);
    noteMovedSlots(this.state);
    this.schedule();
  }

  accept(connection: Connection): ConnectionHandlers {
    const link = new BusLink(this.user, null, true, this.state.nowMs);
    link.opened(connection);
    return link.handlers;
  }

  /** In beforeSleep's place: what messages and commands of this turn made necessary. */
  endOfTurn(): void {
    const { state } = this;
    if (state.mustHandleManualFailover) {
      if (!state.myself.isPrimary) {
        handleManualFailover(state);
        handleReplicaFailover(state);
      }
      state.mustHandleManualFailover = false;
    } else if (state.mustHandleFailover) handleReplicaFailover(state);
    if (state.mustUpdate) this.health.update(state);
    if (state.mustSave) this.save(state.mustSync);
    noteMovedSlots(state);
  }

  /**
   * A failed save ends the process: its promises could not be kept. Without `isDurable` a power loss may bring the file before back,
   * as redis-server has it for what gossip will tell again.
   */
  save(isDurable = true): void {
    const { host, settings } = this.services;
    this.state.mustSave = false;
    if (isDurable) this.state.mustSync = false;
    try {
      replaceFile(host, settings.text('cluster-config-file'), nodesConfText(this.state), isDurable);
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      host.log('warning', `Fatal: can't update cluster config file: ${failure.message}`);
      // What was said in this turn rests on what could not be saved: it must not leave.
      for (const { link, inboundLink } of this.state.nodes.values()) {
        link?.abandon();
        inboundLink?.abandon();
      }
      host.exit(1);
    }
  }

  /** What is announced of us changed, or may have. */
  updateMyself(): void {
    const { state, services: { settings } } = this;
    const { myself } = state;
    myself.port = state.announcedPort;
    myself.busPort = state.announcedBusPort;
    if (state.announcedIp !== EMPTY) myself.ip = state.announcedIp;
    myself.hostname = settings.text('cluster-announce-hostname');
    myself.neverFailsOver = settings.flag('cluster-replica-no-failover');
  }

  private readonly schedule = (): void => {
    this.services.host.setTimer(TICK_MS, this.tickAndSchedule);
  };

  private readonly tickAndSchedule = (): void => {
    this.tick();
    this.schedule();
  };

  private tick(): void {
    const { state } = this;
    const { myself } = state;
    this.ticks++;
    this.updateMyself();
    state.pfailNodes = 0;
    const now = state.nowMs;
    closeFullLinks(state);
    if (state.nodeTimeoutMs !== this.checkedTimeoutMs || state.manualFailover !== null) this.checkAll();
    this.reconnectAll(now);
    if (this.ticks % RANDOM_PING_TICKS === 0) this.pingSomebody();
    const hasNewFailure = this.checkNodes();
    const replicasMax = replicasOfOrphans(state);
    if (!myself.isPrimary && this.services.followed() === null && myself.primary !== null && !myself.primary.hasNoAddress) {
      this.services.follow(myself.primary.ip, myself.primary.port);
    }
    checkManualFailoverTimeout(state);
    if (!myself.isPrimary) {
      handleManualFailover(state);
      handleReplicaFailover(state);
      if (replicasMax > 0 && this.services.settings.flag('cluster-allow-replica-migration')) migrateToOrphan(state, replicasMax);
    }
    if (hasNewFailure || !state.isOk) this.health.update(state);
  }

  /** Every node is to be looked at by this tick. */
  private checkAll(): void {
    const { state } = this;
    this.checkedTimeoutMs = state.nodeTimeoutMs;
    const { nodeTimes } = state;
    for (let at = CHECK_AT; at < nodeTimes.length; at += NODE_TIMES) nodeTimes[at] = 0;
  }

  private reconnectAll(now: number): void {
    const { allNodes, nodeTimes } = this.state;
    for (let index = 0; index < allNodes.length; index++) {
      if ((nodeTimes[index * NODE_TIMES + CHECK_AT] as number) <= now) this.reconnect(allNodes[index] as ClusterNode, now);
    }
  }

  private reconnect(node: ClusterNode, now: number): void {
    const { state, services: { host, settings } } = this;
    if (node.isMyself || node.hasNoAddress) return;
    if (node.isPfail) state.pfailNodes++;
    if (node.isHandshake && now - node.createdMs > Math.max(state.nodeTimeoutMs, HANDSHAKE_MS_MIN)) {
      state.removeNode(node);
      return;
    }
    if (node.link !== null) return;
    const link = new BusLink(this.user, node, false, now);
    node.link = link;
    const bind = settings.text('bind-source-addr');
    const options = { keepAliveMs: ms(0), bind: bind === EMPTY ? null : bind, isTls: settings.flag('tls-cluster') };
    host.connect(node.ip, node.busPort, options, link.handlers, (result) => {
      if (typeof result !== 'string') {
        this.connected(link, node, result);
        return;
      }
      host.log('verbose', `Connection with Node ${node.name} at ${node.ip}:${node.busPort} failed: ${result}`);
      // On one's own machine a refusal comes at once, before a ping could be queued: failure detection needs one.
      if (result === 'refused' && node.ip === state.myself.ip && node.pingSentMs === 0) node.pingSentMs = state.nowMs;
      link.fail(result);
    });
  }

  private connected(link: BusLink, node: ClusterNode, connection: Connection): void {
    link.opened(connection);
    if (node.link !== link) return;
    const before = node.pingSentMs;
    sendPing(this.state, link, node.needsMeet ? 'meet' : 'ping');
    // An older ping without an answer goes on counting.
    if (before !== 0) node.pingSentMs = before;
    node.needsMeet = false;
  }

  private pingSomebody(): void {
    const { state } = this;
    const all = state.allNodes;
    let oldest: ClusterNode | null = null;
    for (let draw = 0; draw < RANDOM_PING_DRAWS; draw++) {
      const node = all[this.services.random.below(all.length)] as ClusterNode;
      if (node.link === null || node.pingSentMs !== 0 || node.isMyself || node.isHandshake) continue;
      if (oldest === null || oldest.pongReceivedMs > node.pongReceivedMs) oldest = node;
    }
    const link = oldest?.link ?? null;
    if (link !== null) sendPing(state, link, 'ping');
  }

  /** Looks at the nodes that have come to it; true when one is found to be failing. */
  private checkNodes(): boolean {
    const { state } = this;
    const { nowMs, nodeTimeoutMs, allNodes, nodeTimes } = state;
    let hasNewFailure = false;
    for (let index = 0; index < allNodes.length; index++) {
      if ((nodeTimes[index * NODE_TIMES + CHECK_AT] as number) > nowMs) continue;
      const node = allNodes[index] as ClusterNode;
      if (node.isMyself || node.hasNoAddress || node.isHandshake) continue;
      if (this.checkNode(node, nowMs, nodeTimeoutMs)) hasNewFailure = true;
      node.checked(nodeTimeoutMs);
    }
    return hasNewFailure;
  }

  /** Pings what was silent for long, renews dead connections; true when the node is found to be failing. */
  private checkNode(node: ClusterNode, now: number, timeoutMs: number): boolean {
    const { state } = this;
    const pingMs = now - node.pingSentMs;
    const dataMs = now - node.dataReceivedMs;
    if (node.link !== null && now - node.link.createdMs > timeoutMs && node.pingSentMs !== 0 && pingMs > timeoutMs / 2
      && dataMs > timeoutMs / 2) {
      node.link.close();
      node.link = null;
    }
    if (node.link !== null && node.pingSentMs === 0 && now - node.pongReceivedMs > timeoutMs / 2) {
      sendPing(state, node.link, 'ping');
      return false;
    }
    if (node.link !== null && state.myself.isPrimary && state.manualFailover?.replica === node) {
      sendPing(state, node.link, 'ping');
      return false;
    }
    if (node.pingSentMs === 0 || Math.min(pingMs, dataMs) <= timeoutMs || node.isPfail || node.isFail) return false;
    this.services.host.log('debug', `*** NODE ${node.name} possibly failing`);
    node.isPfail = true;
    node.suspectCause = this.services.host.cause();
    this.services.host.note({
      kind: 'cluster', event: 'pfail', node: node.name, detail: '', epoch: state.currentEpoch, because: [node.heardCause],
    });
    return true;
  }

  private received(link: BusLink, text: Bytes): void {
    const { state } = this;
    this.services.host.cost('byte', text.length);
    const message = decodeMessage(text);
    if (typeof message === 'string') {
      state.dropped++;
      this.services.host.log('verbose', `A packet of the cluster bus was dropped (the ${state.dropped}.): ${message}`);
      return;
    }
    state.count('received', message.header.type);
    if (message.header.type === MESSAGE_TYPES[this.dropFilter]) return;
    if (link.isInbound && link.node === null) this.bindInbound(link, message.header.sender);
    receive(state, link, message);
  }

  /** An inbound link belongs to its sender, once that is known. A peer that connects anew may be faster than the end of its old link. */
  private bindInbound(link: BusLink, name: Bytes): void {
    const sender = this.state.nodes.get(name);
    if (sender === undefined || sender.isHandshake || sender.isMyself) return;
    sender.inboundLink?.close();
    sender.inboundLink = link;
    link.node = sender;
  }

  private lost(link: BusLink, reason: string): void {
    const { node } = link;
    if (link.isInbound) {
      if (node?.inboundLink === link) node.inboundLink = null;
    } else if (node?.link === link) node.link = null;
    this.services.host.log('debug', `I/O error with a node of the cluster: ${reason}`);
  }
}

const readNodesConf = (host: Host, file: Bytes): Bytes | null => {
  try {
    return readWhole(host, file);
  } catch (failure) {
    if (!(failure instanceof HostFileError)) throw failure;
    throw new ConfigError(`Can't read the cluster config file ${file}: ${failure.message}`);
  }
};
