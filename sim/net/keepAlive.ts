/**
 * TCP keepalive of one end: after an idle time it asks whether the other machine is still there, and gives up after
 * three questions without an answer, a third of the idle time apart (the intervals that Redis sets on Linux).
 *
 * One timer, armed again only when it fires: traffic costs nothing. A probe and its answer are not events of their own.
 */
import { micros } from '../../engine/core/units.ts';
import { KIND } from '../time/kinds.ts';
import { Later } from '../time/simEvent.ts';
import { KEEPALIVE_PROBES_MAX } from './limits.ts';
import type { SimSocket } from './simSocket.ts';

export class KeepAlive {
  private readonly timer: Later;
  private readonly socket: SimSocket;
  private readonly idleMicros: number;
  private unanswered = 0;

  constructor(socket: SimSocket, idleMicros: number) {
    this.timer = new Later(KIND.keepAlive, socket.node, socket.id, 0, () => this.due());
    this.socket = socket;
    this.idleMicros = idleMicros;
  }

  arm(): void {
    const { kernel } = this.socket.stack;
    kernel.schedule(this.timer, micros(kernel.now + this.idleMicros));
  }

  stop(): void {
    this.socket.stack.kernel.cancel(this.timer);
  }

  private due(): void {
    const { socket } = this;
    const { kernel } = socket.stack;
    const idleEnd = socket.lastHeardAt + this.idleMicros;
    // Whatever is being retransmitted asks the same question more urgently.
    if (kernel.now < idleEnd && this.unanswered === 0) return kernel.schedule(this.timer, micros(idleEnd));
    if (socket.out === null || socket.out.isRetransmitting()) return this.arm();
    if (kernel.now - socket.lastHeardAt < this.idleMicros || this.isAnswered(socket)) {
      this.unanswered = 0;
      socket.lastHeardAt = kernel.now;
      return this.arm();
    }
    if (socket.isClosed()) return;
    if (this.unanswered === KEEPALIVE_PROBES_MAX) return socket.fail('timeout');
    this.unanswered++;
    kernel.schedule(this.timer, micros(kernel.now + Math.ceil(this.idleMicros / KEEPALIVE_PROBES_MAX)));
  }

  /** Sends a probe. A machine that was restarted answers with a RST, and so does one where the other end is closed. */
  private isAnswered(socket: SimSocket): boolean {
    const out = socket.out;
    const back = socket.in;
    if (out === null || back === null || out.link.cuts > 0 || back.link.cuts > 0) return false;
    const { stack, boot, localAddress } = out.receiver;
    if (!stack.isUp || !stack.has(localAddress)) return false;
    if (stack.boot === boot && !out.receiver.isClosed()) return true;
    socket.fail('reset');
    return false;
  }
}
