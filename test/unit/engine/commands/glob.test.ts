import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { globMatch } from '../../../../engine/commands/glob.ts';

test.each([
  ['*', '', false], ['*', 'abc', true], ['', '', true], ['', 'a', false], ['a', '', false], ['?', 'a', true], ['?', '', false],
  ['h?llo', 'hello', true], ['h*llo', 'heeeello', true], ['h[ae]llo', 'hallo', true], ['h[^e]llo', 'hello', false],
  ['h[a-b]llo', 'hbllo', true], ['h[b-a]llo', 'hallo', true], ['\\*', '*', true], ['\\*', 'a', false], ['a\\', 'a\\', true],
  ['[\\]]', ']', true], ['[abc', 'b', true], ['*a*b', 'xaxbxb', true], ['*a*b', 'xaxbxc', false], ['a**', 'a', true],
])('%j on %j: %s', (pattern, text, matches) => {
  expect(globMatch(bytes(pattern), bytes(text))).toBe(matches);
});

test('case is folded only when asked', () => {
  expect(globMatch(bytes('A[B-C]*'), bytes('abX'))).toBe(false);
  expect(globMatch(bytes('A[B-C]*'), bytes('abX'), true)).toBe(true);
});

test('a pattern made to be exponential is not', () => {
  const pattern = `${'a*'.repeat(2000)}b`;
  expect(globMatch(bytes(pattern), bytes('a'.repeat(20_000)))).toBe(false);
});
