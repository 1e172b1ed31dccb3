/**
 * What a node knows of one node of its cluster, itself included. Plain data; times are wall-clock milliseconds, 0 means never.
 * Source: clusterNode in cluster.h of Redis 7.0.
 */
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { type CauseId, NO_CAUSE } from '../core/units.ts';
import type { BusLink } from './busLink.ts';
import { NODE_FLAG } from './busMessage.ts';
import { gossipPlace, gossipTimes } from './gossip.ts';
import { CHECK_AT, DATA_RECEIVED, NODE_TIMES, PING_SENT, PONG_RECEIVED, timesOf } from './nodeTimes.ts';
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
  failMs = 0;
  votedMs = 0;
  offset = 0;
  offsetMs = 0;
  orphanedMs = 0;
  private ownLink: BusLink | null = null;
  inboundLink: BusLink | null = null;
  /** Who reported it as failing; null: nobody ever did. */
  private reports: Map<ClusterNode, FailReport> | null = null;
  /** The event that last heard of it; in which it was found to be silent; that set its present failure flag. */
  heardCause: CauseId = NO_CAUSE;
  suspectCause: CauseId = NO_CAUSE;
  failCause: CauseId = NO_CAUSE;
  /** Its times, in a table of its own until `moveTimes`. */
  private times: Float64Array = timesOf(1);
  private timesAt = 0;
  /** What was last told of it, and the part that seldom changes. */
  private told = '';
  private toldPingSeconds = 0;
  private toldPongSeconds = 0;
  private toldPlace = '';
  private toldName: Bytes = EMPTY;
  private toldIp: Bytes = EMPTY;
  private toldPort = 0;
  private toldBusPort = 0;
  private toldFlags = -1;

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

  /** What gossip tells of it, in wire form. */
  get gossip(): string {
    const { flags } = this;
    const pingSentSeconds = Math.floor(this.pingSentMs / 1000);
    const pongReceivedSeconds = Math.floor(this.pongReceivedMs / 1000);
    const isSamePlace = this.toldFlags === flags && this.toldIp === this.ip && this.toldPort === this.port
      && this.toldBusPort === this.busPort && this.toldName === this.name;
    if (isSamePlace && this.toldPongSeconds === pongReceivedSeconds && this.toldPingSeconds === pingSentSeconds) return this.told;
    if (!isSamePlace) {
      this.toldFlags = flags;
      this.toldIp = this.ip;
      this.toldPort = this.port;
      this.toldBusPort = this.busPort;
      this.toldName = this.name;
      this.toldPlace = gossipPlace(this);
    }
    this.toldPingSeconds = pingSentSeconds;
    this.toldPongSeconds = pongReceivedSeconds;
    this.told = this.name + gossipTimes(pingSentSeconds, pongReceivedSeconds) + this.toldPlace;
    return this.told;
  }

  /** Keeps its times in a table with those of others from now on. */
  moveTimes(table: Float64Array, at: number): void {
    for (let index = 0; index < NODE_TIMES; index++) table[at + index] = this.times[this.timesAt + index] as number;
    this.times = table;
    this.timesAt = at;
  }

  /** When the ping was sent that has no answer yet. */
  get pingSentMs(): number {
    return this.times[this.timesAt + PING_SENT] as number;
  }

  set pingSentMs(at: number) {
    this.times[this.timesAt + PING_SENT] = at;
    this.times[this.timesAt + CHECK_AT] = 0;
  }

  get pongReceivedMs(): number {
    return this.times[this.timesAt + PONG_RECEIVED] as number;
  }

  set pongReceivedMs(at: number) {
    // A later one only puts off what the timer has to do.
    if (at < this.pongReceivedMs) this.times[this.timesAt + CHECK_AT] = 0;
    this.times[this.timesAt + PONG_RECEIVED] = at;
  }

  get dataReceivedMs(): number {
    return this.times[this.timesAt + DATA_RECEIVED] as number;
  }

  set dataReceivedMs(at: number) {
    this.times[this.timesAt + DATA_RECEIVED] = at;
  }

  get link(): BusLink | null {
    return this.ownLink;
  }

  set link(link: BusLink | null) {
    this.ownLink = link;
    this.times[this.timesAt + CHECK_AT] = 0;
  }

  get failReports(): Map<ClusterNode, FailReport> {
    this.reports ??= new Map();
    return this.reports;
  }

  get hasFailReports(): boolean {
    return this.reports !== null && this.reports.size > 0;
  }

  /**
   * The timer has looked at it: when it must do so again. While anything about it is out of the ordinary that is at each tick, else
   * half a node timeout after the pong or the ping that counts, when it is to be pinged, or its link to be renewed.
   */
  checked(timeoutMs: number): void {
    const isOrdinary = this.ownLink !== null && !this.isHandshake && !this.isPfail && !this.hasNoAddress;
    const from = this.pingSentMs === 0 ? this.pongReceivedMs : this.pingSentMs;
    this.times[this.timesAt + CHECK_AT] = isOrdinary ? from + timeoutMs / 2 : 0;
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
