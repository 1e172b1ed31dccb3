/** A segment on its way: the event of its arrival. */
import type { Bytes } from '../../engine/core/bytes.ts';
import type { TraceDetail } from '../trace/traceEvent.ts';
import { KIND } from '../time/kinds.ts';
import { SimEvent } from '../time/simEvent.ts';
import type { Flow } from './flow.ts';
import { messageName } from './messageName.ts';

/** The sender has closed: nothing follows. */
export const FIN = 1;
/** Completes the handshake: the receiver's listener may accept. */
export const ACCEPT = 2;

/** Bytes on their way. Fires at the receiver's machine. */
export class Segment extends SimEvent {
  declare readonly flow: Flow;
  declare chunk: Bytes;
  declare flags: number;
  /** When it leaves; a process killed before that never sent it. */
  declare departure: number;
  /** The next one on the wire behind it. */
  declare next: Segment | null;

  constructor(flow: Flow, chunk: Bytes, flags: number) {
    super(KIND.segment, flow.receiver.node, flow.receiver.id, chunk.length);
    this.flow = flow;
    this.chunk = chunk;
    this.flags = flags;
    this.departure = 0;
    this.next = null;
  }

  override fire(): void {
    this.flow.arrive(this);
  }

  override detail(): TraceDetail {
    const { sender } = this.flow;
    return {
      connection: this.a, from: sender.nodeName, sent: this.departure, bytes: this.b, message: messageName(this.chunk),
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
