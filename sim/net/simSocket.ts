/**
 * One end of a connection, as its kernel and its program see it.
 *
 *     opening --(SYN answered)--> open --(close, reset, exit)--> closed        no callback follows
 *        |                         +---(FIN read, RST, gave up)--> closed       onClose was called
 *        +--(refused, timeout, cancel)--> closed                               `opened` got the error
 *
 * What always holds: callbacks happen only in a turn of the owner, data before the close that followed it, and nothing
 * after `closed`. What arrives while the owner is busy, paused or not reading waits here, within the receive buffer.
 */
import { type Bytes, EMPTY, join } from '../../engine/core/bytes.ts';
import { type CauseId, type Micros, NO_CAUSE, micros } from '../../engine/core/units.ts';
import type { Connection, ConnectionHandlers, NetError } from '../../engine/host.ts';
import type { Flow } from './flow.ts';
import { KeepAlive } from './keepAlive.ts';
import { READ_BYTES_MAX } from './limits.ts';
import type { NetStack } from './netStack.ts';
import type { Opening } from './opening.ts';
import type { Owner, Work } from './owner.ts';
import { ACCEPT, FIN } from './segment.ts';
import type { SimListener } from './simListener.ts';

const OPENING = 0;
const OPEN = 1;
const CLOSED = 2;

export class SimSocket implements Connection, Work {
  readonly id: number;
  readonly stack: NetStack;
  /** The machine's boot count when this end was made. */
  readonly boot: number;
  readonly owner: Owner;
  readonly node: number;
  readonly localAddress: Bytes;
  readonly localPort: number;
  readonly remoteAddress: Bytes;
  readonly remotePort: number;
  readonly isTimer = false;
  cause: CauseId = NO_CAUSE;
  /** Both null until the SYN was accepted. */
  out: Flow | null = null;
  in: Flow | null = null;
  /** The handshake in progress, on the connecting side. */
  opening: Opening | null = null;
  /** The listener that this end waits to be accepted by. */
  listener: SimListener | null = null;
  /** `write` answered false; onWritable is owed. */
  isWriteBlocked = false;
  /** Stands in its owner's list of what to flush. */
  isTouched = false;
  /** When the other machine last gave a sign of life. */
  lastHeardAt: Micros = micros(0);
  private state: number = OPENING;
  private handlers: ConnectionHandlers | null = null;
  private keepAlive: KeepAlive | null = null;
  /** What arrived and was not read: mostly one chunk, which needs no list. */
  private received: Bytes = EMPTY;
  private receivedBehind: Bytes[] | null = null;
  private receivedBytes = 0;
  private isFinReceived = false;
  private isReading = true;
  private isSubmitted = false;
  private isWritableDue = false;
  private error: NetError | null = null;

  constructor(
    id: number, stack: NetStack, owner: Owner,
    localAddress: Bytes, localPort: number, remoteAddress: Bytes, remotePort: number,
  ) {
    this.id = id;
    this.stack = stack;
    this.boot = stack.boot;
    this.owner = owner;
    this.node = owner.node;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    stack.sockets.add(this);
  }

  get nodeName(): string {
    return this.stack.kernel.nodeName(this.node);
  }

  isClosed(): boolean {
    return this.state === CLOSED;
  }

  // What the program calls.

  write(chunk: Bytes): boolean {
    const out = this.out;
    if (this.state !== OPEN || out === null || chunk.length === 0) return true;
    this.owner.touch(this);
    const hasRoom = out.write(chunk);
    if (!hasRoom) this.isWriteBlocked = true;
    return hasRoom;
  }

  close(): void {
    if (this.state === CLOSED) return;
    const isAbrupt = this.receivedBytes > 0;
    this.retire();
    if (this.out === null) return;
    // A kernel that has to throw away input tells the peer so.
    if (isAbrupt) this.error = 'reset';
    else this.out.close();
    this.owner.touch(this);
  }

  reset(): void {
    if (this.state === CLOSED) return;
    this.retire();
    this.error = 'reset';
    this.owner.touch(this);
  }

  /** Gives a connection up that is being opened, or was opened and not yet reported. */
  cancel(): void {
    if (this.opening !== null) this.reset();
  }

  pause(): void {
    this.isReading = false;
  }

  resume(): void {
    this.isReading = true;
    this.wake();
  }

  // What the kernel does.

  /** The connecting side is through its handshake. */
  established(keepAliveMicros: number): void {
    this.state = OPEN;
    this.lastHeardAt = this.stack.kernel.now;
    if (keepAliveMicros > 0) this.keepAlive = new KeepAlive(this, keepAliveMicros);
    this.keepAlive?.arm();
    this.out?.sendEmpty(ACCEPT, this.stack.kernel.now);
  }

  /** From now on a program listens to this end. */
  attach(handlers: ConnectionHandlers): void {
    if (this.state === OPENING) this.state = OPEN;
    this.handlers = handlers;
    this.wake();
  }

