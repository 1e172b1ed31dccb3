/**
 * The connections to one instance and what was last heard over them. A sentinel that watches several primaries has one link
 * to each other sentinel, shared by all. Times are wall-clock milliseconds; 0 means never.
 * Source: instanceLink in sentinel.c of Redis 7.0.
 */
import type { CauseId } from '../core/units.ts';
import type { CommandConnection } from './commandConnection.ts';

export class InstanceLink {
  /** How many primaries share it. */
  shares = 1;
  /** One of the connections that it needs is missing. */
  isDisconnected = true;
  /** What is missing is about to be opened, once the name of the instance was looked up. */
  isOpening = false;
  /** Commands without a reply so far. */
  pendingCommands = 0;
  commands: CommandConnection | null = null;
  pubsub: CommandConnection | null = null;
  commandsOpenedMs = 0;
  pubsubOpenedMs = 0;
  pubsubActivityMs = 0;
  lastReconnectMs = 0;
  /** When the PING was sent that is still without a valid reply; 0: none is. */
  activePingMs: number;
  lastPingMs = 0;
  lastPongMs: number;
  /** The last valid reply: PONG, or that it is loading, or that its primary is down. */
  lastAvailableMs: number;
  /** The event that brought it. */
  availableCause: CauseId;

  constructor(nowMs: number, cause: CauseId) {
    // As if a PING had been sent: an instance that never connects is found to be down all the same.
    this.activePingMs = nowMs;
    this.lastPongMs = nowMs;
    this.lastAvailableMs = nowMs;
    this.availableCause = cause;
  }

  closeCommands(): void {
    this.commands?.close();
    this.commands = null;
    this.pendingCommands = 0;
    this.isDisconnected = true;
  }

  closePubsub(): void {
    this.pubsub?.close();
    this.pubsub = null;
    this.isDisconnected = true;
  }

  /** One primary needs it no more; the last one closes it. */
  release(): void {
    this.shares--;
    if (this.shares > 0) return;
    this.closeCommands();
    this.closePubsub();
  }
}
