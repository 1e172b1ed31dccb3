/**
 * What a node knows of one node of its cluster, itself included. Plain data; times are wall-clock milliseconds, 0 means never.
 * Source: clusterNode in cluster.h of Redis 7.0.
 */
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { type CauseId, NO_CAUSE } from '../core/units.ts';
import type { BusLink } from './busLink.ts';
import { type GossipEntry, NODE_FLAG, gossipWire } from './busMessage.ts';
import { SlotSet } from './slots.ts';

export interface FailReport {
  /** When it was last made. */
  readonly atMs: number;
  /** The event that brought it. */
  readonly cause: CauseId;
}

export class ClusterNode {
  /** 40 hexadecimal digits; random until a handshake has told the right one. */
  name: Bytes;
  role: 'primary' | 'replica' = 'primary';
  isMyself = false;
  isHandshake = false;
  /** It is to be greeted by MEET. */
  needsMeet = false;
  isPfail = false;
  isFail = false;
  hasNoAddress = false;
  /** A primary that replicas may come to: it has some, or took over from one that had. */
  mayGetReplicas = false;
  /** Its `cluster-replica-no-failover`. */
  neverFailsOver = false;
  ip: Bytes = EMPTY;
  port = 0;
  busPort = 0;
  hostname: Bytes = EMPTY;
  readonly slots: SlotSet = new SlotSet();
  configEpoch = 0;
  /** For a replica: whom it follows; null where that is not known yet. */
  primary: ClusterNode | null = null;
  readonly replicas: ClusterNode[] = [];
  readonly createdMs: number;
  /** When the ping was sent that has no answer yet. */
  pingSentMs = 0;
  pongReceivedMs = 0;
  dataReceivedMs = 0;
  failMs = 0;
  votedMs = 0;
  offset = 0;
  offsetMs = 0;
  orphanedMs = 0;
  link: BusLink | null = null;
  inboundLink: BusLink | null = null;
  /** Who reported it as failing. */
  readonly failReports: Map<ClusterNode, FailReport> = new Map();
  /** The event that last heard of it; in which it was found to be silent; that set its present failure flag. */
  heardCause: CauseId = NO_CAUSE;
  suspectCause: CauseId = NO_CAUSE;
  failCause: CauseId = NO_CAUSE;
  /** What was last told of it; it seldom changes from one time to the next. */
  private told: GossipEntry | null = null;

  constructor(name: Bytes, nowMs: number) {
    this.name = name;
    this.createdMs = nowMs;
  }

  /** As headers and gossip carry them. */
  get flags(): number {
    return (this.isHandshake ? 0 : this.role === 'primary' ? NODE_FLAG.primary : NODE_FLAG.replica)
      | (this.isPfail ? NODE_FLAG.pfail : 0) | (this.isFail ? NODE_FLAG.fail : 0) | (this.isMyself ? NODE_FLAG.myself : 0)
      | (this.isHandshake ? NODE_FLAG.handshake : 0) | (this.hasNoAddress ? NODE_FLAG.noAddress : 0)
      | (this.needsMeet ? NODE_FLAG.meet : 0) | (this.mayGetReplicas ? NODE_FLAG.migrateTo : 0)
      | (this.neverFailsOver ? NODE_FLAG.noFailover : 0);
  }

  /** What gossip tells of it. */
  get gossip(): GossipEntry {
    const { told, flags, ip, port, busPort } = this;
    const pingSentSeconds = Math.floor(this.pingSentMs / 1000);
    const pongReceivedSeconds = Math.floor(this.pongReceivedMs / 1000);
    if (told !== null && told.flags === flags && told.pingSentSeconds === pingSentSeconds && told.pongReceivedSeconds === pongReceivedSeconds
      && told.ip === ip && told.port === port && told.busPort === busPort && told.name === this.name) return told;
    const entry: GossipEntry = { name: this.name, pingSentSeconds, pongReceivedSeconds, ip, port, busPort, flags };
    this.told = { ...entry, wire: gossipWire(entry) };
    return this.told;
  }

  get isPrimary(): boolean {
    return this.role === 'primary';
  }

  /** A primary that serves slots: it counts, and it votes. */
  get isVoter(): boolean {
    return this.role === 'primary' && this.slots.count > 0;
  }

  get healthyReplicas(): number {
    return this.replicas.filter((replica) => !replica.isFail).length;
  }

  get place(): Bytes {
    return `${this.ip}:${this.port}` as Bytes;
  }
}
