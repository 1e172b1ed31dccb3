import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { type LongDouble, addLongDouble, longDoubleText, parseLongDouble } from '../../../../engine/commands/longDouble.ts';

const sum = (...texts: readonly string[]): string => {
  const values = texts.map((text) => parseLongDouble(bytes(text)) as LongDouble);
  return longDoubleText(values.reduce((left, right) => addLongDouble(left, right) as LongDouble));
};

/** The results are those of redis-server 7.0.15 on x86-64. */
test.each([
  [['0', '0.1'], '0.1'], [['0.1', '0.2'], '0.3'], [['0.1', '-0.1'], '0'], [['0', '-0'], '0'],
  [['100000000000000000', '0.12345678901234567'], '100000000000000000.125'], [['21', '1e3'], '1021'], [['5', '0x10'], '21'],
  [['1e21', '10100000000000000000'], '1010100000000000000000'], [['1021', '1e-20'], '1021'],
])('%j', (texts, text) => {
  expect(sum(...texts)).toBe(text);
});

test('what is no number, or too large or too small for one', () => {
  for (const text of ['', ' 1', '1 ', 'nan', 'x', '1e', '.', '+', '1e5000', '1e-5000', '1\0', '0x']) {
    expect(parseLongDouble(bytes(text)), text).toBeNull();
  }
  expect(parseLongDouble(bytes('-inf'))).toBe('infinite');
  const large = parseLongDouble(bytes('0.5e4932')) as LongDouble;
  expect(addLongDouble(large, large)).not.toBeNull();
  const largest = parseLongDouble(bytes('1.18e4932')) as LongDouble;
  expect(addLongDouble(largest, largest)).toBeNull();
});
