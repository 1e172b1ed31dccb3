/**
 * The end of a server that was asked to end: replicas may catch up first, then the last save, then the exit.
 *
 *     running --request--> waiting for lagging replicas, writes paused --(all in step, or shutdown-timeout)--> saving --> gone
 *        ^                      |                                                                                |
 *        '------- abort --------+------------------------- the save failed --------------------------------------'
 *
 * Source: server.c of Redis 7.0 (prepareForShutdown, isReadyToShutdown, finishShutdown, abortShutdown).
 */
import type { Host } from '../host.ts';
import type { Client } from '../commands/client.ts';
import { error } from '../protocol/reply.ts';
import type { PrimarySide } from '../replication/primarySide.ts';
import { linkStateWord } from '../replication/replicaLink.ts';
import type { Config } from './config.ts';
import type { Pause } from './pause.ts';
import type { Persistence } from './persistence.ts';
import type { ServerState } from './serverState.ts';

export interface ShutdownOptions {
  /** Null: as the save points say. */
  readonly save: boolean | null;
  /** Without waiting for replicas. */
  readonly isNow: boolean;
  /** Even if saving fails. */
  readonly isForced: boolean;
}

export interface ShutdownParts {
  readonly host: Host;
  readonly config: Config;
  readonly state: ServerState;
  readonly pause: Pause;
  readonly primarySide: PrimarySide;
  readonly persistence: Persistence;
  /** Nobody new may connect. */
  closeListeners(): void;
}

const MS_PER_SECOND = 1000;

export class Shutdown {
  private readonly parts: ShutdownParts;
  private waiting: { readonly options: ShutdownOptions; readonly untilMs: number } | null = null;
  /** Clients that asked for it and hear only if it fails. */
  private readonly clients: Set<Client> = new Set();

  constructor(parts: ShutdownParts) {
    this.parts = parts;
  }

  /** `client` hears of a failure; null for a signal. */
  request(options: ShutdownOptions, client: Client | null): void {
    const { host, config, pause } = this.parts;
    if (client !== null) this.clients.add(client);
    if (this.waiting !== null) return;
    host.log('warning', 'User requested shutdown...');
    const timeoutMs = config.number('shutdown-timeout') * MS_PER_SECOND;
    if (options.isNow || timeoutMs === 0 || this.isEveryReplicaInStep()) {
      this.finish(options);
      return;
    }
    pause.start('shutdown', 'write', Infinity);
    host.log('notice', 'Waiting for replicas before shutting down.');
    this.waiting = { options, untilMs: host.wallMs() + timeoutMs };
  }

  /** False: there was nothing to abort. */
  abort(): boolean {
    if (this.waiting === null) return false;
    this.cancel();
    this.parts.host.log('notice', 'Shutdown manually aborted.');
    return true;
  }

  /** It was asked for, and waits for replicas. */
  get isWaiting(): boolean {
    return this.waiting !== null;
  }

  /** How long it waits still at most; null when nobody asked for it. */
  leftMs(): number | null {
    return this.waiting === null ? null : Math.max(0, this.waiting.untilMs - this.parts.host.wallMs());
  }

  cron(): void {
    const { waiting } = this;
    if (waiting === null) return;
    if (this.parts.host.wallMs() >= waiting.untilMs || this.isEveryReplicaInStep()) this.finish(waiting.options);
  }

  private finish(options: ShutdownOptions): void {
    const { host, persistence, closeListeners } = this.parts;
    this.reportReplicas();
    if (!persistence.saveBeforeExit(options.save, options.isForced)) {
      host.log('warning', 'Errors trying to shut down the server. Check the logs for more information.');
      this.cancel();
      return;
    }
    this.waiting = null;
    closeListeners();
    host.log('warning', 'Redis is now ready to exit, bye bye...');
    host.exit(0);
  }

  private cancel(): void {
    this.waiting = null;
    this.parts.pause.end('shutdown');
    for (const client of this.clients) {
      if (!client.closed) client.reply(error('ERR Errors trying to SHUTDOWN. Check logs.'));
    }
    this.clients.clear();
  }

  private isEveryReplicaInStep(): boolean {
    const { primarySide, state } = this.parts;
    return primarySide.replicas().every((link) => link.ackOffset === state.history.offset);
  }

  private reportReplicas(): void {
    const { host, primarySide, state } = this.parts;
    const replicas = primarySide.replicas();
    if (replicas.length === 0) return;
    const lagging = replicas.filter((link) => link.ackOffset !== state.history.offset);
    for (const link of lagging) {
      const lag = link.state === 'online' ? Math.floor(host.wallMs() / MS_PER_SECOND) - link.ackUnixSeconds : 0;
      host.log('warning', `Lagging replica ${primarySide.replicaName(link)} reported offset `
        + `${state.history.offset - link.ackOffset} behind master, lag=${lag}, state=${linkStateWord(link.state)}.`);
    }
    host.log('notice', `${replicas.length - lagging.length} of ${replicas.length} replicas are in sync when shutting down.`);
  }
}
