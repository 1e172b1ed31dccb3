/**
 * What a sentinel knows of the others: primaries that it watches, their replicas, the other sentinels of each primary.
 * Plain data: what is done with it stands in the files beside. Times are wall-clock milliseconds; 0 means never.
 * Source: sentinelRedisInstance in sentinel.c of Redis 7.0.
 */
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { type CauseId, NO_CAUSE } from '../core/units.ts';
import type { Role } from '../protocol/wireNames.ts';
import type { InstanceAddress } from './address.ts';
import type { InstanceLink } from './instanceLink.ts';

export type InstanceKind = 'primary' | 'replica' | 'sentinel';

/** What every instance has. */
abstract class InstanceBase {
  abstract readonly kind: InstanceKind;
  /** A primary's configured name, a replica's address and port, a sentinel's run ID. */
  readonly name: Bytes;
  address: InstanceAddress;
  link: InstanceLink;
  runId: Bytes | null = null;
  isSdown = false;
  sdownSinceMs = 0;
  odownSinceMs = 0;
  /** The event that set the present SDOWN state. */
  sdownCause: CauseId = NO_CAUSE;
  /** SCRIPT KILL was sent once. */
  scriptKillSent = false;
  lastPublishMs: number;
  infoMs = 0;
  /** The text of the last INFO. */
  infoText: Bytes = EMPTY;
  infoCause: CauseId = NO_CAUSE;
  /** Null: its last INFO told none. */
  roleReported: Role | null;
  roleReportedMs: number;
  downAfterMs: number;

  constructor(name: Bytes, address: InstanceAddress, link: InstanceLink, role: Role, downAfterMs: number, nowMs: number) {
    this.name = name;
    this.address = address;
    this.link = link;
    this.lastPublishMs = nowMs;
    this.roleReported = role;
    this.roleReportedMs = nowMs;
    this.downAfterMs = downAfterMs;
  }

  /** Was in good order for longer than `forMs`. */
  wasUpFor(forMs: number, nowMs: number): boolean {
    const latest = Math.max(this.sdownSinceMs, this.odownSinceMs);
    return latest === 0 || nowMs - latest > forMs;
  }
}

/**
 *     none --odown, or SENTINEL FAILOVER--> wait-start --elected--> select-replica --> send-replicaof-noone
 *       --sent--> wait-promotion --INFO says primary--> reconf-replicas --all done, or timeout--> update-config --> none
 *     each of the first four aborts to none
 */
export type FailoverState =
  | 'none' | 'wait-start' | 'select-replica' | 'send-replicaof-noone' | 'wait-promotion' | 'reconf-replicas' | 'update-config';

/** What `sentinel monitor` and SENTINEL SET say of a primary. */
export interface PrimaryOptions {
  quorum: number;
  parallelSyncs: number;
  failoverTimeoutMs: number;
  authPass: Bytes | null;
  authUser: Bytes | null;
  notificationScript: Bytes | null;
  clientReconfigScript: Bytes | null;
  rebootDownAfterMs: number;
  /** Commands that its nodes know by another name, by their name in lower case. */
  readonly renamedCommands: Map<Bytes, RenamedCommand>;
}

export interface RenamedCommand {
  /** As it was spelled. */
  readonly from: Bytes;
  readonly to: Bytes;
}

export class WatchedPrimary extends InstanceBase {
  readonly kind = 'primary' as const;
  readonly options: PrimaryOptions;
  readonly replicas: Map<Bytes, WatchedReplica> = new Map();
  readonly sentinels: Map<Bytes, PeerSentinel> = new Map();
  isOdown = false;
  odownCause: CauseId = NO_CAUSE;
  /** Since a reboot it has not answered PONG. */
  isRebooting = false;
  rebootedMs = 0;
  configEpoch = 0;
  /** Whom this sentinel voted for, and in which epoch; null after a restart. */
  leader: Bytes | null = null;
  leaderEpoch = 0;
  voteCause: CauseId = NO_CAUSE;
  failoverState: FailoverState = 'none';
  failoverEpoch = 0;
  isForced = false;
  failoverStartMs = 0;
  failoverStateChangedMs = 0;
  /** The start for which "Next failover delay" was logged. */
  failoverDelayLoggedMs = 0;
  promoted: WatchedReplica | null = null;

  constructor(
    name: Bytes, address: InstanceAddress, link: InstanceLink, options: PrimaryOptions, downAfterMs: number, nowMs: number,
  ) {
    super(name, address, link, 'primary', downAfterMs, nowMs);
    this.options = options;
  }

  get isFailingOver(): boolean {
    return this.failoverState !== 'none';
  }

  /** In good order as far as known: instances may be made to follow it. */
  looksSane(nowMs: number, infoPeriodMs: number): boolean {
    return this.roleReported === 'primary' && !this.isSdown && !this.isOdown && nowMs - this.infoMs < infoPeriodMs * 2;
  }

  /** What clients should use: during a failover, from the promotion on, the promoted replica. */
  get currentAddress(): InstanceAddress {
    const promotionHappened = this.failoverState === 'reconf-replicas' || this.failoverState === 'update-config';
    return promotionHappened && this.promoted !== null ? this.promoted.address : this.address;
  }
}

/** How far a replica is on its way to the new primary. */
export type ReconfState = 'none' | 'sent' | 'in-progress' | 'done';

export class WatchedReplica extends InstanceBase {
  readonly kind = 'replica' as const;
  readonly primary: WatchedPrimary;
  isPromoted = false;
  reconf: ReconfState = 'none';
  reconfSentMs = 0;
  /** It took too long: the failover ends without waiting for it. */
  hasReconfTimedOut = false;
  /** As its INFO says: milliseconds; -1000 where it never had a link. */
  primaryLinkDownMs = 0;
  priority = 100;
  isAnnounced = true;
  replOffset = 0;
  primaryHost: Bytes | null = null;
  primaryPort = 0;
  primaryLinkUp = false;
  /** Whom it follows changed. */
  confChangedMs: number;

  constructor(name: Bytes, address: InstanceAddress, link: InstanceLink, primary: WatchedPrimary, nowMs: number) {
    super(name, address, link, 'replica', primary.downAfterMs, nowMs);
    this.primary = primary;
    this.confChangedMs = nowMs;
  }
}

export class PeerSentinel extends InstanceBase {
  readonly kind = 'sentinel' as const;
  readonly primary: WatchedPrimary;
  /** What it said when it was last asked whether the primary is down. */
  saysDown = false;
  lastDownReplyMs: number;
  downReplyCause: CauseId = NO_CAUSE;
  leader: Bytes | null = null;
  leaderEpoch = 0;
  lastHelloMs: number;

  constructor(runId: Bytes, address: InstanceAddress, link: InstanceLink, primary: WatchedPrimary, nowMs: number) {
    super(runId, address, link, 'primary', primary.downAfterMs, nowMs);
    this.primary = primary;
    this.runId = runId;
    this.lastDownReplyMs = nowMs;
    this.lastHelloMs = nowMs;
  }
}

export type Instance = WatchedPrimary | WatchedReplica | PeerSentinel;

/** The primary that an instance belongs to: itself, for one. */
export const primaryOf = (instance: Instance): WatchedPrimary =>
  (instance.kind === 'primary' ? instance : instance.primary);
