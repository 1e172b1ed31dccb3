/**
 * A small Redis client over the Host: one connection to a server that is given by name, looked up anew at each attempt.
 * Answers come in the order of requests; a connection that goes leaves its open requests without one.
 *
 *   idle --open--> opening --connected, every greeting accepted--> open --lost, close--> idle
 *                     '--failed, timeout, a greeting refused--> idle
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
  /** A message of a channel that this connection listens to. */
  message?(channel: Bytes, text: Bytes): void;
}

/** A request that must be answered well before the connection counts as open. */
export interface Greeting {
  readonly argv: readonly Bytes[];
  /** Why this answer will not do; null: it is fine. */
  refusal(reply: Reply): string | null;
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
  private readonly listens: boolean;
  private readonly greetings: readonly Greeting[];
  private connection: Connection | null = null;
  private attempt: { cancel(): void } | null = null;
  private attemptTimer: Timer | null = null;
  private decoder: ReplyDecoder = new ReplyDecoder();
  /** Who waits for the next answers: the places from `waitingHead` to before `waitingEnd`. Never shortened while it is open. */
  private waiting: Answer[] = [];
  private waitingHead = 0;
  private waitingEnd = 0;
  private generation = 0;

  /** `connectTimeoutMs` counts from `open` until the greetings are accepted. */
  constructor(host: Host, connectTimeoutMs: number, events: RedisClientEvents, greetings: readonly Greeting[] = []) {
    this.host = host;
    this.connectTimeoutMs = connectTimeoutMs;
    this.events = events;
    this.listens = events.message !== undefined;
    this.greetings = greetings;
  }

  get isOpen(): boolean {
    return this.connection !== null && this.attempt === null;
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
    this.waiting[this.waitingEnd++] = answer;
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
        if (this.listens && isMessage(reply)) {
          this.events.message?.(reply[1], reply[2]);
          if (this.connection === null) return;
          continue;
        }
        if (this.waitingHead === this.waitingEnd) throw new ProtocolError('an answer to nothing');
        const answer = this.waiting[this.waitingHead++] as Answer;
        if (this.waitingHead === this.waitingEnd) {
          this.waitingHead = 0;
          this.waitingEnd = 0;
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
    this.connection = result;
    this.decoder = new ReplyDecoder();
    if (this.greetings.length === 0) this.greeted();
    else this.greet();
  }

  private greet(): void {
    let unanswered = this.greetings.length;
    for (const { argv, refusal } of this.greetings) {
      this.send(argv, (reply) => {
        if (reply === undefined) return;
        const reason = refusal(reply);
        if (reason !== null) this.close(reason);
        else if (--unanswered === 0) this.greeted();
      });
    }
  }

  private greeted(): void {
    this.clearAttempt();
    this.events.opened?.();
  }

  private failed(reason: string): void {
    this.generation++;
    this.attempt?.cancel();
    this.connection?.close();
    this.ended(reason);
  }

  private ended(reason: string): void {
    this.clearAttempt();
    this.connection = null;
    const open = this.waiting.slice(this.waitingHead, this.waitingEnd);
    this.waiting = [];
    this.waitingHead = 0;
    this.waitingEnd = 0;
    for (const answer of open) answer(undefined);
    this.events.lost?.(reason);
  }

  private clearAttempt(): void {
    this.attempt = null;
    if (this.attemptTimer !== null) this.host.clearTimer(this.attemptTimer);
    this.attemptTimer = null;
  }
}

const MESSAGE = 'message';

/** What a channel says, as opposed to the answer to a request. */
const isMessage = (reply: Reply): reply is readonly [Bytes, Bytes, Bytes] =>
  Array.isArray(reply) && reply.length === 3 && reply[0] === MESSAGE
  && typeof reply[1] === 'string' && typeof reply[2] === 'string';
