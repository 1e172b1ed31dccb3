/**
 * One start of a process, from its first turn to its end: the queue of its turns and the time that they take.
 *
 * A turn is the callbacks of one piece of work, then the program's turn-end handler. It happens at one instant of the
 * kernel and lasts as long as its costs; what it sent leaves at its end. Work that falls due meanwhile waits in due order and
 * is taken up, one turn each, when the process is free.
 *
 *     free --submit--> turn --> busy until its end --> next waiting turn, or free
 *     paused: everything waits; on resume timers that fell due come first, then the rest, each in due order
 *     held (a stuck disk): as busy, with an end that nobody knows
 *     dead: nothing of it ever runs again
 */
import { hashText } from '../../engine/core/hash.ts';
import { type CauseId, type Micros, NO_CAUSE, micros } from '../../engine/core/units.ts';
import type { Owner, Work } from '../net/owner.ts';
import type { SimSocket } from '../net/simSocket.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { Later, SimEvent } from '../time/simEvent.ts';
import { TURN_NANOS } from './costs.ts';
import type { Machine } from './machine.ts';
import type { SimChild } from './simChild.ts';
import type { SimProcess } from './simProcess.ts';
import type { SimTimer } from './simTimer.ts';

/** The queue is compacted when so many places at its head are empty. */
const EMPTY_PLACES_MAX = 256;

export class Running implements Owner {
  readonly process: SimProcess;
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly node: number;
  readonly nameHash: number;
  readonly pid: number;
  readonly children: Set<SimChild> = new Set();
  /** Pending timers, as a list through the timers themselves. */
  timers: SimTimer | null = null;
  isAlive = true;
  onTurnEnd: (() => void) | null = null;
  /** The program asked to end with this status. */
  exitStatus: number | null = null;
  private isPaused = false;
  private isHeld = false;
  private isInTurn = false;
  private isResumeArmed = false;
  private costNanos = 0;
  private busyUntil: Micros = micros(0);
  private waiting: Work[] = [];
  private waitingHead = 0;
  /** Sockets to flush at the turn's end: the first `touchedCount` places. Never shortened, which would cost its memory. */
  private readonly touched: SimSocket[] = [];
  private touchedCount = 0;
  private readonly resumption: SimEvent;

  constructor(process: SimProcess) {
    this.process = process;
    this.machine = process.machine;
    this.kernel = process.machine.kernel;
    this.node = process.node;
    this.nameHash = hashText(process.name);
    this.pid = process.machine.newPid();
    this.resumption = new Later(KIND.resume, this.node, 0, 0, () => this.resumeDue());
  }

  submit(work: Work): void {
    if (!this.isAlive) return;
    work.cause = this.kernel.cause();
    const mustWait = this.isInTurn || this.isPaused || this.isHeld || this.exitStatus !== null
      || this.waitingHead < this.waiting.length || this.kernel.now < this.busyUntil;
    if (mustWait) {
      this.waiting.push(work);
      this.armResumption();
    } else {
      this.runTurn(work);
    }
  }

  touch(socket: SimSocket): void {
    if (socket.isTouched) return;
    socket.isTouched = true;
    this.touched[this.touchedCount] = socket;
    this.touchedCount++;
  }

  nextConnection(place: string): number {
    return this.process.nextConnection(place);
  }

  /** Runs up time, scaled by how slow the process is. */
  cost(nanos: number): void {
    this.costNanos += Math.floor(nanos * this.process.slowness);
  }

  /** Runs up time that does not depend on the processor. */
  costExact(nanos: number): void {
    this.costNanos += nanos;
  }

  /** Virtual time as the running turn feels it. */
  currentMicros(): Micros {
    return this.isInTurn ? micros(this.kernel.now + Math.floor(this.costNanos / 1000)) : this.kernel.now;
  }

  /** Runs `work` of a child beside the process; returns the nanoseconds that it cost. */
  measure(work: () => void): number {
    this.costNanos = 0;
    work();
    const nanos = this.costNanos;
    this.costNanos = 0;
    return nanos;
  }

