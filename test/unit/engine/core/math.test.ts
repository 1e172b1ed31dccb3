/** The engine's sine, cosine and arc sine beside those of the platform, which are close to the truth though not the same everywhere. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PI, asin, cos, sin } from '../../../../engine/core/math.ts';

const close = (ours: number, theirs: number): void => {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(Math.max(Math.abs(theirs), 1e-3) * 2 ** -51);
};

test.each([[sin, Math.sin], [cos, Math.cos]] as const)('%o agrees to the last bits', (ours, theirs) => {
  fc.assert(fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => close(ours(x), theirs(x))), { numRuns: 2000 });
  for (const x of [0, -0, PI, PI / 2, -PI / 2, PI / 4, 1e-300, 3 * PI]) close(ours(x), theirs(x));
});

test('the arc sine agrees to the last bits', () => {
  fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (x) => close(asin(x), Math.asin(x))), { numRuns: 2000 });
  for (const x of [0, 1, -1, 0.5, -0.5, 0.975, 0.9999999999999999]) close(asin(x), Math.asin(x));
  expect(asin(1.0000001)).toBeNaN();
});
