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
import type { TraceDetail } from '../trace/traceEvent.ts';
import { flowDraw, nextDraw } from '../random/drawHash.ts';
import { KIND } from '../time/kinds.ts';
import { SimEvent } from '../time/simEvent.ts';
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
  private retry: SynRetry | null = null;
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
  retryDue(): void {
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
    this.retry = new SynRetry(this, this.attempts);
    stack.kernel.schedule(this.retry, micros(departure + wait));
    if (target === null) return stack.observeDrop(socket, 'noHost');
    const link = stack.linkTo(target);
    const draw = nextDraw(flowDraw(stack.kernel.seedLanes, link.hash, this.connection), SYN_DRAWS + this.attempts);
    if (link.drops(draw)) return stack.observeDrop(socket, link.cuts > 0 ? 'cut' : 'lost');
    stack.kernel.schedule(new Syn(this, target, draw), micros(departure + link.latencyMicros(draw)));
  }
}

class SynRetry extends SimEvent {
  private readonly opening: Opening;

  constructor(opening: Opening, attempts: number) {
    super(KIND.synRetry, opening.socket.node, opening.socket.id, attempts);
    this.opening = opening;
  }

  override fire(): void {
    this.opening.retryDue();
  }
}

/** Fires at the machine that is to be connected to. */
class Syn extends SimEvent {
  private readonly opening: Opening;
  private readonly target: NetStack;
  private readonly draw: number;

  constructor(opening: Opening, target: NetStack, draw: number) {
    super(KIND.syn, target.node, opening.socket.id, opening.socket.remotePort);
    this.opening = opening;
    this.target = target;
    this.draw = draw;
  }

  override fire(): void {
    const { socket } = this.opening;
    const { target } = this;
    if (socket.stack.linkTo(target).cuts > 0) return target.observeDrop(socket, 'cut');
    if (!target.isUp || !target.has(socket.remoteAddress)) return target.observeDrop(socket, 'down');
    const listener = target.listenerAt(socket.remoteAddress, socket.remotePort);
    if (listener === null) return this.answer('refused');
    if (!this.isAnsweredBefore(socket)) {
      if (listener.isFull()) return target.observeDrop(socket, 'acceptQueue');
      const other = new SimSocket(
        socket.id, target, listener.owner,
        socket.remoteAddress, socket.remotePort, socket.localAddress, socket.localPort);
      other.listener = listener;
      pair(socket, other, this.opening.connection);
    }
    this.answer('open');
  }

  override detail(): TraceDetail {
    const { socket } = this.opening;
    return { connection: socket.id, from: socket.nodeName, port: socket.remotePort };
  }

  /** A repeated SYN finds the other end that an earlier one made, unless that is gone. */
  private isAnsweredBefore(socket: SimSocket): boolean {
    const other = socket.out?.receiver;
    return other !== undefined && !other.isClosed() && other.boot === this.target.boot;
  }

  private answer(result: 'open' | 'refused'): void {
    const { socket } = this.opening;
    const { kernel } = this.target;
    const back = this.target.linkTo(socket.stack);
    const draw = nextDraw(this.draw, ANSWER_DRAWS);
    if (back.drops(draw)) return this.target.observeDrop(socket, back.cuts > 0 ? 'cut' : 'lost');
    kernel.schedule(new SynAnswer(this.opening, this.target, result), micros(kernel.now + back.latencyMicros(draw)));
  }
}

/** Fires at the machine that connects. */
class SynAnswer extends SimEvent {
  private readonly opening: Opening;
  private readonly target: NetStack;
  private readonly result: 'open' | 'refused';

  constructor(opening: Opening, target: NetStack, result: 'open' | 'refused') {
    super(KIND.synAnswer, opening.socket.node, opening.socket.id, result === 'open' ? 1 : 0);
    this.opening = opening;
    this.target = target;
    this.result = result;
  }

  override fire(): void {
    const { socket } = this.opening;
    if (this.target.linkTo(socket.stack).cuts > 0) return this.target.observeDrop(socket, 'cut');
    if (socket.stack.boot !== socket.boot) return;
    if (socket.isClosed()) socket.out?.reset(socket.stack.kernel.now);
    else this.opening.decide(this.result);
  }

  override detail(): TraceDetail {
    return { connection: this.a, result: this.result };
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
