/**
 * One connection of the cluster bus: whole messages in, whole messages out. Each pair of nodes has two, one opened by each side;
 * a node sends over its own, and answers over the other's.
 *
 * Always holds: what is sent before the connection is open waits for it; after `close` nothing comes any more; what is no message
 * ends the connection.
 * Source: clusterLink and clusterReadHandler in cluster.c of Redis 7.0.
 */
import type { Connection, ConnectionHandlers } from '../host.ts';
import { type Bytes, EMPTY, slice } from '../core/bytes.ts';
import { messageLength } from './busMessage.ts';
import type { ClusterNode } from './clusterNode.ts';

export interface BusLinkUser {
  /** A whole message. */
  received(link: BusLink, message: Bytes): void;
  /** The connection is gone, or was no bus: the link is of no more use. */
  lost(link: BusLink, reason: string): void;
}

export class BusLink {
  /** For an outbound link its node; for an inbound one the node once it is known. */
  node: ClusterNode | null;
  readonly isInbound: boolean;
  readonly createdMs: number;
  private readonly user: BusLinkUser;
  private connection: Connection | null = null;
  private waiting: Bytes[] = [];
  private waitingBytes = 0;
  /** The connection takes no more until it says so. */
  private isFull = false;
  /**
   * Of a message that is not whole yet; null: nothing. A list that waited empty would be old when a message comes, and V8 keeps what a
   * dead old list holds until it looks through the whole heap.
   */
  private input: Bytes[] | null = null;
  private inputBytes = 0;
  /** So many bytes must be there before it is worth looking. */
  private wanted = 0;
  private isClosed = false;

  constructor(user: BusLinkUser, node: ClusterNode | null, isInbound: boolean, nowMs: number) {
    this.user = user;
    this.node = node;
    this.isInbound = isInbound;
    this.createdMs = nowMs;
  }

  get handlers(): ConnectionHandlers {
    return {
      onData: (chunk) => this.receive(chunk),
      onWritable: () => {
        this.isFull = false;
        this.flush();
      },
      onClose: (error) => this.fail(error ?? 'closed by the peer'),
    };
  }

  /** The address at this end; empty before the connection is open. */
  get localAddress(): Bytes {
    return this.connection?.localAddress ?? EMPTY;
  }

  get remoteAddress(): Bytes {
    return this.connection?.remoteAddress ?? EMPTY;
  }

  get isOpen(): boolean {
    return this.connection !== null;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.waitingBytes;
  }

  opened(connection: Connection): void {
    if (this.isClosed) {
      connection.close();
      return;
    }
    this.connection = connection;
    this.flush();
  }

  send(message: Bytes): void {
    if (this.isClosed) return;
    if (this.connection !== null && !this.isFull) this.isFull = !this.connection.write(message);
    else {
      this.waiting.push(message);
      this.waitingBytes += message.length;
    }
  }

  private flush(): void {
    const { connection } = this;
    if (connection === null || this.isClosed || this.waiting.length === 0) return;
    let sent = 0;
    while (!this.isFull && sent < this.waiting.length) {
      const message = this.waiting[sent++] as Bytes;
      this.waitingBytes -= message.length;
      this.isFull = !connection.write(message);
    }
    this.waiting = sent === this.waiting.length ? [] : this.waiting.slice(sent);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection?.close();
  }

  /** Ends it without sending what this turn has queued. */
  abandon(): void {
    this.isClosed = true;
    this.connection?.reset();
  }

  fail(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection?.close();
    this.user.lost(this, reason);
  }

  private receive(chunk: Bytes): void {
    this.inputBytes += chunk.length;
    if (this.input === null) this.take(chunk);
    else {
      this.input ??= [];
      this.input.push(chunk);
      if (this.inputBytes >= this.wanted) this.take(this.input.join('') as Bytes);
    }
  }

  /** Takes whole messages out of all that has come. */
  private take(input: Bytes): void {
    let rest = input;
    while (!this.isClosed && rest.length > 0) {
      const length = messageLength(rest);
      if (typeof length === 'string') {
        this.fail(length);
        return;
      }
      this.wanted = length ?? 0;
      if (length === null || rest.length < length) break;
      const message = length === rest.length ? rest : slice(rest, 0, length);
      rest = length === rest.length ? EMPTY : slice(rest, length);
      this.user.received(this, message);
    }
    this.inputBytes = rest.length;
    this.input = rest.length === 0 ? null : [rest];
  }
}
