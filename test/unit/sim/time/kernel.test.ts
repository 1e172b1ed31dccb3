/** Order, ids, causes and the hash. */
import { must } from '../echo.ts';
import { expect, it } from 'vitest';
import { type CauseId, micros } from '../../../../engine/core/units.ts';
import { Kernel } from '../../../../sim/time/kernel.ts';
import { KIND, KIND_NAMES } from '../../../../sim/time/kinds.ts';
import { SimEvent } from '../../../../sim/time/simEvent.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';

class Call extends SimEvent {
  private readonly call: () => void;

  constructor(call: () => void, a = 0) {
    super(KIND.world, 0, a, 0);
    this.call = call;
  }

  override fire(): void {
    this.call();
  }
}

it('fires in order of time, then of scheduling; the plan before all others of its microsecond, in its own order', () => {
  const kernel = new Kernel(1);
  const seen: string[] = [];
  const at = (name: string, time: number): void => kernel.schedule(new Call(() => seen.push(name)), micros(time));
  at('b', 5);
  at('c', 5);
  at('a', 4);
  kernel.schedulePlan(new Call(() => seen.push('plan 1')), micros(5), 1);
  kernel.schedulePlan(new Call(() => seen.push('plan 0')), micros(5), 0);
  at('d', 6);
  kernel.runUntil(micros(5));
  expect(seen).toEqual(['a', 'plan 0', 'plan 1', 'b', 'c']);
  expect(kernel.now).toBe(5);
  expect(kernel.nextAt()).toBe(6);
  expect(() => kernel.runUntil(micros(4))).toThrow('go back');
  expect(() => at('late', 4)).toThrow('past');
});

it('numbers records without a gap, and names the parent of each', () => {
  const kernel = new Kernel(1);
  const records: TraceRecord[] = [];
  kernel.attach({ record: (record) => records.push(record) });
  let cause: CauseId | null = null;
  kernel.schedule(new Call(() => {
    cause = kernel.cause();
    kernel.observe(KIND.log, 0, 0, 0, { message: 'x' });
    kernel.schedule(new Call(() => undefined), micros(3));
  }), micros(1));
  kernel.schedule(new Call(() => undefined), micros(2));
  while (kernel.step());
  expect(cause).toBe(1);
  expect(records.map(({ id, parent, kind, at }) => [id, parent, kind, at])).toEqual([
    [1, 0, 'world', 1], [2, 1, 'log', 1], [3, 0, 'world', 2], [4, 1, 'world', 3],
  ]);
  expect(kernel.eventCounts()).toEqual({ world: 3 });
});

it('hashes time, kind, node and both integers of everything', () => {
  const hash = (time: number, a: number, observed: readonly number[] | null): string => {
    const kernel = new Kernel(1);
    kernel.addNode('n');
    kernel.schedule(new Call(() => {
      if (observed !== null) kernel.observe(must(observed[0]), must(observed[1]), must(observed[2]), must(observed[3]), null);
    }, a), micros(time));
    kernel.step();
    return kernel.hash;
  };
  const hashes = [
    hash(1, 0, null), hash(2, 0, null), hash(1 + 2 ** 33, 0, null), hash(1, 1, null), hash(1, 0, [KIND.log, 0, 0, 0]),
    hash(1, 0, [KIND.note, 0, 0, 0]), hash(1, 0, [KIND.log, 1, 0, 0]), hash(1, 0, [KIND.log, 0, 1, 0]),
    hash(1, 0, [KIND.log, 0, 0, 1]),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hash(1, 1, null)).toBe(hash(1, 1, null));
});

it('keeps a cancelled event from firing, and refuses to schedule a pending one again', () => {
  const kernel = new Kernel(1);
  const event = new Call(() => { throw new Error('fired'); });
  kernel.schedule(event, micros(1));
  expect(() => kernel.schedule(event, micros(2))).toThrow('twice');
  expect(kernel.cancel(event)).toBe(true);
  expect(kernel.cancel(event)).toBe(false);
  kernel.runUntil(micros(10));
  expect(kernel.events).toBe(0);
});

it('names every kind once', () => {
  expect(new Set(KIND_NAMES).size).toBe(KIND_NAMES.length);
  expect(KIND_NAMES[KIND.segment]).toBe('segment');
});
