/**
 * What one node holds of its cluster: the nodes, who owns which slot, epochs, votes, an election or a manual failover under way.
 *
 * Always holds: a slot's owner has it in its set, and no other node has; what must survive a crash before a message that rests
 * on it leaves is marked by `mustSave`, and saved at the end of the turn, before sockets are written.
 * Source: clusterState in cluster.h of Redis 7.0, and the functions on it in cluster.c.
 */
import type { Host } from '../host.ts';
import { type Bytes, slice } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import type { Random } from '../core/random.ts';
import type { CauseId } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import { type Header, MESSAGE_TYPES, type MessageType } from './busMessage.ts';
import { NODE_NAME_LENGTH, readU32 } from './busWire.ts';
import { ClusterNode } from './clusterNode.ts';
import { resetManualFailover } from './manualFailover.ts';
import { NODE_TIMES, timesOf } from './nodeTimes.ts';
import { SLOTS, slotsOf } from './slots.ts';

/** Named faults of the cluster itself, for proving that the checkers see them. */
export interface ClusterBugs {
  /** Votes for whoever asks, as often as asked in one epoch. */
  readonly clusterVotesTwice: boolean;
  /** Takes slots over without a greater configuration epoch. */
  readonly staleSlotMap: boolean;
  /** A replica stands for election however old its data are. */
  readonly validityIgnored: boolean;
  /** A replica takes one vote for a majority. */
  readonly electsWithOneVote: boolean;
}

export const NO_CLUSTER_BUGS: ClusterBugs = {
  clusterVotesTwice: false, staleSlotMap: false, validityIgnored: false, electsWithOneVote: false,
};

/** What the cluster needs of the server around it. */
export interface ClusterServices {
  readonly host: Host;
  readonly random: Random;
  readonly settings: Settings;
  readonly bugs: ClusterBugs;
  /** Our place in the stream: produced, or applied. */
  offset(): number;
  /** Whom the replication follows; null: nobody. */
  followed(): { readonly host: Bytes; readonly port: number } | null;
  follow(host: Bytes, port: number): void;
  promote(): void;
  /** Milliseconds, in whole seconds, since our primary was last heard, or since the link to it went down. */
  dataAgeMs(): number;
  keysInSlot(slot: number): number;
  deleteKeysInSlot(slot: number): void;
  /** Writes of clients wait for a manual failover; null ends that. */
  pauseWrites(untilMs: number | null): void;
  publish(channel: Bytes, message: Bytes, isShard: boolean): void;
  /** Subscriptions and blocked clients of a slot that went elsewhere. */
  slotLost(slot: number): void;
}

/** `CLUSTER FAILOVER` under way. */
export interface ManualFailover {
  endMs: number;
  /** On the primary: the replica that asked. */
  readonly replica: ClusterNode | null;
  /** On the replica: the primary's offset while it is paused; -1: not told yet. */
  primaryOffset: number;
  /** Nothing has to be waited for any more. */
  canStart: boolean;
  /** The event that asked for it. */
  readonly cause: CauseId;
}

/** Who speaks in a header, and of which slots, with that part of it encoded. */
export type Speaker = Pick<Header, 'sender' | 'slots' | 'primary' | 'ip'> & { readonly identity: string };

export interface OwnedRange {
  readonly first: number;
  readonly last: number;
  readonly owner: ClusterNode;
}

export interface Election {
  /** When it may start, or did. */
  timeMs: number;
  votes: number;
  wasSent: boolean;
  rank: number;
  epoch: number;
}

export class ClusterState {
  readonly services: ClusterServices;
  readonly myself: ClusterNode;
  readonly nodes: Map<Bytes, ClusterNode> = new Map();
  /** The values of `nodes`, made once for each change: ticks and gossip go through all of them. */
  private nodeList: readonly ClusterNode[] | null = null;
  /** The times of all nodes, in the order of that list. */
  private times: Float64Array = timesOf(0);
  /** Nodes by the head of their names. Of several with one head it has the last. */
  private readonly byHead: Map<number, ClusterNode> = new Map();
  /** Removed by FORGET: not added again by gossip until then. */
  readonly forgotten: Map<Bytes, number> = new Map();
  readonly owners: (ClusterNode | null)[] = new Array<ClusterNode | null>(SLOTS).fill(null);
  /** Slots whose owner changed since that was last told, each once. */
  private movedSlots: number[] = [];
  /** Made once for each change: clients ask for the whole map when a primary is gone, all at once. */
  private ranges: readonly OwnedRange[] | null = null;
  private readonly isMoved: Uint8Array = new Uint8Array(SLOTS);
  /** Those of them that a command moved. */
  readonly commandedSlots: Set<number> = new Set();
  readonly migratingTo: Map<number, ClusterNode> = new Map();
  readonly importingFrom: Map<number, ClusterNode> = new Map();
  currentEpoch = 0;
  lastVoteEpoch = 0;
  isOk = false;
  /** Primaries that serve slots; one until they are first counted. */
  size = 1;
  readonly election: Election = { timeMs: 0, votes: 0, wasSent: false, rank: 0, epoch: 0 };
  manualFailover: ManualFailover | null = null;
  /** As the last header had it. */
  speaker: Speaker | null = null;
  readonly sent: number[] = MESSAGE_TYPES.map(() => 0);
  readonly received: number[] = MESSAGE_TYPES.map(() => 0);
  /** Packets that could not be used. */
  dropped = 0;
  /** Links that were closed by `cluster-link-sendbuf-limit`. */
  linksOverLimit = 0;
  pfailNodes = 0;
  /** To be done at the end of the turn. */
  mustSave = false;
  /** What is saved must survive a power loss too. */
  mustSync = false;
  mustUpdate = false;
  mustHandleFailover = false;
  mustHandleManualFailover = false;

