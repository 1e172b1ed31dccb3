/**
 * One direction of a proxied connection: what one end sends reaches the other late, later, or not before the link is whole again.
 *
 * What a link loses or cuts off is sent again as TCP does it: after 200 ms, then after twice as long each time (the opening of a
 * connection after 1 s, 3 s, 7 s). So after a partition the bytes come when the next of these attempts is due; what was lost holds up
 * what was sent after it, but each piece is lost, and sent again, by itself.
 *
 * Always holds: what is delivered is what was sent, in that order; a sender that gets too far ahead is not read from.
 */
import type { LinkState } from './linkRules.ts';

export type Piece =
  /** The connection is opened; only as the first, and only in the caller's direction. */
  | { readonly kind: 'open' }
  | { readonly kind: 'data'; readonly chunk: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' };

export interface LinkPipeParts {
  /** What stands on the link now; null: a machine at either end has no power. */
  link(piece: Piece): LinkState | null;
  deliver(piece: Piece): void;
  /** Whether the sender may be read from. */
  flow(mayRead: boolean): void;
  /** A number from 0 to 1. */
  draw(): number;
}

const OPEN_AGAIN_MS = 1000;
const AGAIN_MS = 200;
const AGAIN_MS_MAX = 120_000;
/** What a sender's kernel holds before it stops the sender. */
export const HELD_BYTES_MAX: number = 256 * 1024;
const PERCENT = 100;
const MS_PER_SECOND = 1000;

export class LinkPipe {
  private readonly parts: LinkPipeParts;
  /** Sent while the link was cut, or behind what was. */
  private waiting: Piece[] = [];
  /** On the way, with the time at which it arrives. */
  private underWay: { readonly due: number; readonly piece: Piece }[] = [];
  private heldBytes = 0;
  private isFull = false;
  private againMs: number = AGAIN_MS;
  private again: NodeJS.Timeout | null = null;
  private arrival: NodeJS.Timeout | null = null;
  private lastDue = 0;

  constructor(parts: LinkPipeParts) {
    this.parts = parts;
  }

  send(piece: Piece): void {
    this.heldBytes += sizeOf(piece);
    if (piece.kind === 'open') this.againMs = OPEN_AGAIN_MS;
    if (this.again !== null || !this.pass(piece)) {
      this.waiting.push(piece);
      this.again ??= this.later();
    }
    this.flow();
  }

  /** Whether the receiver takes more: as long as it does not, the sender is stopped. */
  full(isFull: boolean): void {
    this.isFull = isFull;
    this.flow();
  }

  /** Forgets all that has not arrived. */
  clear(): void {
    if (this.again !== null) clearTimeout(this.again);
    if (this.arrival !== null) clearTimeout(this.arrival);
    this.again = null;
    this.arrival = null;
    this.waiting = [];
    this.underWay = [];
    this.heldBytes = 0;
  }

  private later(): NodeJS.Timeout {
    return setTimeout(() => {
      this.again = null;
      for (let piece = this.waiting[0]; piece !== undefined; piece = this.waiting[0]) {
        if (!this.pass(piece)) {
          this.againMs = Math.min(this.againMs * 2, AGAIN_MS_MAX);
          this.again = this.later();
          return;
        }
        this.waiting.shift();
      }
    }, this.againMs);
  }

  /** Whether the link took it. */
  private pass(piece: Piece): boolean {
    const link = this.parts.link(piece);
    if (link === null || link.isCut) return false;
    this.againMs = AGAIN_MS;
    const now = performance.now();
    const { bytesPerSecond } = link;
    const takesMs = bytesPerSecond === null ? 0 : (sizeOf(piece) * MS_PER_SECOND) / bytesPerSecond;
    this.lastDue = Math.max(this.lastDue, now + link.delayMs + this.lostMs(piece, link.lossPercent)) + takesMs;
    if (this.lastDue <= now && this.underWay.length === 0) this.arrive(piece);
    else {
      this.underWay.push({ due: this.lastDue, piece });
      this.arrival ??= this.next();
    }
    return true;
  }

  /** How much later the piece gets through for being lost, perhaps several times. */
  private lostMs(piece: Piece, lossPercent: number): number {
    if (lossPercent === 0) return 0;
    let againMs = piece.kind === 'open' ? OPEN_AGAIN_MS : AGAIN_MS;
    let lateMs = 0;
    while (lateMs < AGAIN_MS_MAX && this.parts.draw() * PERCENT < lossPercent) {
      lateMs += againMs;
      againMs *= 2;
    }
    return lateMs;
  }

  private next(): NodeJS.Timeout {
    return setTimeout(() => {
      this.arrival = null;
      const now = performance.now();
      for (let first = this.underWay[0]; first !== undefined && first.due <= now; first = this.underWay[0]) {
        this.underWay.shift();
        this.arrive(first.piece);
      }
      if (this.underWay.length > 0) this.arrival ??= this.next();
    }, Math.max(0, Math.ceil((this.underWay[0]?.due ?? 0) - performance.now())));
  }

  private arrive(piece: Piece): void {
    this.heldBytes -= sizeOf(piece);
    this.parts.deliver(piece);
    this.flow();
  }

  private flow(): void {
    this.parts.flow(!this.isFull && this.heldBytes < HELD_BYTES_MAX);
  }
}

const sizeOf = (piece: Piece): number => (piece.kind === 'data' ? piece.chunk.length : 0);
