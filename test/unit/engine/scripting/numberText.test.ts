/** Numbers as C prints and reads them. Compared with redis-server in test/interop/scripting.test.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exponentText, fixedText, generalText, luaNumberText, readNumber } from '../../../../engine/scripting/numberText.ts';

describe('as printf writes them', () => {
  test.each<[string, string]>([
    [luaNumberText(5), '5'], [luaNumberText(10 / 3), '3.3333333333333'], [luaNumberText(1e15), '1e+15'], [luaNumberText(-0), '-0'], [luaNumberText(NaN), '-nan'],
    [luaNumberText(-Infinity), '-inf'], [luaNumberText(0.0001), '0.0001'], [luaNumberText(0.00001), '1e-05'], [generalText(0.1, 17), '0.10000000000000001'],
    // What lies in the middle goes to the even side.
    [fixedText(0.5, 0), '0'], [fixedText(1.5, 0), '2'], [fixedText(0.125, 2), '0.12'], [exponentText(2.5, 0), '2e+00'], [fixedText(1e22, 1), '10000000000000000000000.0'],
    [generalText(100000, 6), '100000'], [generalText(1000000, 6), '1e+06'], [generalText(1.5, 4, true), '1.500'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});

describe('as strtod reads them', () => {
  test.each<[string, number | null]>([
    ['10', 10], [' 12 ', 12], ['0x1F', 31], ['1e2', 100], ['.5', 0.5], ['1.', 1], ['inf', Infinity], ['-Infinity', -Infinity], ['0x1p4', 16], ['0x.8', 0.5], ['', null], ['1 2', null], ['0x', null], ['1e', null], ['abc', null],
  ])('%s', (text, expected) => expect(readNumber(text)).toBe(expected));

  test('what was written with 17 digits is read as it was', () => {
    fc.assert(fc.property(fc.double({ noNaN: true }), (value) => {
      expect(readNumber(generalText(value, 17))).toBe(value);
    }));
  });
});
