/**
 * One direction of a connection: an ordered byte stream over a directed link.
 *
 * What always holds: bytes arrive in the order they were written, each once. There are no events for acknowledgements:
 * the sender learns at once what was delivered, unless the way back is cut. Flow control counts the bytes that left and
 * were not read (`unread`); what finds no room waits in `pending`.
 *
 *     written -> fresh -> (turn's end) -> pending while the window is full -> wire -> receiver's buffer -> read
 *                                                     wire -> dropped -> stalled -> (retransmission) -> wire
 *
 * A dropped segment stalls the stream: everything behind it joins it and arrives with it. Source: RFC 9293, RFC 6298, read for
 * what applications notice.
 */
import { type Bytes, EMPTY } from '../../engine/core/bytes.ts';
import { ChunkList } from '../../engine/core/chunkList.ts';
import { assert } from '../../engine/core/errors.ts';
import { type Micros, micros } from '../../engine/core/units.ts';
import { flowDraw, nextDraw } from '../random/drawHash.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import {
  ORPHAN_RETRANSMITS_MAX, RECEIVE_BUFFER_BYTES, RETRANSMITS_MAX, RETRANSMIT_FIRST_MICROS, RETRANSMIT_WAIT_MICROS_MAX,
  SEGMENT_BYTES_MAX, SEND_BUFFER_BYTES, SEND_BUFFER_WAKE_BYTES,
} from './limits.ts';
import type { Link } from './link.ts';
import { Later } from '../time/simEvent.ts';
import { FIN, Segment } from './segment.ts';
import type { SimSocket } from './simSocket.ts';

/** Draws for what is not a first transmission lie far above the ordinals of those. */
const RETRANSMIT_DRAWS = 0x20000000;
const RESET_DRAW = 0x30000000;
const WINDOW_DRAW = 0x38000000;

export class Flow {
  readonly sender: SimSocket;
  readonly receiver: SimSocket;
  readonly link: Link;
  private readonly back: Link;
  private readonly kernel: Kernel;
  private readonly draws: number;
  /** Retransmissions since the last answer. */
  attempts = 0;
  private ordinal = 0;
  private retransmissions = 0;
  private waitMicros = RETRANSMIT_FIRST_MICROS;
  private fresh: Bytes = EMPTY;
  private readonly pending: ChunkList = new ChunkList();
  private unread = 0;
  /** Delivered, while the sender cannot know. */
  private unanswered = 0;
  private lastArrival = 0;
  private lineFreeAt = 0;
  private firstOnWire: Segment | null = null;
  private lastOnWire: Segment | null = null;
  private stalled: Segment | null = null;
  private retransmitTimer: Later | null = null;
  /** The sender will hear that there is room again. */
  private windowUpdate: Later | null = null;
  private isClosing = false;
  private isFinSent = false;
  private isDead = false;

  /** `connection` names the connection among all that ever use this link. */
  constructor(kernel: Kernel, sender: SimSocket, receiver: SimSocket, link: Link, back: Link, connection: number) {
    this.kernel = kernel;
    this.sender = sender;
    this.receiver = receiver;
    this.link = link;
    this.back = back;
    this.draws = flowDraw(kernel.seedLanes, link.hash, connection);
  }

  /** Takes bytes that leave at the turn's end. False when the send buffer is full. */
  write(chunk: Bytes): boolean {
    this.fresh = this.fresh.length === 0 ? chunk : ((this.fresh + chunk) as Bytes);
    return this.held() < SEND_BUFFER_BYTES;
  }

  /** The sender writes no more: FIN follows what is queued. */
  close(): void {
    this.isClosing = true;
  }

  /** Sends what the turn wrote, at `departure`. */
  flush(departure: Micros): void {
    if (this.isDead) return;
    const fresh = this.fresh;
    if (fresh.length > 0) {
      this.fresh = EMPTY;
      const fits = fresh.length <= SEGMENT_BYTES_MAX && this.unread + fresh.length <= RECEIVE_BUFFER_BYTES;
      if (fits && this.pending.length === 0) {
        this.transmit(fresh, this.isClosing ? FIN : 0, departure);
        return;
      }
      this.pending.append(fresh);
    }
    this.pump(departure);
    if (this.sender.isWriteBlocked && this.windowUpdate === null) {
      this.scheduleWindow(Math.max(departure, this.lineFreeAt), RETRANSMIT_FIRST_MICROS);
    }
  }

  /** Sends flags without bytes: the end of the handshake. */
  sendEmpty(flags: number, departure: Micros): void {
    this.transmit(EMPTY, flags, departure);
  }

  /** Sends a RST in place of all that is still held. */
  reset(departure: Micros): void {
    if (this.isDead) return;
    this.kill();
    this.sendReset(this.receiver, this, departure);
  }

  /** The receiver's machine answers the last segment with a RST. */
  answerReset(): void {
    const back = this.receiver.out;
    if (back !== null) back.sendReset(this.sender, back, this.kernel.now);
  }

  /** Whether something that leaves now gets to the receiver's machine, as it was when the connection was made. */
  reaches(): boolean {
    const { stack, boot } = this.receiver;
    return this.link.cuts === 0 && stack.isUp && stack.boot === boot;
  }

