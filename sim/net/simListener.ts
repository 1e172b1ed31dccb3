/** A listening port and the connections that wait there to be accepted, one a turn. */
import type { Bytes } from '../../engine/core/bytes.ts';
import { type CauseId, NO_CAUSE } from '../../engine/core/units.ts';
import type { Connection, ConnectionHandlers, Listener } from '../../engine/host.ts';
import { ACCEPT_QUEUE_MAX } from './limits.ts';
import type { NetStack } from './netStack.ts';
import type { Owner, Work } from './owner.ts';
import type { SimSocket } from './simSocket.ts';

export class SimListener implements Listener, Work {
  readonly stack: NetStack;
  readonly owner: Owner;
  /** Empty: every address of the machine. */
  readonly address: Bytes;
  readonly port: number;
  readonly isTimer = false;
  cause: CauseId = NO_CAUSE;
  private readonly accept: (connection: Connection) => ConnectionHandlers;
  private readonly waiting: SimSocket[] = [];
  private isSubmitted = false;
  private isClosed = false;

  constructor(
    stack: NetStack, owner: Owner, address: Bytes, port: number,
    accept: (connection: Connection) => ConnectionHandlers,
  ) {
    this.stack = stack;
    this.owner = owner;
    this.address = address;
    this.port = port;
    this.accept = accept;
  }

  isFull(): boolean {
    return this.waiting.length >= ACCEPT_QUEUE_MAX;
  }

  /** A handshake is complete. False: nobody will accept it any more. */
  enqueue(socket: SimSocket): boolean {
    socket.listener = null;
    if (this.isClosed || this.isFull()) return false;
    this.waiting.push(socket);
    this.wake();
    return true;
  }

  /** Stops listening; what waits to be accepted is reset at the end of the turn. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stack.removeListener(this);
    for (const socket of this.waiting) socket.reset();
    this.waiting.length = 0;
  }

  /** The process died: its waiting connections are ended with its others. */
  abandon(): void {
    this.isClosed = true;
    this.stack.removeListener(this);
    this.waiting.length = 0;
  }

  isDue(): boolean {
    return this.isSubmitted && !this.isClosed;
  }

  runTurn(): void {
    this.isSubmitted = false;
    const socket = this.waiting.shift();
    if (socket === undefined) return;
    const handlers = this.accept(socket);
    if (!socket.isClosed()) socket.attach(handlers);
    this.wake();
  }

  private wake(): void {
    if (this.isSubmitted || this.waiting.length === 0) return;
    this.isSubmitted = true;
    this.owner.submit(this);
  }
}
