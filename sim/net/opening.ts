/**
 * A connection being made: SYN, its answer, and the retries when there is none.
 *
 *     start -> SYN ---> listener: answer ---> established, the first segment completes it at the listener
 *                  `--> no listener: RST ---> refused
 *                  `--> dropped, dead, unreachable, accept queue full: nothing; again after 1, 2, 4 … s, 127 s in all
 */
import { hashText, mix32 } from '../../engine/core/hash.ts';
import { type Micros, micros } from '../../engine/core/units.ts';
import type { ConnectionHandlers, Connection, NetError } from '../../engine/host.ts';
import { flowDraw, nextDraw } from '../random/drawHash.ts';
import { KIND } from '../time/kinds.ts';
import { Later } from '../time/simEvent.ts';
import { Flow } from './flow.ts';
import { SYN_FIRST_WAIT_MICROS, SYN_RETRIES_MAX } from './limits.ts';
import type { NetStack } from './netStack.ts';
import { SimSocket } from './simSocket.ts';

/** Draws of the handshake, apart from those of segments. */
const SYN_DRAWS = 0x10000000;
const ANSWER_DRAWS = 0x11000000;

export class Opening {
  readonly socket: SimSocket;
  /** Names the connection in draws: by who connects where for which time. */
  readonly connection: number;
  private readonly keepAliveMicros: number;
  private readonly handlers: ConnectionHandlers;
  private readonly opened: (result: Connection | NetError) => void;
  private retry: Later | null = null;
  private result: 'open' | NetError | null = null;
  private attempts = 0;

  constructor(
    socket: SimSocket, keepAliveMicros: number, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ) {
    this.socket = socket;
    this.keepAliveMicros = keepAliveMicros;
    this.handlers = handlers;
    this.opened = opened;
    const place = `${socket.remoteAddress}:${socket.remotePort}`;
    const ordinal = socket.owner.nextConnection(place);
    this.connection = mix32(socket.owner.nameHash ^ hashText(place)) + ordinal;
  }

  /** The turn that asked for the connection is over. */
  start(departure: Micros): void {
    if (this.attempts === 0) this.sendSyn(departure);
  }

  /** The answer arrived. */
  decide(result: 'open' | NetError): void {
    if (this.result !== null) return;
    this.result = result;
    this.stop();
    if (result === 'open') this.socket.established(this.keepAliveMicros);
    this.socket.wake();
  }

  isDecided(): boolean {
    return this.result !== null;
  }

  /** Tells the program. What arrived meanwhile is for later turns. */
  report(): void {
    const { socket, result } = this;
    if (result === null) return;
    if (result === 'open') {
      socket.opening = null;
      this.opened(socket);
      if (!socket.isClosed()) socket.attach(this.handlers);
    } else {
      socket.retire();
      this.opened(result);
    }
  }

  stop(): void {
    if (this.retry !== null) this.socket.stack.kernel.cancel(this.retry);
    this.retry = null;
  }

  /** The wait for an answer is over. */
  private retryDue(): void {
    this.retry = null;
    if (this.attempts > SYN_RETRIES_MAX) this.decide('timeout');
    else this.sendSyn(this.socket.stack.kernel.now);
  }

  private sendSyn(departure: Micros): void {
    const { socket } = this;
    const { stack } = socket;
    const target = stack.network.stackAt(stack, socket.remoteAddress);
    const wait = SYN_FIRST_WAIT_MICROS * (1 << this.attempts);
    this.attempts++;
    this.retry = new Later(KIND.synRetry, socket.node, socket.id, this.attempts, () => this.retryDue());
    stack.kernel.schedule(this.retry, micros(departure + wait));
    if (target === null) return stack.observeDrop(socket, 'noHost');
    const link = stack.linkTo(target);
    const draw = nextDraw(flowDraw(stack.kernel.seedLanes, link.hash, this.connection), SYN_DRAWS + this.attempts);
    if (link.drops(draw)) return stack.observeDrop(socket, link.cuts > 0 ? 'cut' : 'lost');
    const syn = new Later(KIND.syn, target.node, socket.id, socket.remotePort, () => this.arriveAt(target, draw),
      () => ({ connection: socket.id, from: socket.nodeName, port: socket.remotePort }));
    stack.kernel.schedule(syn, micros(departure + link.latencyMicros(draw)));
  }

  /** The SYN gets to the machine that is to be connected to. */
  private arriveAt(target: NetStack, draw: number): void {
    const { socket } = this;
    if (socket.stack.linkTo(target).cuts > 0) return target.observeDrop(socket, 'cut');
    if (!target.isUp || !target.has(socket.remoteAddress)) return target.observeDrop(socket, 'down');
    const listener = target.listenerAt(socket.remoteAddress, socket.remotePort);
    if (listener === null) return this.answer(target, draw, 'refused');
    if (!this.isAnsweredBefore(target)) {
      if (listener.isFull()) return target.observeDrop(socket, 'acceptQueue');
      const other = new SimSocket(
        socket.id, target, listener.owner,
        socket.remoteAddress, socket.remotePort, socket.localAddress, socket.localPort);
      other.listener = listener;
      pair(socket, other, this.connection);
    }
    this.answer(target, draw, 'open');
  }

  /** A repeated SYN finds the other end that an earlier one made, unless that is gone. */
  private isAnsweredBefore(target: NetStack): boolean {
    const other = this.socket.out?.receiver;
    return other !== undefined && !other.isClosed() && other.boot === target.boot;
  }

  private answer(target: NetStack, synDraw: number, result: 'open' | 'refused'): void {
    const { socket } = this;
    const { kernel } = target;
    const back = target.linkTo(socket.stack);
    const draw = nextDraw(synDraw, ANSWER_DRAWS);
    if (back.drops(draw)) return target.observeDrop(socket, back.cuts > 0 ? 'cut' : 'lost');
    const answer = new Later(KIND.synAnswer, socket.node, socket.id, result === 'open' ? 1 : 0,
      () => this.answered(target, result), () => ({ connection: socket.id, result }));
    kernel.schedule(answer, micros(kernel.now + back.latencyMicros(draw)));
  }

  /** The answer gets to the machine that connects. */
  private answered(target: NetStack, result: 'open' | 'refused'): void {
    const { socket } = this;
    if (target.linkTo(socket.stack).cuts > 0) return target.observeDrop(socket, 'cut');
    if (socket.stack.boot !== socket.boot) return;
    if (socket.isClosed()) socket.out?.reset(socket.stack.kernel.now);
    else this.decide(result);
  }
}

const pair = (socket: SimSocket, other: SimSocket, connection: number): void => {
  const { kernel } = socket.stack;
  const there = socket.stack.linkTo(other.stack);
  const back = other.stack.linkTo(socket.stack);
  socket.out = new Flow(kernel, socket, other, there, back, connection);
  // On the loopback both ways are one link: the way back draws apart.
  other.out = new Flow(kernel, other, socket, back, there, ~connection);
  socket.in = other.out;
  other.in = socket.out;
};
