/**
 * The event queue, and the whole kernel, at the same work as the bare heap: 256 pending. Target: the queue keeps 60 % of
 * the bare heap's rate of the same run.
 */
import { micros } from '../../engine/core/units.ts';
import { EventQueue } from '../../sim/time/eventQueue.ts';
import { Kernel } from '../../sim/time/kernel.ts';
import { KIND } from '../../sim/time/kinds.ts';
import { SimEvent } from '../../sim/time/simEvent.ts';

const PENDING = 256;

class Delays {
  private state = 12345;

  next(): number {
    this.state = (Math.imul(this.state, 1103515245) + 12345) | 0;
    return (this.state >>> 8) & 0xffff;
  }
}

class Tick extends SimEvent {
  fired = false;

  constructor() {
    super(KIND.world, 0, 0, 0);
  }

  override fire(): void {
    this.fired = true;
  }
}

class KernelTick extends SimEvent {
  private readonly kernel: Kernel;
  private readonly delays: Delays;

  constructor(kernel: Kernel, delays: Delays) {
    super(KIND.world, 0, 0, 0);
    this.kernel = kernel;
    this.delays = delays;
  }

  override fire(): void {
    this.kernel.schedule(new KernelTick(this.kernel, this.delays), micros(this.kernel.now + this.delays.next()));
  }
}

/** Events a second through the queue alone: pop, run, push a new event. */
export const eventQueueRate = (events: number): number => {
  const queue = new EventQueue();
  const delays = new Delays();
  let sequence = 0;
  const push = (from: number): void => {
    const event = new Tick();
    event.time = micros(from + delays.next());
    event.sequence = ++sequence;
    queue.push(event);
  };
  for (let index = 0; index < PENDING; index++) push(0);
  const started = performance.now();
  for (let index = 0; index < events; index++) {
    const event = queue.pop() as SimEvent;
    event.fire();
    push(event.time);
  }
  return events / ((performance.now() - started) / 1000);
};

/** Events a second through the kernel: numbering, causes and hash included. */
export const kernelRate = (events: number): number => {
  const kernel = new Kernel(1);
  const delays = new Delays();
  for (let index = 0; index < PENDING; index++) {
    kernel.schedule(new KernelTick(kernel, delays), micros(delays.next()));
  }
  const started = performance.now();
  for (let index = 0; index < events; index++) kernel.step();
  return events / ((performance.now() - started) / 1000);
};
