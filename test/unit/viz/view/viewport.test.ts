import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WHOLE, panned, revealing, zoomed } from '../../../../viz/view/viewport.ts';

test('zooming keeps the place under the pointer, and zooming out ends at the whole', () => {
  const near = zoomed(WHOLE, 0.1, 0.5);
  expect(near.to - near.from).toBeCloseTo(0.1, 9);
  expect((0.5 - near.from) / (near.to - near.from)).toBeCloseTo(0.5, 9);
  const far = zoomed(near, 1000, 0.7);
  expect(far.from).toBeLessThan(0);
  expect(far.to).toBeGreaterThan(1);
});

test('no way leads out of the run', () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0.05, max: 20, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true }))), (moves) => {
      let window = WHOLE;
      for (const [isZoom, factor, by] of moves) window = isZoom ? zoomed(window, factor, (window.from + window.to) / 2) : panned(window, by);
      expect(window.from).toBeGreaterThan(-0.03);
      expect(window.to).toBeLessThan(1.03);
      expect(window.to).toBeGreaterThan(window.from);
    }), { numRuns: 50 });
});

test('what is to be seen is brought into sight, and otherwise nothing moves', () => {
  const window = { from: 0.2, to: 0.3 };
  expect(revealing(window, 0.25)).toBe(window);
  const moved = revealing(window, 0.9);
  expect(moved.from).toBeLessThan(0.9);
  expect(moved.to).toBeGreaterThan(0.9);
  expect(moved.to - moved.from).toBeCloseTo(0.1, 9);
});
