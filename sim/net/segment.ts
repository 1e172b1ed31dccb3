/** The events of one flow: a segment's arrival, a retransmission timer, a window update, a reset. */
import type { Bytes } from '../../engine/core/bytes.ts';
import type { TraceDetail } from '../trace/traceEvent.ts';
import { KIND } from '../time/kinds.ts';
import { SimEvent } from '../time/simEvent.ts';
import type { Flow } from './flow.ts';
import type { SimSocket } from './simSocket.ts';

/** The sender has closed: nothing follows. */
export const FIN = 1;
/** Completes the handshake: the receiver's listener may accept. */
export const ACCEPT = 2;

/** Bytes on their way. Fires at the receiver's machine. */
export class Segment extends SimEvent {
  readonly flow: Flow;
  chunk: Bytes;
  flags: number;
  /** When it leaves; a process killed before that never sent it. */
  departure = 0;
  /** The next one on the wire behind it. */
  next: Segment | null = null;

  constructor(flow: Flow, chunk: Bytes, flags: number) {
    super(KIND.segment, flow.receiver.node, flow.receiver.id, chunk.length);
    this.flow = flow;
    this.chunk = chunk;
    this.flags = flags;
  }

  override fire(): void {
    this.flow.arrive(this);
  }

  override detail(): TraceDetail {
    const { sender } = this.flow;
    return {
      connection: this.a, from: sender.nodeName, sent: this.departure, bytes: this.b,
      ...((this.flags & FIN) !== 0 ? { fin: true } : {}),
    };
  }

  /** Takes in what is queued behind it. */
  join(chunk: Bytes, flags: number): void {
    this.chunk = (this.chunk + chunk) as Bytes;
    this.flags |= flags;
    this.b = this.chunk.length;
  }
}

export class Retransmit extends SimEvent {
  private readonly flow: Flow;

  constructor(flow: Flow) {
    super(KIND.retransmit, flow.sender.node, flow.sender.id, flow.attempts);
    this.flow = flow;
  }

  override fire(): void {
    this.flow.retransmit();
  }
}

/** The sender hears that there is room again. */
export class WindowUpdate extends SimEvent {
  private readonly flow: Flow;
  /** How long to wait when the news gets lost. */
  waitMicros: number;

  constructor(flow: Flow, waitMicros: number) {
    super(KIND.window, flow.sender.node, flow.sender.id, 0);
    this.flow = flow;
    this.waitMicros = waitMicros;
  }

  override fire(): void {
    this.flow.windowOpened(this.waitMicros);
  }
}

/** A RST on its way to `target`. It is never retransmitted. */
export class Reset extends SimEvent {
  private readonly target: SimSocket;
  /** The flow that carries data the same way. */
  private readonly way: Flow;

  constructor(target: SimSocket, way: Flow) {
    super(KIND.rst, target.node, target.id, 0);
    this.target = target;
    this.way = way;
  }

  override fire(): void {
    if (this.way.reaches()) this.target.fail('reset');
    else this.way.observeDrop(0, 'rst');
  }
}
