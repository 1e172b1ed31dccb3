/** The generator behind math.random: what redis-server 7.0 draws after its start, and after a seed. */
import { expect, test } from 'vitest';
import { Random48 } from '../../../../engine/scripting/random48.ts';
import { luaNumberText } from '../../../../engine/scripting/numberText.ts';

const draws = (random: Random48, count: number): string[] => Array.from({ length: count }, () => luaNumberText(random.fraction()));

test('from the start', () => {
  expect(draws(new Random48(), 3)).toEqual(['0.39646477363839', '0.84048536971234', '0.35333609737146']);
});

test('from a seed', () => {
  const random = new Random48();
  random.seed(0);
  expect(draws(random, 1)).toEqual(['0.17082803611217']);
  random.seed(1);
  expect(draws(random, 1)).toEqual(['0.041630344484761']);
});
