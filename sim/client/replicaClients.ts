/**
 * Connections to the replicas of a primary, as the sentinels list them: one to each that says itself that it is a replica. The
 * sentinels are asked again soon after a connection went, from time to time besides, and at the news of another primary.
 *
 * Source: "Connecting to replicas" in "Guidelines for Redis clients with support for Redis Sentinel".
 */
import { type Host, type Timer, ms } from '../../engine/index.ts';
import type { FollowedService } from '../scenario.ts';
import { authGreetings, roleGreeting } from './greetings.ts';
import type { Greeting, ServerName } from './redisClient.ts';
import { SENTINEL_RETRY_MS, Sentinels } from './sentinels.ts';
import { NamedClient, type ServerClient } from './serverClient.ts';
import { SwitchListener } from './switchListener.ts';

/** A replica that is added, or comes back, is used after this long at most. */
export const REPLICAS_REFRESH_MS = 10_000;

export class ReplicaClients {
  private readonly host: Host;
  private readonly connectTimeoutMs: number;
  private readonly greetings: readonly Greeting[];
  private readonly sentinels: Sentinels;
  private readonly listener: SwitchListener | null;
  /** By `host:port`, in the order in which they were first listed. */
  private readonly clients: Map<string, NamedClient> = new Map();
  private isAsking = false;
  private timer: Timer | null = null;

  constructor(host: Host, service: FollowedService, password: string | undefined, connectTimeoutMs: number) {
    this.host = host;
    this.connectTimeoutMs = connectTimeoutMs;
    this.greetings = [...authGreetings(password), roleGreeting('replica')];
    this.sentinels = new Sentinels(host, service);
    this.listener = !service.listens ? null : new SwitchListener(host, service, (_to, sentinel) => {
      this.sentinels.prefer(sentinel);
      this.refresh();
    });
  }

  /** The connections that can be used now. */
  get open(): readonly ServerClient[] {
    return [...this.clients.values()].filter((client) => client.isOpen);
  }

  start(): void {
    this.listener?.start();
    this.refresh();
  }

  end(reason: string): void {
    this.listener?.stop(reason);
    this.sentinels.cancel();
    for (const client of this.clients.values()) client.end(reason);
    // Each that went asked for a refresh.
    this.clearTimer();
  }

  private refresh(): void {
    if (this.isAsking) return;
    this.isAsking = true;
    this.clearTimer();
    this.sentinels.askReplicas((servers) => {
      this.isAsking = false;
      if (servers === null) this.refreshAfter(SENTINEL_RETRY_MS);
      else this.take(servers);
    });
  }

  private take(servers: readonly ServerName[]): void {
    const listed = new Map(servers.map((server) => [`${server.host}:${server.port}`, server]));
    for (const [place, client] of this.clients) {
      if (listed.has(place)) continue;
      this.clients.delete(place);
      client.end('it is no replica any more');
    }
    // Those that were just left asked for more haste.
    this.refreshAfter(listed.size === 0 ? SENTINEL_RETRY_MS : REPLICAS_REFRESH_MS);
    for (const [place, server] of listed) this.clientAt(place, server).open();
  }

  private clientAt(place: string, server: ServerName): NamedClient {
    const known = this.clients.get(place);
    if (known !== undefined) return known;
    const client = new NamedClient(this.host, server, this.connectTimeoutMs, {
      lost: () => this.refreshAfter(SENTINEL_RETRY_MS),
    }, this.greetings);
    this.clients.set(place, client);
    return client;
  }

  private refreshAfter(delayMs: number): void {
    this.clearTimer();
    this.timer = this.host.setTimer(ms(delayMs), () => {
      this.timer = null;
      this.refresh();
    });
  }

  private clearTimer(): void {
    if (this.timer !== null) this.host.clearTimer(this.timer);
    this.timer = null;
  }
}