  /** Something arrives. */
  receive(chunk: Bytes, flags: number): void {
    this.lastHeardAt = this.stack.kernel.now;
    if ((flags & ACCEPT) !== 0 && this.listener !== null && !this.listener.enqueue(this)) this.retire();
    if (this.state === CLOSED) {
      if (chunk.length > 0 || (flags & ACCEPT) !== 0) this.in?.answerReset();
      return;
    }
    if (chunk.length > 0) {
      if (this.receivedBytes === 0) this.received = chunk;
      else (this.receivedBehind ??= []).push(chunk);
      this.receivedBytes += chunk.length;
    }
    if ((flags & FIN) !== 0) this.isFinReceived = true;
    this.wake();
  }

  /** The connection is lost: what is unread is lost too. */
  fail(error: NetError): void {
    if (this.state === CLOSED) {
      this.out?.kill();
      return;
    }
    this.out?.kill();
    // Its handshake never ended: no program knows of it.
    if (this.listener !== null) return this.retire();
    this.error = error;
    this.forgetReceived();
    this.wake();
  }

  becomeWritable(): void {
    this.isWriteBlocked = false;
    this.isWritableDue = true;
    this.wake();
  }

  /** Sends what the turn left to be sent. */
  flush(departure: Micros): void {
    if (this.out === null) this.opening?.start(departure);
    else if (this.state === CLOSED && this.error !== null) this.out.reset(departure);
    else this.out.flush(departure);
  }

  /** The process ended: its kernel sends what has left its hands, then FIN, or RST if input was unread. */
  abandon(now: Micros): void {
    this.out?.unsend(now);
    if (this.state === CLOSED || this.out === null) {
      this.retire();
      return;
    }
    const isAbrupt = this.receivedBytes > 0 || this.error !== null || this.handlers === null;
    this.retire();
    if (isAbrupt) return this.out.reset(now);
    this.out.close();
    this.out.flush(now);
  }

  /** The machine lost its power: silence. */
  vanish(now: Micros): void {
    this.out?.unsend(now);
    this.out?.kill();
    this.retire();
  }

  isDue(): boolean {
    return this.isSubmitted && this.state !== CLOSED;
  }

  runTurn(): void {
    this.isSubmitted = false;
    if (this.opening !== null) return this.opening.report();
    const handlers = this.handlers;
    if (handlers === null) return;
    if (this.isWritableDue) {
      this.isWritableDue = false;
      if (this.error === null) handlers.onWritable();
    }
    if (this.state === OPEN && this.isReading && this.receivedBytes > 0) handlers.onData(this.take());
    if (this.state === CLOSED) return;
    if (this.error !== null || (this.isFinReceived && this.receivedBytes === 0)) {
      const error = this.error;
      this.retire();
      this.out?.kill();
      handlers.onClose(error);
      return;
    }
    this.wake();
  }

  /** Asks for a turn if there is anything to do in it. */
  wake(): void {
    if (this.isSubmitted || this.state === CLOSED) return;
    const isReadable = this.isReading && (this.receivedBytes > 0 || this.isFinReceived);
    const hasNews = this.handlers !== null && (isReadable || this.isWritableDue || this.error !== null);
    if (!hasNews && (this.opening === null || !this.opening.isDecided())) return;
    this.isSubmitted = true;
    this.owner.submit(this);
  }

  /** No callback from here on. */
  retire(): void {
    this.state = CLOSED;
    this.stack.sockets.delete(this);
    this.opening?.stop();
    this.keepAlive?.stop();
    this.opening = null;
    this.keepAlive = null;
    this.forgetReceived();
  }

  private forgetReceived(): void {
    this.received = EMPTY;
    this.receivedBehind = null;
    this.receivedBytes = 0;
  }

  /** What one turn reads: whole segments up to a bound, or a part of one. */
  private take(): Bytes {
    const chunk = this.receivedBehind === null && this.receivedBytes <= READ_BYTES_MAX ? this.received : this.takePart();
    this.receivedBytes -= chunk.length;
    if (this.receivedBytes === 0) this.forgetReceived();
    this.in?.consumed(chunk.length);
    return chunk;
  }

  private takePart(): Bytes {
    const received = [this.received, ...this.receivedBehind ?? []];
    let count = 0;
    let size = 0;
    while (count < received.length && size + (received[count] as Bytes).length <= READ_BYTES_MAX) {
      size += (received[count] as Bytes).length;
      count++;
    }
    const first = this.received;
    const part = count > 0 ? join(received.splice(0, count)) : first.slice(0, READ_BYTES_MAX) as Bytes;
    if (count === 0) received[0] = first.slice(READ_BYTES_MAX) as Bytes;
    this.received = received.shift() ?? EMPTY;
    this.receivedBehind = received.length === 0 ? null : received;
    return part;
  }
}