  constructor(services: ClusterServices, name: Bytes) {
    this.services = services;
    this.myself = new ClusterNode(name, services.host.wallMs());
    this.myself.isMyself = true;
    this.addNode(this.myself);
  }

  get nowMs(): number {
    return this.services.host.wallMs();
  }

  get nodeTimeoutMs(): number {
    return this.services.settings.number('cluster-node-timeout');
  }

  /** How many of the primaries with slots make a majority. */
  get neededQuorum(): number {
    return Math.floor(this.size / 2) + 1;
  }

  /** To be saved and synced before anything leaves: epochs, votes, slots that were taken over. */
  saveDurably(): void {
    this.mustSave = true;
    this.mustSync = true;
  }

  randomName(): Bytes {
    return this.services.random.hex(NODE_NAME_LENGTH);
  }

  /** All nodes, in the order of `nodes`; a list that never changes. */
  get allNodes(): readonly ClusterNode[] {
    return this.nodeList ?? this.listNodes();
  }

  /** The times of `allNodes`, in their order. */
  get nodeTimes(): Float64Array {
    if (this.nodeList === null) this.listNodes();
    return this.times;
  }

  private listNodes(): readonly ClusterNode[] {
    const list = [...this.nodes.values()];
    this.nodeList = list;
    this.times = timesOf(list.length);
    for (const [index, node] of list.entries()) node.moveTimes(this.times, index * NODE_TIMES);
    return list;
  }

  /** The node whose name stands at `at`; null: none has it. Gossip is full of names: none is cut out to be looked up. */
  nodeNamed(text: Bytes, at: number): ClusterNode | null {
    const node = this.byHead.get(headOf(text, at));
    if (node !== undefined && text.startsWith(node.name, at)) return node;
    return this.nodes.get(slice(text, at, at + NODE_NAME_LENGTH)) ?? null;
  }

  addNode(node: ClusterNode): void {
    this.nodes.set(node.name, node);
    this.byHead.set(headOf(node.name, 0), node);
    this.nodeList = null;
  }

  /** Forgets a node, with its slots, reports and links. */
  removeNode(node: ClusterNode): void {
    this.dropSlotsOf(node);
    for (const [slot, to] of this.migratingTo) if (to === node) this.migratingTo.delete(slot);
    for (const [slot, from] of this.importingFrom) if (from === node) this.importingFrom.delete(slot);
    for (const other of this.nodes.values()) if (other.hasFailReports) other.failReports.delete(node);
    if (node.primary !== null) removeReplica(node.primary, node);
    for (const replica of [...node.replicas]) replica.primary = null;
    node.link?.close();
    node.inboundLink?.close();
    node.link = null;
    node.inboundLink = null;
    this.forgetName(node);
  }

  rename(node: ClusterNode, name: Bytes): void {
    this.forgetName(node);
    node.name = name;
    this.addNode(node);
  }

  private forgetName(node: ClusterNode): void {
    this.nodes.delete(node.name);
    const head = headOf(node.name, 0);
    if (this.byHead.get(head) === node) this.byHead.delete(head);
    this.nodeList = null;
  }

  /** False: somebody owns it. */
  assignSlot(slot: number, node: ClusterNode): boolean {
    if (this.owners[slot] !== null) return false;
    this.owners[slot] = node;
    node.slots.add(slot);
    this.noteMoved(slot);
    return true;
  }

  /** False: nobody owned it. */
  dropSlot(slot: number): boolean {
    const owner = this.owners[slot];
    if (owner === null || owner === undefined) return false;
    if (owner === this.myself || owner === this.myself.primary) this.services.slotLost(slot);
    owner.slots.delete(slot);
    this.owners[slot] = null;
    this.noteMoved(slot);
    return true;
  }

  private noteMoved(slot: number): void {
    this.ranges = null;
    if (this.isMoved[slot] !== 0) return;
    this.isMoved[slot] = 1;
    this.movedSlots.push(slot);
  }

