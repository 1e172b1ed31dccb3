/** A timer of a program. It knows its neighbours, so that all of a dead process's timers go without a search. */
import { type CauseId, NO_CAUSE } from '../../engine/core/units.ts';
import type { Timer } from '../../engine/host.ts';
import type { Work } from '../net/owner.ts';
import { KIND } from '../time/kinds.ts';
import { PENDING, SimEvent } from '../time/simEvent.ts';
import type { Running } from './running.ts';

export class SimTimer extends SimEvent implements Timer, Work {
  readonly timer = true;
  readonly isTimer = true;
  cause: CauseId = NO_CAUSE;
  next: SimTimer | null;
  private previous: SimTimer | null = null;
  private readonly running: Running;
  private readonly callback: () => void;
  private isCleared = false;

  constructor(running: Running, delayMs: number, callback: () => void) {
    super(KIND.timer, running.node, delayMs, 0);
    this.running = running;
    this.callback = callback;
    this.next = running.timers;
    if (this.next !== null) this.next.previous = this;
    running.timers = this;
  }

  clear(): void {
    this.isCleared = true;
    if (this.state !== PENDING) return;
    this.running.kernel.cancel(this);
    this.unlink();
  }

  override fire(): void {
    this.unlink();
    this.running.submit(this);
  }

  isDue(): boolean {
    return !this.isCleared;
  }

  runTurn(): void {
    this.callback();
  }

  private unlink(): void {
    if (this.previous === null) this.running.timers = this.next;
    else this.previous.next = this.next;
    if (this.next !== null) this.next.previous = this.previous;
    this.next = null;
    this.previous = null;
  }
}
