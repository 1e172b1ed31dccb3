/**
 * Listens to one sentinel for the news that the primary is another one. When that sentinel goes, or is silent, it listens to
 * the next. Nobody tells what was said meanwhile: news hastens a client, which must find its primary without them too.
 *
 *   stopped --start--> listening --lost--> waiting --SENTINEL_RETRY_MS--> listening (to the next sentinel)
 *   listening, waiting --stop--> stopped
 *
 * Source: "Subscribe to Sentinel events to improve responsiveness" in "Guidelines for Redis clients with support for Redis
 * Sentinel"; the message in the documentation of Sentinel, "Pub/Sub messages".
 */
import {
  type Bytes, type Host, SENTINEL_EVENT, type Timer, bytes, ms,
} from '../../engine/index.ts';
import type { SentinelService } from '../scenario.ts';
import { authGreetings, subscribeGreeting } from './greetings.ts';
import { RedisClient, type ServerName, parseServerName } from './redisClient.ts';
import { SENTINEL_RETRY_MS, SENTINEL_TIMEOUT_MS, readServer } from './sentinels.ts';

/** A sentinel that listeners hear nothing of for so long is asked whether it is there; it has as long to answer. */
export const LISTENER_PING_PERIOD_MS = 3000;

/** `name old-host old-port new-host new-port` */
const SWITCH_WORDS = 5;

/** `to`: where the primary is now; `sentinel`: who said so. */
export type SwitchHandler = (to: ServerName, sentinel: ServerName) => void;

export class SwitchListener {
  private readonly host: Host;
  private readonly name: string;
  private readonly sentinels: readonly ServerName[];
  private readonly switched: SwitchHandler;
  private readonly client: RedisClient;
  private place = 0;
  private isStopped = true;
  private timer: Timer | null = null;
  private isPingOpen = false;

  constructor(host: Host, { name, sentinels, password }: SentinelService, switched: SwitchHandler) {
    this.host = host;
    this.name = name;
    this.sentinels = sentinels.map(parseServerName);
    this.switched = switched;
    this.client = new RedisClient(host, SENTINEL_TIMEOUT_MS, {
      opened: () => {
        this.isPingOpen = false;
        this.setTimer(LISTENER_PING_PERIOD_MS, () => this.ping());
      },
      lost: () => this.lost(),
      message: (_channel, text) => this.heard(text),
    }, [...authGreetings(password), subscribeGreeting(bytes(SENTINEL_EVENT.switchPrimary))]);
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.client.open(this.sentinel);
  }

  stop(reason: string): void {
    this.isStopped = true;
    this.clearTimer();
    this.client.close(reason);
  }

  private get sentinel(): ServerName {
    return this.sentinels[this.place] as ServerName;
  }

  private lost(): void {
    if (this.isStopped) return;
    this.place = (this.place + 1) % this.sentinels.length;
    this.setTimer(SENTINEL_RETRY_MS, () => this.client.open(this.sentinel));
  }

  private ping(): void {
    if (this.isPingOpen) {
      this.client.close('no answer in time');
      return;
    }
    this.isPingOpen = true;
    this.client.send([bytes('PING')], () => {
      this.isPingOpen = false;
    });
    this.setTimer(LISTENER_PING_PERIOD_MS, () => this.ping());
  }

  private heard(text: Bytes): void {
    const words = text.split(' ');
    if (words.length !== SWITCH_WORDS || words[0] !== this.name) return;
    const to = readServer(words[3], words[4]);
    if (to !== null) this.switched(to, this.sentinel);
  }

  private setTimer(delayMs: number, call: () => void): void {
    this.clearTimer();
    this.timer = this.host.setTimer(ms(delayMs), () => {
      this.timer = null;
      call();
    });
  }

  private clearTimer(): void {
    if (this.timer !== null) this.host.clearTimer(this.timer);
    this.timer = null;
  }
}