  /** Neighbours with one owner, in order; slots that nobody owns are in none. */
  get ownedRanges(): readonly OwnedRange[] {
    this.ranges ??= rangesOf(this.owners);
    return this.ranges;
  }

  /** Slots whose owner changed since this was last asked, in the order in which they first did. */
  takeMovedSlots(): readonly number[] {
    const { movedSlots } = this;
    if (movedSlots.length === 0) return movedSlots;
    this.movedSlots = [];
    for (const slot of movedSlots) this.isMoved[slot] = 0;
    return movedSlots;
  }

  dropSlotsOf(node: ClusterNode): void {
    if (node.slots.count === 0) return;
    for (const slot of slotsOf(node.slots.bitmap)) this.dropSlot(slot);
  }

  setAsPrimary(node: ClusterNode): void {
    if (node.isPrimary) return;
    if (node.primary !== null) {
      removeReplica(node.primary, node);
      if (node !== this.myself) node.mayGetReplicas = true;
    }
    node.role = 'primary';
    node.primary = null;
    this.mustSave = true;
    this.mustUpdate = true;
  }

  setPrimaryOf(replica: ClusterNode, primary: ClusterNode): void {
    if (replica.primary === primary) return;
    if (replica.primary !== null) removeReplica(replica.primary, replica);
    replica.primary = primary;
    if (!primary.replicas.includes(replica)) primary.replicas.push(replica);
    primary.mayGetReplicas = true;
  }

  /** We follow `primary` from now on. */
  becomeReplicaOf(primary: ClusterNode): void {
    const { myself } = this;
    if (primary === myself) throw new InvariantError('a node cannot follow itself');
    if (myself.isPrimary) {
      myself.role = 'replica';
      myself.mayGetReplicas = false;
      this.migratingTo.clear();
      this.importingFrom.clear();
    }
    this.setPrimaryOf(myself, primary);
    this.services.follow(primary.ip, primary.port);
    resetManualFailover(this);
    mark(this.services.host, 'clusterReconfiguredAsReplica');
    this.mustSave = true;
    this.mustUpdate = true;
  }

  /** The addresses that a message says are the sender's; an empty one is the connection's. */
  get announcedPort(): number {
    const { settings } = this.services;
    const announced = settings.number(settings.flag('tls-cluster') ? 'cluster-announce-tls-port' : 'cluster-announce-port');
    return announced === 0 ? this.clientPort : announced;
  }

  get announcedBusPort(): number {
    const announced = this.services.settings.number('cluster-announce-bus-port');
    return announced === 0 ? this.busPort : announced;
  }

  get busPort(): number {
    const { settings } = this.services;
    const own = settings.number('cluster-port');
    return own === 0 ? this.clientPort + BUS_PORT_OFFSET : own;
  }

  /** Where clients of the cluster come to. */
  private get clientPort(): number {
    const { settings } = this.services;
    return settings.number(settings.flag('tls-cluster') ? 'tls-port' : 'port');
  }

  get announcedIp(): Bytes {
    return this.services.settings.text('cluster-announce-ip');
  }

  isForgotten(name: Bytes): boolean {
    for (const [known, untilMs] of this.forgotten) if (untilMs <= this.nowMs) this.forgotten.delete(known);
    return this.forgotten.has(name);
  }

  /** A node by its address, among those that may be talked to. */
  hasHandshakeWith(ip: Bytes, busPort: number): boolean {
    return [...this.nodes.values()].some((node) => node.isHandshake && node.ip === ip && node.busPort === busPort);
  }

  count(direction: 'sent' | 'received', type: MessageType): void {
    const index = MESSAGE_TYPES.indexOf(type);
    const counts = direction === 'sent' ? this.sent : this.received;
    counts[index] = (counts[index] as number) + 1;
  }
}

const rangesOf = (owners: readonly (ClusterNode | null)[]): readonly OwnedRange[] => {
  const ranges: OwnedRange[] = [];
  let first = 0;
  for (let slot = 1; slot <= SLOTS; slot++) {
    const owner = owners[first] ?? null;
    if (slot < SLOTS && owners[slot] === owner) continue;
    if (owner !== null) ranges.push({ first, last: slot - 1, owner });
    first = slot;
  }
  return ranges;
};

const BUS_PORT_OFFSET = 10_000;

/** Of a name's first eight digits. */
const headOf = (text: Bytes, at: number): number => (readU32(text, at) ^ Math.imul(readU32(text, at + 4), 0x9e3779b1)) | 0;

const removeReplica = (primary: ClusterNode, replica: ClusterNode): void => {
  const index = primary.replicas.indexOf(replica);
  if (index >= 0) primary.replicas.splice(index, 1);
  if (primary.replicas.length === 0) primary.mayGetReplicas = false;
};