  pause(): void {
    this.isPaused = true;
  }

  unpause(): void {
    this.isPaused = false;
    const waiting = this.waiting.slice(this.waitingHead);
    this.waiting = [...waiting.filter((work) => work.isTimer), ...waiting.filter((work) => !work.isTimer)];
    this.waitingHead = 0;
    if (this.waiting.length > 0 || this.exitStatus !== null) this.armResumption();
  }

  /** The turn does not end before `release`. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    if (!this.isAlive || !this.isHeld) return;
    this.isHeld = false;
    if (this.busyUntil < this.kernel.now) this.busyUntil = this.kernel.now;
    this.endTurn();
  }

  /** The process is free again, or thinks so. */
  private resumeDue(): void {
    this.isResumeArmed = false;
    if (!this.isAlive || this.isPaused || this.isHeld) return;
    if (this.exitStatus !== null) {
      this.process.exited(this.exitStatus);
      return;
    }
    for (let work = this.nextWaiting(); work !== null; work = this.nextWaiting()) {
      if (!work.isDue()) continue;
      this.kernel.resumeCause(work.cause);
      this.runTurn(work);
      return;
    }
  }

  /** No turn of it runs any more. Its connections are the caller's to end. */
  die(): void {
    this.isAlive = false;
    this.waiting = [];
    this.waitingHead = 0;
    for (let timer = this.timers; timer !== null; timer = timer.next) this.kernel.cancel(timer);
    this.timers = null;
    for (const child of [...this.children]) child.vanish();
  }

  private runTurn(work: Work): void {
    this.isInTurn = true;
    this.costNanos = 0;
    this.cost(TURN_NANOS);
    work.runTurn();
    if (this.onTurnEnd !== null) this.onTurnEnd();
    this.isInTurn = false;
    this.busyUntil = micros(this.kernel.now + Math.ceil(this.costNanos / 1000));
    this.costNanos = 0;
    if (!this.isHeld) this.endTurn();
  }

  private endTurn(): void {
    for (let index = 0; index < this.touchedCount; index++) {
      const socket = this.touched[index] as SimSocket;
      socket.isTouched = false;
      socket.flush(this.busyUntil);
    }
    this.touchedCount = 0;
    if (this.waitingHead < this.waiting.length || this.exitStatus !== null) this.armResumption();
  }

  private nextWaiting(): Work | null {
    if (this.waitingHead >= this.waiting.length) {
      if (this.waiting.length > 0) this.waiting.length = 0;
      this.waitingHead = 0;
      return null;
    }
    const work = this.waiting[this.waitingHead] as Work;
    this.waitingHead++;
    if (this.waitingHead === this.waiting.length || this.waitingHead > EMPTY_PLACES_MAX) {
      this.waiting.splice(0, this.waitingHead);
      this.waitingHead = 0;
    }
    return work;
  }

  private armResumption(): void {
    if (this.isResumeArmed || this.isInTurn || this.isPaused || this.isHeld) return;
    this.isResumeArmed = true;
    this.kernel.schedule(this.resumption, micros(Math.max(this.kernel.now, this.busyUntil)));
  }
}

/** A callback that the host owes the program: it becomes due as an event, and runs as a turn. */
export class Callback extends SimEvent implements Work {
  declare readonly isTimer: boolean;
  declare cause: CauseId;
  declare private readonly running: Running;
  declare private readonly call: () => void;
  declare private isCancelled: boolean;

  constructor(kind: number, running: Running, a: number, call: () => void, b = 0) {
    super(kind, running.node, a, b);
    this.isTimer = false;
    this.cause = NO_CAUSE;
    this.running = running;
    this.call = call;
    this.isCancelled = false;
  }

  override fire(): void {
    this.running.submit(this);
  }

  /** It will not be called. */
  cancel(): void {
    this.isCancelled = true;
  }

  isDue(): boolean {
    return !this.isCancelled;
  }

  runTurn(): void {
    if (!this.isCancelled) this.call();
  }
}
