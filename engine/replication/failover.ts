/**
 * FAILOVER: a primary hands its role to a replica without losing a write. Writes are paused until the replica has caught up;
 * then this node follows it, and `PSYNC … FAILOVER` makes it a primary.
 *
 *   none --FAILOVER--> waiting --caught up, or forced at its timeout--> handing over --answer to PSYNC--> none
 *                         '----timeout, ABORT--> none                        '---refused, ABORT--> none (a primary again)
 *
 * Source: replication.c of Redis 7.0 (failoverCommand, updateFailoverStatus, abortFailover).
 */
import type { Host } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { PrimarySide } from './primarySide.ts';
import { type ReplicaLink, linkAddress } from './replicaLink.ts';
import type { PrimaryAddress } from './primaryConnection.ts';
import type { ReplicaSide } from './replicaSide.ts';

export type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export interface FailoverRequest {
  /** Null: whichever replica catches up first. */
  readonly target: PrimaryAddress | null;
  /** Milliseconds; 0: no limit. */
  readonly timeoutMs: number;
  /** Hands over at the timeout, caught up or not. */
  readonly force: boolean;
}

export class Failover {
  state: FailoverState = 'no-failover';
  private target: PrimaryAddress | null = null;
  private deadlineMs = 0;
  private force = false;
  private readonly host: Host;
  private readonly primarySide: PrimarySide;
  private readonly replicaSide: ReplicaSide;
  private readonly offset: () => number;
  private readonly pause: (on: boolean) => void;

  constructor(
    host: Host, primarySide: PrimarySide, replicaSide: ReplicaSide, offset: () => number, pause: (on: boolean) => void,
  ) {
    this.host = host;
    this.primarySide = primarySide;
    this.replicaSide = replicaSide;
    this.offset = offset;
    this.pause = pause;
  }

  /** Null when it begins; else the error text behind `ERR `. */
  start({ target, timeoutMs, force }: FailoverRequest): string | null {
    if (this.state !== 'no-failover') return 'FAILOVER already in progress.';
    if (this.replicaSide.primary !== null) return 'FAILOVER is not valid when server is a replica.';
    if (this.primarySide.replicas().length === 0) return 'FAILOVER requires connected replicas.';
    if (force && (timeoutMs === 0 || target === null)) {
      return 'FAILOVER with force option requires both a timeout and target HOST and IP.';
    }
    if (target !== null) {
      const link = this.find(target);
      if (link === undefined) return 'FAILOVER target HOST and PORT is not a replica.';
      if (link.state !== 'online') return 'FAILOVER target replica is not online.';
    }
    this.target = target;
    this.force = force;
    this.deadlineMs = timeoutMs === 0 ? 0 : this.host.wallMs() + timeoutMs;
    this.state = 'waiting-for-sync';
    this.host.log('notice', target === null ? 'FAILOVER requested.' : `FAILOVER requested to ${target.host}:${target.port}.`);
    this.pause(true);
    return null;
  }

  /** FAILOVER ABORT: the error text, or null. */
  abortByHand(): string | null {
    if (this.state === 'no-failover') return 'No failover in progress.';
    this.abort('Failover manually aborted');
    return null;
  }

  /** At the end of every turn while a failover waits. */
  check(): void {
    if (this.state !== 'waiting-for-sync') return;
    if (this.deadlineMs > 0 && this.host.wallMs() >= this.deadlineMs) {
      if (this.force && this.target !== null) {
        this.host.log('notice', `FAILOVER to ${this.target.host}:${this.target.port} time out exceeded, failing over.`);
        this.handOver(this.target);
      } else this.abort('Replica never caught up before timeout');
      return;
    }
    const links = this.target === null ? this.primarySide.replicas() : [this.find(this.target)];
    const link = links.find((one) => one?.state === 'online' && one.ackOffset === this.offset());
    if (link === undefined) return;
    const target = { host: linkAddress(link), port: link.listeningPort };
    this.host.log('notice', `Failover target ${target.host}:${target.port} is synced, failing over.`);
    this.handOver(target);
  }

  /** Our PSYNC to the new primary was answered. */
  answered(accepted: boolean): void {
    if (this.state !== 'failover-in-progress') return;
    if (accepted) this.clear();
    else this.abort('Failover target rejected psync request');
  }

  private handOver(target: PrimaryAddress): void {
    this.state = 'failover-in-progress';
    this.target = target;
    mark(this.host, 'failoverHandedOver');
    this.replicaSide.follow(target, true);
  }

  private abort(reason: string): void {
    this.host.log('notice', this.target === null ? `Aborting failover. ${reason}.`
      : `Aborting failover to ${this.target.host}:${this.target.port} while ${this.state}. ${reason}.`);
    const handingOver = this.state === 'failover-in-progress';
    mark(this.host, 'failoverGivenUp');
    this.clear();
    if (handingOver) this.replicaSide.promote();
  }

  private clear(): void {
    this.state = 'no-failover';
    this.target = null;
    this.force = false;
    this.deadlineMs = 0;
    this.pause(false);
  }

  private find(target: PrimaryAddress): ReplicaLink | undefined {
    return this.primarySide.replicas().find(
      (link) => linkAddress(link) === target.host && link.listeningPort === target.port);
  }
}

/** Reads FAILOVER's arguments. A text: the error behind `ERR `. */
export const parseFailover = (argv: readonly Bytes[]): FailoverRequest | 'abort' | string => {
  let target: PrimaryAddress | null = null;
  let timeoutMs = 0;
  let force = false;
  if (argv.length === 2 && argv[1]?.toLowerCase() === 'abort') return 'abort';
  for (let index = 1; index < argv.length;) {
    const word = (argv[index] as Bytes).toLowerCase();
    const port = argv[index + 2];
    const value = argv[index + 1];
    if (word === 'timeout' && value !== undefined && timeoutMs === 0) {
      if (!/^[0-9]{1,15}$/.test(value)) return 'value is not an integer or out of range';
      timeoutMs = Number(value);
      if (timeoutMs <= 0) return 'FAILOVER timeout must be greater than 0';
      index += 2;
    } else if (word === 'to' && value !== undefined && port !== undefined && target === null) {
      if (!/^[0-9]{1,5}$/.test(port)) return 'value is not an integer or out of range';
      target = { host: bytes(String(value)), port: Number(port) };
      index += 3;
    } else if (word === 'force' && !force) {
      force = true;
      index++;
    } else return 'syntax error';
  }
  return { target, timeoutMs, force };
};
