import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairLines } from '../../../../../sim/topology/mend/pairLines.ts';

describe('lines of a changed text', () => {
  test('are those before, but for what is new', () => {
    expect(pairLines(['a', 'x: 1', 'b', 'x: 2'], ['a', 'x: 2', 'b', 'x: 2'])).toEqual([0, -1, 2, 3]);
    expect(pairLines([], ['a'])).toEqual([-1]);
    expect(pairLines(['a', 'b', 'c'], ['c'])).toEqual([2]);
  });

  test('are paired in order, with equals, and all where nothing changed or something was only added', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(fc.property(lines, lines, lines, (before, after, added) => {
      const pairs = pairLines(before, after);
      const paired = pairs.filter((pair) => pair >= 0);
      expect(paired).toEqual([...new Set(paired)].sort((left, right) => left - right));
      pairs.forEach((pair, index) => pair >= 0 && expect(before[pair]).toBe(after[index]));
      expect(pairLines(before, before)).toEqual(before.map((_, index) => index));
      expect(pairLines(before, [...before, ...added]).filter((pair) => pair < 0)).toHaveLength(added.length);
    }));
  });
});
