/**
 * A client that uses Sentinel as one should not: it asks for the primary at its start and keeps that address for ever. After
 * a failover it goes on with whatever is there, if anything is: a replica that refuses its writes, or a primary that nobody
 * follows and that will lose them.
 */
import type { Bytes, Host } from '../../engine/index.ts';
import type { SentinelService } from '../scenario.ts';
import { authGreetings } from './greetings.ts';
import { type Answer, RedisClient, type ServerName } from './redisClient.ts';
import { Sentinels } from './sentinels.ts';
import { type ServerClient, type ServerClientEvents, remoteOf } from './serverClient.ts';

export class SentinelOnceClient implements ServerClient {
  private readonly sentinels: Sentinels;
  private readonly client: RedisClient;
  private isAsking = false;
  /** What the first answer said. */
  private server: ServerName | null = null;

  constructor(
    host: Host, service: SentinelService, password: string | undefined, connectTimeoutMs: number, events: ServerClientEvents,
  ) {
    this.sentinels = new Sentinels(host, service);
    this.client = new RedisClient(host, connectTimeoutMs, events, authGreetings(password));
  }

  get isOpen(): boolean {
    return this.client.isOpen;
  }

  get remote(): Bytes | null {
    return this.server === null ? null : remoteOf(this.client, this.server);
  }

  /** As long as no sentinel has answered, each call asks them all once. */
  open(): void {
    if (this.server !== null) this.client.open(this.server);
    else if (!this.isAsking) this.ask();
  }

  send(argv: readonly Bytes[], answer: Answer): void {
    this.client.send(argv, answer);
  }

  close(reason: string): void {
    this.isAsking = false;
    this.sentinels.cancel();
    this.client.close(reason);
  }

  end(reason: string): void {
    this.close(reason);
  }

  private ask(): void {
    this.isAsking = true;
    this.sentinels.askPrimary((server) => {
      this.isAsking = false;
      this.server = server;
      if (server !== null) this.client.open(server);
    });
  }
}
