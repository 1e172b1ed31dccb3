import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { doubleText } from '../../../../engine/protocol/decimalText.ts';
import { encodeCommand, encodeReply } from '../../../../engine/protocol/encode.ts';
import {
  BooleanReply, DoubleReply, MapReply, NO_REPLY, NULL_ARRAY, OK, PushReply, RawReply, type Reply, SetReply, Status,
  VerbatimReply, error,
} from '../../../../engine/protocol/reply.ts';

describe('encodeReply', () => {
  test.each<[Reply, string, string]>([
    [bytes('abc'), '$3\r\nabc\r\n', '$3\r\nabc\r\n'],
    [OK, '+OK\r\n', '+OK\r\n'],
    [new Status('PONG'), '+PONG\r\n', '+PONG\r\n'],
    [error('ERR a\r\nb'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
    [-7, ':-7\r\n', ':-7\r\n'],
    [9223372036854775807n, ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    [null, '$-1\r\n', '_\r\n'],
    [NULL_ARRAY, '*-1\r\n', '_\r\n'],
    [NO_REPLY, '', ''],
    [[1, [bytes('a'), null]], '*2\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n', '*2\r\n:1\r\n*2\r\n$1\r\na\r\n_\r\n'],
    [new SetReply([1]), '*1\r\n:1\r\n', '~1\r\n:1\r\n'],
    [new PushReply([1]), '*1\r\n:1\r\n', '>1\r\n:1\r\n'],
    [new MapReply([[bytes('a'), 1]]), '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    [new DoubleReply(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    [new DoubleReply(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    [new BooleanReply(true), ':1\r\n', '#t\r\n'],
    [new BooleanReply(false), ':0\r\n', '#f\r\n'],
    [new VerbatimReply('txt', bytes('hi')), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
    [new RawReply('+X\r\n'), '+X\r\n', '+X\r\n'],
  ])('%#', (reply, two, three) => {
    expect(encodeReply(reply, 2)).toBe(two);
    expect(encodeReply(reply, 3)).toBe(three);
  });

  test('long answers are their items one behind the other, whatever the pieces they were joined from', () => {
    const items = Array.from({ length: 700 }, (_, index) => bytes('x'.repeat(index)));
    const wire = items.map((item) => `$${item.length}\r\n${item}\r\n`).join('');
    expect(encodeReply(items, 2)).toBe(`*700\r\n${wire}`);
    expect(encodeCommand(items)).toBe(`*700\r\n${wire}`);
    expect(encodeReply([items, items, 1], 3)).toBe(`*3\r\n*700\r\n${wire}*700\r\n${wire}:1\r\n`);
    expect(encodeReply(new MapReply(items.map((item) => [item, 1])), 3))
      .toBe(`%700\r\n${items.map((item) => `$${item.length}\r\n${item}\r\n:1\r\n`).join('')}`);
  });

  test('a command is an array of bulks', () => {
    expect(encodeCommand([bytes('GET'), bytes('')])).toBe('*2\r\n$3\r\nGET\r\n$0\r\n\r\n');
  });
});

/** The right column is what C's printf("%.17g") prints. */
test.each([
  [0, '0'], [-0, '-0'], [3, '3'], [0.1, '0.10000000000000001'], [1e21, '1e+21'], [1e17, '1e+17'], [123456789012345680, '1.2345678901234568e+17'],
  [1e16, '10000000000000000'], [0.0001, '0.0001'], [0.00001, '1.0000000000000001e-05'], [5e-324, '4.9406564584124654e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'], [3.0000000000000004, '3.0000000000000004'], [-2.5, '-2.5'],
  [2 ** -25, '2.9802322387695312e-08'], [2 ** 60, '1.152921504606847e+18'], [NaN, 'nan'], [Infinity, 'inf'],
])('doubleText(%d)', (value, text) => {
  expect(doubleText(value)).toBe(text);
});
