/**
 * A small Redis client over the Host: one connection to a server that is given by name, looked up anew at each attempt.
 * Answers come in the order of requests; a connection that goes leaves its open requests without one.
 *
 *   idle --open--> opening --ok--> open --lost, close--> idle
 *                     '--failed--> idle
 */
import type {
  Bytes, Connection, ConnectionHandlers, Host, NetError, Reply, Timer,
} from '../../engine/index.ts';
import { ProtocolError, ReplyDecoder, bytes, encodeCommand, ms } from '../../engine/index.ts';

/** What became of a request: its answer, or undefined when the connection went first. (A nil answer is null.) */
export type Answer = (reply: Reply | undefined) => void;

export interface RedisClientEvents {
  /** The connection is open. */
  opened?(): void;
  /** There is no connection any more, or none came about. */
  lost?(reason: string): void;
}

export interface ServerName {
  readonly host: Bytes;
  readonly port: number;
}

/** `name:port`, as scenarios write it. */
export const parseServerName = (text: string): ServerName => {
  const colon = text.lastIndexOf(':');
  return { host: bytes(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
};

export class RedisClient implements ConnectionHandlers {
  private readonly host: Host;
  private readonly connectTimeoutMs: number;
  private readonly events: RedisClientEvents;
  private connection: Connection | null = null;
  private attempt: { cancel(): void } | null = null;
  private attemptTimer: Timer | null = null;
  private decoder: ReplyDecoder = new ReplyDecoder();
  private waiting: Answer[] = [];
  private waitingHead = 0;
  private generation = 0;

  constructor(host: Host, connectTimeoutMs: number, events: RedisClientEvents) {
    this.host = host;
    this.connectTimeoutMs = connectTimeoutMs;
    this.events = events;
  }

  get isOpen(): boolean {
    return this.connection !== null;
  }

  get isOpening(): boolean {
    return this.attempt !== null;
  }

  /** Address of the server at the other end; null while there is none. */
  get remoteAddress(): Bytes | null {
    return this.connection === null ? null : this.connection.remoteAddress;
  }

  /** Begins an attempt, unless one is under way or the connection is open. */
  open(server: ServerName): void {
    if (this.connection !== null || this.attempt !== null) return;
    const generation = ++this.generation;
    this.attempt = { cancel: (): void => {} };
    this.attemptTimer = this.host.setTimer(ms(this.connectTimeoutMs), () => this.failed('connect timeout'));
    this.host.resolve(server.host, (addresses) => {
      if (generation !== this.generation) return;
      const address = addresses[0];
      if (address === undefined) {
        this.failed('name not found');
        return;
      }
      this.attempt = this.host.connect(address, server.port, { keepAliveMs: ms(0), bind: null }, this, (result) => {
        if (generation === this.generation) this.connected(result);
      });
    });
  }

  /** Sends a request. The connection must be open. */
  send(argv: readonly Bytes[], answer: Answer): void {
    this.waiting.push(answer);
    this.connection?.write(encodeCommand(argv));
  }

  /** Drops the connection or the attempt; open requests end without an answer. */
  close(reason: string): void {
    this.generation++;
    this.attempt?.cancel();
    this.connection?.close();
    this.ended(reason);
  }

  onData(chunk: Bytes): void {
    this.decoder.push(chunk);
    try {
      for (let reply = this.decoder.next(); reply !== undefined; reply = this.decoder.next()) {
        const answer = this.waiting[this.waitingHead];
        if (answer === undefined) throw new ProtocolError('an answer to nothing');
        this.waitingHead++;
        if (this.waitingHead === this.waiting.length) {
          this.waiting = [];
          this.waitingHead = 0;
        }
        answer(reply);
        if (this.connection === null) return;
      }
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      this.close(failure.message);
    }
  }

  onWritable(): void {
    // Requests are small and few: the connection's own buffer is enough.
  }

  onClose(error: NetError | null): void {
    this.generation++;
    this.ended(error ?? 'closed by the server');
  }

  private connected(result: Connection | NetError): void {
    if (typeof result === 'string') {
      this.failed(result);
      return;
    }
    this.clearAttempt();
    this.connection = result;
    this.decoder = new ReplyDecoder();
    this.events.opened?.();
  }

  private failed(reason: string): void {
    this.generation++;
    this.attempt?.cancel();
    this.ended(reason);
  }

  private ended(reason: string): void {
    this.clearAttempt();
    this.connection = null;
    const open = this.waiting.slice(this.waitingHead);
    this.waiting = [];
    this.waitingHead = 0;
    for (const answer of open) answer(undefined);
    this.events.lost?.(reason);
  }

  private clearAttempt(): void {
    this.attempt = null;
    if (this.attemptTimer !== null) this.host.clearTimer(this.attemptTimer);
    this.attemptTimer = null;
  }
}
