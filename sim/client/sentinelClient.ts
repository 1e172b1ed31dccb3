/**
 * A client that finds its primary through the sentinels, as their documentation asks for: it asks them before every connect,
 * makes sure that the server calls itself a primary, and begins anew whenever the connection goes.
 *
 *   idle --open--> asking --told--> connecting --ROLE says primary--> open
 *   asking --nobody knows--> waiting          connecting --failed, or no primary--> waiting
 *   waiting --SENTINEL_RETRY_MS--> asking     open --lost--> asking
 *   connecting, open --told of another primary--> asking
 *   any --close--> idle
 *
 * Source: "Guidelines for Redis clients with support for Redis Sentinel".
 */
import { type Bytes, type Host, type Timer, ms } from '../../engine/index.ts';
import type { FollowedService } from '../scenario.ts';
import { authGreetings, roleGreeting } from './greetings.ts';
import { type Answer, RedisClient, type ServerName } from './redisClient.ts';
import { SENTINEL_RETRY_MS, Sentinels, sameServer } from './sentinels.ts';
import { type ServerClient, type ServerClientEvents, remoteOf } from './serverClient.ts';
import { SwitchListener } from './switchListener.ts';

type State =
  | { readonly kind: 'idle' | 'asking' }
  | { readonly kind: 'connecting' | 'open'; readonly server: ServerName }
  | { readonly kind: 'waiting'; readonly timer: Timer };

export class SentinelClient implements ServerClient {
  private readonly host: Host;
  private readonly events: ServerClientEvents;
  private readonly sentinels: Sentinels;
  private readonly listener: SwitchListener | null;
  private readonly client: RedisClient;
  private state: State = { kind: 'idle' };

  constructor(
    host: Host, service: FollowedService, password: string | undefined, connectTimeoutMs: number, events: ServerClientEvents,
  ) {
    this.host = host;
    this.events = events;
    this.sentinels = new Sentinels(host, service);
    this.listener = !service.listens ? null
      : new SwitchListener(host, service, (to, sentinel) => this.switched(to, sentinel));
    this.client = new RedisClient(host, connectTimeoutMs, {
      opened: () => this.opened(), lost: (reason) => this.lost(reason),
    }, [...authGreetings(password), roleGreeting('primary')]);
  }

  get isOpen(): boolean {
    return this.state.kind === 'open';
  }

  get remote(): Bytes | null {
    return this.state.kind === 'open' ? remoteOf(this.client, this.state.server) : null;
  }

  open(): void {
    if (this.state.kind !== 'idle') return;
    this.listener?.start();
    this.begin();
  }

  send(argv: readonly Bytes[], answer: Answer): void {
    this.client.send(argv, answer);
  }

  close(reason: string): void {
    if (this.state.kind === 'waiting') this.host.clearTimer(this.state.timer);
    this.state = { kind: 'idle' };
    this.sentinels.cancel();
    this.client.close(reason);
  }

  end(reason: string): void {
    this.listener?.stop(reason);
    this.close(reason);
  }

  private begin(): void {
    this.state = { kind: 'asking' };
    this.sentinels.askPrimary((server) => {
      if (server === null) {
        this.wait('no sentinel knows the primary');
        return;
      }
      this.state = { kind: 'connecting', server };
      this.client.open(server);
    });
  }

  private wait(reason: string): void {
    this.state = { kind: 'waiting', timer: this.host.setTimer(ms(SENTINEL_RETRY_MS), () => this.begin()) };
    this.events.lost?.(reason);
  }

  private opened(): void {
    if (this.state.kind !== 'connecting') return;
    this.state = { kind: 'open', server: this.state.server };
    this.events.opened?.();
  }

  /** Also at every `close`, when the state is idle already. */
  private lost(reason: string): void {
    switch (this.state.kind) {
      case 'connecting':
        this.wait(reason);
        break;
      case 'open':
        this.state = { kind: 'idle' };
        this.events.lost?.(reason);
        this.open();
        break;
      default: this.events.lost?.(reason);
    }
  }

  private switched(to: ServerName, sentinel: ServerName): void {
    // The others may not know yet.
    this.sentinels.prefer(sentinel);
    const { state } = this;
    if ((state.kind !== 'connecting' && state.kind !== 'open') || sameServer(state.server, to)) return;
    this.close('the primary is another one');
    this.open();
  }
}