  /** A segment reaches its time of arrival. */
  arrive(segment: Segment): void {
    assert(this.firstOnWire === segment, 'a segment overtook another');
    this.firstOnWire = segment.next;
    if (segment.next === null) this.lastOnWire = null;
    segment.next = null;
    const { stack, boot } = this.receiver;
    if (this.link.cuts > 0) return this.stallAtArrival(segment, 'cut');
    if (!stack.isUp || !stack.has(this.receiver.localAddress)) return this.stallAtArrival(segment, 'down');
    if (stack.boot !== boot) return this.answerReset();
    if (this.back.cuts > 0) this.missAnswer(segment.chunk.length);
    else this.answered();
    this.receiver.receive(segment.chunk, segment.flags);
  }

  /** The retransmission timer ran out. */
  private retransmit(): void {
    this.retransmitTimer = null;
    if (this.isDead) return;
    if (this.isSenderGone()) return this.kill();
    this.attempts++;
    const attemptsMax = this.sender.isClosed() ? ORPHAN_RETRANSMITS_MAX : RETRANSMITS_MAX;
    if (this.attempts > attemptsMax) return this.giveUp();
    this.waitMicros = Math.min(this.waitMicros * 2, RETRANSMIT_WAIT_MICROS_MAX);
    const segment = this.stalled;
    if (segment === null) return this.probe();
    this.stalled = null;
    this.depart(segment, this.kernel.now, nextDraw(this.draws, RETRANSMIT_DRAWS + this.retransmissions++));
  }

  /** The receiver's program read so many bytes. */
  consumed(bytes: number): void {
    this.unread -= bytes;
    assert(this.unread >= 0, 'more was read than was sent');
    if (this.pending.length === 0 || this.windowUpdate !== null || this.unread * 2 > RECEIVE_BUFFER_BYTES) return;
    const draw = nextDraw(this.draws, WINDOW_DRAW + (this.pending.start & 0xffffff));
    this.scheduleWindow(this.kernel.now + this.back.latencyMicros(draw), RETRANSMIT_FIRST_MICROS);
  }

  /** News of room arrives at the sender, or is found lost and asked for again after a growing wait. */
  private windowOpened(waitMicros: number): void {
    this.windowUpdate = null;
    if (this.isDead) return;
    if (this.isSenderGone()) return this.kill();
    if (this.link.cuts > 0 || this.back.cuts > 0) {
      const next = Math.min(waitMicros * 2, RETRANSMIT_WAIT_MICROS_MAX);
      return this.scheduleWindow(this.kernel.now + waitMicros, next);
    }
    this.pump(this.kernel.now);
    this.wakeWriter();
  }

  /** Forgets what would leave after `now`: its process died before. */
  unsend(now: Micros): void {
    this.fresh = EMPTY;
    let last: Segment | null = null;
    let segment = this.firstOnWire;
    while (segment !== null && segment.departure <= now) {
      last = segment;
      segment = segment.next;
    }
    if (last === null) this.firstOnWire = null;
    else last.next = null;
    this.lastOnWire = last;
    this.lastArrival = last === null ? now : last.time;
    for (; segment !== null; segment = segment.next) {
      this.kernel.cancel(segment);
      this.unread -= segment.chunk.length;
      if ((segment.flags & FIN) !== 0) this.isFinSent = false;
    }
  }

  /** Nothing more is sent or retransmitted. What is on the wire still arrives. */
  kill(): void {
    this.isDead = true;
    this.fresh = EMPTY;
    this.pending.dropBefore(this.pending.end);
    this.stalled = null;
    if (this.retransmitTimer !== null) this.kernel.cancel(this.retransmitTimer);
    if (this.windowUpdate !== null) this.kernel.cancel(this.windowUpdate);
    this.retransmitTimer = null;
    this.windowUpdate = null;
  }

  /** True while the sender waits for an answer that a retransmission must bring. */
  isRetransmitting(): boolean {
    return this.retransmitTimer !== null;
  }

  observeDrop(size: number, reason: string): void {
    const { kernel, sender } = this;
    kernel.observe(KIND.drop, sender.node, sender.id, size, kernel.tracing
      ? { connection: sender.id, to: this.receiver.nodeName, bytes: size, reason } : null);
  }

  /** The machine whose kernel held this stream lost its power. */
  private isSenderGone(): boolean {
    return this.sender.stack.boot !== this.sender.boot;
  }

  /** What the sender's kernel holds for this stream. */
  private held(): number {
    const stalled = this.stalled === null ? 0 : this.stalled.chunk.length;
    return this.fresh.length + this.pending.length + stalled + this.unanswered;
  }

  /** Sends what is pending, as far as the window allows. */
  private pump(departure: Micros): void {
    const pending = this.pending;
    while (pending.length > 0 && this.unread < RECEIVE_BUFFER_BYTES) {
      const size = Math.min(pending.length, SEGMENT_BYTES_MAX, RECEIVE_BUFFER_BYTES - this.unread);
      const chunk = pending.read(pending.start, pending.start + size);
      pending.dropBefore(pending.start + size);
      this.transmit(chunk, this.isClosing && pending.length === 0 ? FIN : 0, departure);
    }
    if (this.isClosing && !this.isFinSent && pending.length === 0) this.transmit(EMPTY, FIN, departure);
  }

