/**
 * One connection of a sentinel to an instance: commands go out in order, each reply finds its command.
 *
 * Always holds: what is sent before the connection is open waits for it; no callback comes after `close` or after the
 * connection was lost, so a reply that never came is never mistaken for one that did.
 */
import type { Connection, Host, NetError } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { ProtocolError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { ReplyDecoder } from '../protocol/replyDecoder.ts';
import type { Reply } from '../protocol/reply.ts';

type OnReply = (reply: Reply) => void;

export interface ConnectionTarget {
  readonly host: Host;
  readonly ip: Bytes;
  readonly port: number;
  /** Local address to bind to, or null. */
  readonly bind: Bytes | null;
  readonly isTls: boolean;
}

export class CommandConnection {
  private readonly decoder: ReplyDecoder = new ReplyDecoder();
  private readonly waiting: OnReply[] = [];
  /** Takes every reply once the connection is subscribed; null: each reply belongs to a command. */
  private subscriber: OnReply | null = null;
  private connection: Connection | null = null;
  private early: Bytes[] = [];
  private attempt: { cancel(): void } | null = null;
  private isClosed = false;
  private readonly lost: (error: NetError | null) => void;

  /** `lost` is called once, when the connection could not be made or is gone. */
  constructor(target: ConnectionTarget, lost: (error: NetError | null) => void) {
    this.lost = lost;
    const handlers = {
      onData: (chunk: Bytes): void => this.receive(chunk),
      onWritable: (): void => {},
      onClose: (error: NetError | null): void => this.fail(error),
    };
    this.attempt = target.host.connect(target.ip, target.port, { keepAliveMs: ms(0), bind: target.bind, isTls: target.isTls }, handlers,
      (result) => {
        this.attempt = null;
        if (typeof result === 'string') {
          this.fail(result);
          return;
        }
        this.connection = result;
        for (const chunk of this.early) result.write(chunk);
        this.early = [];
      });
  }

  /** The address that the other end sees us at; empty before the connection is open. */
  get localAddress(): Bytes {
    return this.connection === null ? EMPTY : this.connection.localAddress;
  }

  send(argv: readonly Bytes[], onReply: OnReply): void {
    this.waiting.push(onReply);
    this.write(encodeCommand(argv));
  }

  /** Sends a SUBSCRIBE: from its reply on, all that arrives goes to `onMessage`. */
  subscribe(argv: readonly Bytes[], onMessage: OnReply): void {
    this.send(argv, (reply) => {
      this.subscriber = onMessage;
      onMessage(reply);
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.attempt?.cancel();
    this.connection?.close();
  }

  private write(chunk: Bytes): void {
    if (this.isClosed) return;
    if (this.connection === null) this.early.push(chunk);
    else this.connection.write(chunk);
  }

  private receive(chunk: Bytes): void {
    this.decoder.push(chunk);
    try {
      while (!this.isClosed) {
        const reply = this.decoder.next();
        if (reply === undefined) return;
        const onReply = this.subscriber ?? this.waiting.shift();
        // A reply that nobody asked for: this is no Redis.
        if (onReply === undefined) this.breakOff();
        else onReply(reply);
      }
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      this.breakOff();
    }
  }

  private breakOff(): void {
    this.connection?.reset();
    this.fail('reset');
  }

  private fail(error: NetError | null): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.lost(error);
  }
}
