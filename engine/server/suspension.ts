/**
 * Commands that are not over when their handler returns: a script that takes long, and the EXEC around it. Their execution unit stays open
 * while the server answers others.
 *
 * Always holds: the innermost comes first; as many are kept as the unit is deep; they end in that order.
 * Source: blockingOperationStarts and processEventsWhileBlocked of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import type { Client } from '../commands/client.ts';
import { type ErrorReply, type Reply, error } from '../protocol/reply.ts';
import type { CallContext } from './callContext.ts';
import type { Command } from './commandTable.ts';

/** What a command that goes on makes of the reply of the one inside it. It may be suspended again. */
export type Continuation = (inner: Reply) => Reply;

/** One command that began and has not ended. */
export interface BegunCommand {
  readonly client: Client;
  readonly command: Command;
  readonly argv: readonly Bytes[];
  readonly context: CallContext;
  readonly startedMicros: number;
}

interface Frame extends BegunCommand {
  /** Null: its reply is what it waits for. */
  readonly continuation: Continuation | null;
}

export class Suspension {
  /** What others are told who must wait for it. */
  busyReply: ErrorReply = error('BUSY Redis is busy');
  private frames: Frame[] = [];
  /** Asked for by the handler that runs now. */
  private asked: { readonly continuation: Continuation | null } | null = null;

  /** Some command is not over. */
  get isActive(): boolean {
    return this.frames.length > 0;
  }

  /** What a client hears that must wait; null: for nothing. */
  get busyNow(): ErrorReply | null {
    return this.isActive ? this.busyReply : null;
  }

  /** Called by a handler, which then returns `NO_REPLY`. */
  ask(continuation: Continuation | null): void {
    assert(this.asked === null, 'a command is suspended once at a time');
    this.asked = { continuation };
  }

  /** After a handler: whether it asked. */
  takes(begun: BegunCommand): boolean {
    const { asked } = this;
    if (asked === null) return false;
    this.asked = null;
    this.frames.push({ ...begun, continuation: asked.continuation });
    return true;
  }

  /**
   * The innermost has its reply. `end` closes a command and says what it is answered. The outermost with its answer; null: one of
   * them was suspended again.
   */
  wake(reply: Reply, end: (begun: BegunCommand, reply: Reply) => Reply): { readonly client: Client; readonly reply: Reply } | null {
    const { frames } = this;
    this.frames = [];
    let answer = reply;
    for (const [index, frame] of frames.entries()) {
      if (frame.continuation !== null) {
        answer = frame.continuation(answer);
        const { asked } = this;
        if (asked !== null) {
          this.asked = null;
          this.frames.push({ ...frame, continuation: asked.continuation }, ...frames.slice(index + 1));
          return null;
        }
      }
      answer = end(frame, answer);
    }
    const outermost = frames.at(-1);
    assert(outermost !== undefined, 'somebody waits');
    return { client: outermost.client, reply: answer };
  }
}