  private transmit(chunk: Bytes, flags: number, departure: Micros): void {
    this.ordinal++;
    this.unread += chunk.length;
    if ((flags & FIN) !== 0) this.isFinSent = true;
    if (this.stalled !== null) {
      this.stalled.join(chunk, flags);
      return;
    }
    this.depart(new Segment(this, chunk, flags), departure, nextDraw(this.draws, this.ordinal));
  }

  private depart(segment: Segment, departure: Micros, draw: number): void {
    const link = this.link;
    segment.departure = departure;
    if (link.drops(draw)) return this.stall(segment, link.cuts > 0 ? 'cut' : 'lost', departure);
    this.lineFreeAt = Math.max(this.lineFreeAt, departure) + link.lineMicros(segment.chunk.length);
    this.lastArrival = Math.max(this.lastArrival, this.lineFreeAt + link.latencyMicros(draw));
    if (this.lastOnWire === null) this.firstOnWire = segment;
    else this.lastOnWire.next = segment;
    this.lastOnWire = segment;
    this.kernel.schedule(segment, micros(this.lastArrival));
  }

  /** A segment that got lost on its way holds up those that left after it. */
  private stallAtArrival(segment: Segment, reason: string): void {
    for (let behind = this.firstOnWire; behind !== null; behind = behind.next) {
      this.kernel.cancel(behind);
      segment.join(behind.chunk, behind.flags);
    }
    this.firstOnWire = null;
    this.lastOnWire = null;
    this.stall(segment, reason, this.kernel.now);
  }

  /** A segment was dropped: it waits for its retransmission, before those that wait already. */
  private stall(segment: Segment, reason: string, departure: Micros): void {
    this.observeDrop(segment.chunk.length, reason);
    if (this.isDead) return;
    if (this.stalled !== null) segment.join(this.stalled.chunk, this.stalled.flags);
    this.stalled = segment;
    this.armRetransmit(departure);
  }

  private armRetransmit(from: number): void {
    if (this.retransmitTimer !== null) return;
    const { node, id } = this.sender;
    this.retransmitTimer = new Later(KIND.retransmit, node, id, this.attempts, () => this.retransmit());
    this.kernel.schedule(this.retransmitTimer, micros(from + this.waitMicros));
  }

  /** Bytes were delivered, but the sender does not hear of it and goes on retransmitting. */
  private missAnswer(size: number): void {
    this.unanswered += Math.max(size, 1);
    this.armRetransmit(this.kernel.now);
  }

  private answered(): void {
    this.sender.lastHeardAt = this.kernel.now;
    if (this.attempts === 0 && this.unanswered === 0) return;
    this.attempts = 0;
    this.waitMicros = RETRANSMIT_FIRST_MICROS;
    this.unanswered = 0;
    if (this.stalled === null && this.retransmitTimer !== null) {
      this.kernel.cancel(this.retransmitTimer);
      this.retransmitTimer = null;
    }
    this.wakeWriter();
  }

  /** A retransmission of what was delivered already: all it can bring is the answer. */
  private probe(): void {
    if (this.unanswered === 0) return;
    const { stack, boot } = this.receiver;
    if (this.link.cuts === 0 && this.back.cuts === 0 && stack.isUp) {
      if (stack.boot === boot) return this.answered();
      if (stack.has(this.receiver.localAddress)) return this.answerReset();
    }
    this.armRetransmit(this.kernel.now);
  }

  private giveUp(): void {
    const { kernel, sender } = this;
    kernel.observe(KIND.giveUp, sender.node, sender.id, this.attempts, kernel.tracing
      ? { connection: sender.id, to: this.receiver.nodeName } : null);
    this.kill();
    sender.fail('timeout');
  }

  private wakeWriter(): void {
    if (this.sender.isWriteBlocked && this.held() <= SEND_BUFFER_WAKE_BYTES) this.sender.becomeWritable();
  }

  private scheduleWindow(at: number, waitMicros: number): void {
    const { node, id } = this.sender;
    this.windowUpdate = new Later(KIND.window, node, id, 0, () => this.windowOpened(waitMicros));
    this.kernel.schedule(this.windowUpdate, micros(at));
  }

  /** A RST on its way to `target`, which is never retransmitted. `way` carries data the same way. */
  private sendReset(target: SimSocket, way: Flow, departure: Micros): void {
    if (this.link.cuts > 0) return this.observeDrop(0, 'rst');
    const latency = this.link.latencyMicros(nextDraw(this.draws, RESET_DRAW));
    this.lastArrival = Math.max(this.lastArrival, departure + latency);
    this.kernel.schedule(new Later(KIND.rst, target.node, target.id, 0, () => {
      if (way.reaches()) target.fail('reset');
      else way.observeDrop(0, 'rst');
    }), micros(this.lastArrival));
  }
}
