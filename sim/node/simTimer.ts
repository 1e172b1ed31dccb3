/** A timer of a program. It knows its neighbours, so that all of a dead process's timers go without a search. */
import { type CauseId, NO_CAUSE } from '../../engine/core/units.ts';
import type { Timer } from '../../engine/host.ts';
import type { Work } from '../net/owner.ts';
import { KIND } from '../time/kinds.ts';
import { PENDING, SimEvent } from '../time/simEvent.ts';
import type { Running } from './running.ts';

export class SimTimer extends SimEvent implements Timer, Work {
  declare cause: CauseId;
  declare next: SimTimer | null;
  declare private previous: SimTimer | null;
  declare private readonly running: Running;
  declare private readonly callback: () => void;
  declare private isCleared: boolean;

  constructor(running: Running, delayMs: number, callback: () => void) {
    super(KIND.timer, running.node, delayMs, 0);
    this.cause = NO_CAUSE;
    this.previous = null;
    this.running = running;
    this.callback = callback;
    this.isCleared = false;
    this.next = running.timers;
    if (this.next !== null) this.next.previous = this;
    running.timers = this;
  }

  get timer(): true {
    return true;
  }

  get isTimer(): true {
    return true;
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
