/** Delta debugging over lists: what is left fails, and needs every item. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minimise } from '../../../../sim/explore/minimise.ts';

test('finds exactly the items that are needed together', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(39), { maxLength: 4 }), (length, wanted) => {
    const items = Array.from({ length }, (_, index) => index);
    const needed = [...new Set(wanted.map((each) => each % length))].sort((left, right) => left - right);
    let calls = 0;
    const found = minimise(items, (left) => {
      calls++;
      return needed.every((each) => left.includes(each));
    });
    expect(found).toEqual(needed);
    expect(calls).toBeLessThanOrEqual(length * (needed.length + 2) * 2 + 4);
  }));
});

test('never grows, and keeps what was given where nothing can go', () => {
  fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 20 }), fc.func(fc.boolean()), (items, fails) => {
    const found = minimise(items, (left) => fails([...left]));
    expect(found.length).toBeLessThanOrEqual(items.length);
    if (found.length < items.length) expect(fails([...found])).toBe(true);
    else expect(found).toEqual(items);
  }));
});
