import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstAtLeast, firstNot, nextAtLeast } from '../../../../viz/model/sorted.ts';

test('all three searches find what going through from the beginning finds', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 }), fc.integer({ min: -1, max: 61 }), fc.nat(), (values, value, start) => {
    const sorted = values.sort((left, right) => left - right);
    const column = Float64Array.from(sorted);
    const from = start % (sorted.length + 1);
    const found = sorted.findIndex((each, place) => place >= from && each >= value);
    const wanted = found < 0 ? sorted.length : found;
    expect(firstAtLeast(column, value, from, sorted.length)).toBe(wanted);
    expect(nextAtLeast(column, value, from, sorted.length)).toBe(wanted);
    expect(firstNot(sorted.slice(from), (each) => each < value) + from).toBe(wanted);
  }));
});
