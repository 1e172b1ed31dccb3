/** The event queue against a sorted list, and streams against what was written into them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Micros, micros } from '../../engine/core/units.ts';
import { EventQueue } from '../../sim/time/eventQueue.ts';
import { KIND } from '../../sim/time/kinds.ts';
import { SimEvent } from '../../sim/time/simEvent.ts';

class Plain extends SimEvent {
  constructor(time: Micros, sequence: number) {
    super(KIND.world, 0, 0, 0);
    this.time = time;
    this.sequence = sequence;
  }

  override fire(): void {
    throw new Error('never fired here');
  }
}

it('pops in (time, sequence) order whatever is pushed, popped and cancelled in between', () => {
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), value: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pop' as const), value: fc.nat(0) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), value: fc.nat(1000) }) });
  fc.assert(fc.property(fc.array(operation, { maxLength: 600, size: 'max' }), (operations) => {
    const queue = new EventQueue();
    let model: Plain[] = [];
    let sequence = 0;
    for (const { kind, value } of operations) {
      if (kind === 'push') {
        const event = new Plain(micros(value), ++sequence);
        queue.push(event);
        model.push(event);
        model.sort((left, right) => left.time - right.time || left.sequence - right.sequence);
      } else if (kind === 'pop') {
        expect(queue.pop()).toBe(model.shift() ?? null);
      } else if (model.length > 0) {
        const event = model[value % model.length] as Plain;
        expect(queue.cancel(event)).toBe(true);
        expect(queue.cancel(event)).toBe(false);
        model = model.filter((other) => other !== event);
      }
      expect(queue.size).toBe(model.length);
    }
    for (const event of model) expect(queue.pop()).toBe(event);
    expect(queue.pop()).toBeNull();
  }), { numRuns: 100 });
});
