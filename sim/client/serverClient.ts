/**
 * A client's connection to the server that it wants, however it finds that: what workloads, probes and readers use. This file
 * has the plainest way, a fixed name that is looked up anew at each attempt; `locate.ts` knows them all.
 */
import { type Bytes, type Host, bytes } from '../../engine/index.ts';
import { type Answer, type Greeting, RedisClient, type RedisClientEvents, type ServerName } from './redisClient.ts';

export interface ServerClient {
  /** Requests can be sent. */
  readonly isOpen: boolean;
  /** `address:port` of the server at the other end; null while there is none. */
  readonly remote: Bytes | null;
  /** Begins to look for the server, unless that is under way or the connection is open. */
  open(): void;
  /** Sends a request. The connection must be open. */
  send(argv: readonly Bytes[], answer: Answer): void;
  /** Of a client with several connections: see `sendBehind`. */
  sendBehind?(argv: readonly Bytes[], answer: Answer): void;
  /** Of a client with several connections: see `pinnedTo`. */
  pinned?(key: Bytes): Sender | null;
  /**
   * Drops the connection or the attempt; open requests end without an answer. `open` begins anew. With `key` a client that has
   * several connections drops only the one over which this key is reached, and stays open.
   */
  close(reason: string, key?: Bytes): void;
  /** Closes it for good, with whatever it keeps up beside the connection. */
  end(reason: string): void;
}

/** What takes requests and answers them in their order. */
export type Sender = Pick<ServerClient, 'send'>;

/** What a client hears of its connection. */
export type ServerClientEvents = Pick<RedisClientEvents, 'opened' | 'lost'>;

/**
 * Sends a request right behind the last one, over the connection on which that is executed: WAIT speaks of its own connection's
 * writes. It has no answer where that one has none, or is refused.
 */
export const sendBehind = (client: ServerClient, argv: readonly Bytes[], answer: Answer): void => {
  if (client.sendBehind === undefined) client.send(argv, answer);
  else client.sendBehind(argv, answer);
};

/**
 * The one connection over which this key is reached now, for requests that must stay together, as from WATCH to EXEC. Further ones are
 * to be sent from within an answer. Null: there is none yet, but soon may be. Redirections are errors there, and learnt from.
 */
export const pinnedTo = (client: ServerClient, key: Bytes): Sender | null =>
  (client.pinned === undefined ? client : client.pinned(key));

/** `address:port` of the other end. */
export const remoteOf = (client: RedisClient, server: ServerName): Bytes | null =>
  (client.remoteAddress === null ? null : bytes(`${client.remoteAddress}:${server.port}`));

export class NamedClient implements ServerClient {
  private readonly client: RedisClient;
  private readonly server: ServerName;

  constructor(
    host: Host, server: ServerName, connectTimeoutMs: number, events: ServerClientEvents, greetings: readonly Greeting[],
  ) {
    this.server = server;
    this.client = new RedisClient(host, connectTimeoutMs, events, greetings);
  }

  get isOpen(): boolean {
    return this.client.isOpen;
  }

  get remote(): Bytes | null {
    return remoteOf(this.client, this.server);
  }

  open(): void {
    this.client.open(this.server);
  }

  send(argv: readonly Bytes[], answer: Answer): void {
    this.client.send(argv, answer);
  }

  close(reason: string): void {
    this.client.close(reason);
  }

  end(reason: string): void {
    this.client.close(reason);
  }
}
