/**
 * A connection between two machines of the loopback: the caller's socket, the socket to the one who is called, and a pipe for each
 * direction between them.
 *
 *     opening --link is whole--> calling --connected--> open --both ended, or a reset--> over
 *     opening, calling, open --an end's machine loses power--> orphaned: what the other end sends is answered with a RST
 *
 * Always holds: an end that closes, or resets, is heard of by the other only where and when the link lets it pass.
 */
import { type Socket, createConnection } from 'node:net';
import { LinkPipe, type Piece } from './linkPipe.ts';
import type { LinkRules, LinkState } from './linkRules.ts';

/** An end of a link: a machine or a client. */
export interface LinkEnd {
  readonly machine: string;
  /** No fault holds up what it sends and hears. */
  readonly isObserver: boolean;
}

export interface ConnectionParts {
  readonly rules: LinkRules;
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly caller: Socket;
  /** Where the one who is called really listens, and where the call is to come from. */
  readonly target: { readonly host: string; readonly port: number; readonly localAddress: string };
  over(): void;
}

const WHOLE: LinkState = Object.freeze({ isCut: false, delayMs: 0, lossPercent: 0, bytesPerSecond: null });

export class ProxiedConnection {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  private readonly parts: ConnectionParts;
  private readonly forth: LinkPipe;
  private readonly back: LinkPipe;
  private called: Socket | null = null;
  private isCallerLost = false;
  private isCalledLost = false;

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.from = parts.from;
    this.to = parts.to;
    const { caller } = parts;
    this.forth = new LinkPipe({
      link: (piece) => this.link(piece, this.from, this.to), draw: Math.random, deliver: (piece) => this.reachCalled(piece),
      flow: (mayRead) => flow(caller, mayRead),
    });
    this.back = new LinkPipe({
      link: (piece) => this.link(piece, this.to, this.from), draw: Math.random, deliver: (piece) => this.reachCaller(piece),
      flow: (mayRead) => this.called !== null && flow(this.called, mayRead),
    });
    this.forth.send({ kind: 'open' });
    this.join(caller, this.forth, this.back);
  }

  /** Both ends hear of it at once. */
  reset(): void {
    this.forth.clear();
    this.back.clear();
    this.parts.caller.resetAndDestroy();
    this.called?.resetAndDestroy();
    this.closed();
  }

  /** That machine, at one end or at both, knows of this connection no more; the other end is not told. */
  lose(machine: string): void {
    this.forth.clear();
    this.back.clear();
    if (this.from.machine === machine) {
      this.isCallerLost = true;
      this.parts.caller.destroy();
    }
    if (this.to.machine === machine) {
      this.isCalledLost = true;
      this.called?.destroy();
    }
    this.closed();
  }

  /** The run is over. */
  drop(): void {
    this.forth.clear();
    this.back.clear();
    this.parts.caller.destroy();
    this.called?.destroy();
  }

  private link(piece: Piece, from: LinkEnd, to: LinkEnd): LinkState | null {
    if (from.isObserver || to.isObserver) return WHOLE;
    const { rules } = this.parts;
    const link = rules.between(from.machine, to.machine);
    if (piece.kind !== 'open' || link === null) return link;
    // A connection is made by what goes there and what comes back.
    const answer = rules.between(to.machine, from.machine);
    return answer === null ? null : {
      ...link, isCut: link.isCut || answer.isCut, lossPercent: Math.min(100, link.lossPercent + answer.lossPercent),
      delayMs: link.delayMs + answer.delayMs,
    };
  }

  private reachCalled(piece: Piece): void {
    const { caller, target } = this.parts;
    if (piece.kind === 'open') {
      const called = createConnection({ ...target, noDelay: true, allowHalfOpen: true });
      this.called = called;
      this.join(called, this.back, this.forth);
      return;
    }
    if (this.isCalledLost || this.called === null || this.called.destroyed) caller.resetAndDestroy();
    else give(this.called, piece, this.forth);
  }

  private reachCaller(piece: Piece): void {
    const { caller } = this.parts;
    if (this.isCallerLost || caller.destroyed) this.called?.resetAndDestroy();
    else give(caller, piece, this.back);
  }

  /** What the socket says goes into `out`; that it takes more is told to `into`. */
  private join(socket: Socket, out: LinkPipe, into: LinkPipe): void {
    socket.on('data', (chunk: Buffer) => out.send({ kind: 'data', chunk }));
    socket.on('end', () => out.send({ kind: 'end' }));
    socket.on('drain', () => into.full(false));
    socket.on('error', () => out.send({ kind: 'reset' }));
    socket.on('close', () => this.closed());
  }

  private closed(): void {
    if (this.parts.caller.destroyed && (this.called === null || this.called.destroyed)) this.parts.over();
  }
}

const flow = (socket: Socket, mayRead: boolean): void => {
  if (mayRead === !socket.isPaused()) return;
  if (mayRead) socket.resume();
  else socket.pause();
};

const give = (socket: Socket, piece: Piece, pipe: LinkPipe): void => {
  if (piece.kind === 'data') {
    if (!socket.write(piece.chunk)) pipe.full(true);
  } else if (piece.kind === 'end') socket.end();
  else socket.resetAndDestroy();
};
