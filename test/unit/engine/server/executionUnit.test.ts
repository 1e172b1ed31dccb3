/** What a unit gathers, it gives once; its text is what encoding its commands gives, in whatever form a request came. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import { RequestDecoder } from '../../../../engine/protocol/requestDecoder.ts';
import { ExecutionUnit } from '../../../../engine/server/executionUnit.ts';

const word = fc.string({ unit: 'binary-ascii', maxLength: 120 }).map(bytes);
const argument = fc.oneof(word, fc.constantFrom('', '\r\n', '$3\r\n', '*1\r\n').map(bytes));

test('commands come out in order, with their databases, and are gone then', () => {
  const unit = new ExecutionUnit();
  expect(unit.isEmpty).toBe(true);
  unit.add(0, [bytes('SET'), bytes('a'), bytes('1')]);
  unit.add(3, [bytes('DEL'), bytes('b')]);
  expect(unit.isEmpty).toBe(false);
  expect(unit.take(true).commands).toEqual([{ database: 0, argv: ['SET', 'a', '1'] }, { database: 3, argv: ['DEL', 'b'] }]);
  expect(unit.isEmpty).toBe(true);
  expect(unit.take(true).commands).toEqual([]);
});

/** The unit of one request that came in these chunks. */
const unitOf = (...chunks: readonly string[]): { readonly unit: ExecutionUnit; readonly argv: readonly Bytes[] } => {
  const decoder = new RequestDecoder();
  let argv: readonly Bytes[] | null = null;
  for (const chunk of chunks) {
    decoder.push(bytes(chunk));
    argv = decoder.next();
  }
  if (argv === null) throw new Error('the request is not complete');
  const unit = new ExecutionUnit();
  unit.addRequest(0, argv, decoder);
  return { unit, argv };
};

const SELECT_0 = encodeCommand([bytes('SELECT'), bytes('0')]);

describe('a request in the stream', () => {
  test('as its client encoded it, however it was cut', () => {
    fc.assert(fc.property(fc.array(argument, { minLength: 1, maxLength: 12 }), fc.nat(), (argv, cut) => {
      const wire = encodeCommand(argv);
      const at = 1 + (cut % (wire.length - 1));
      const { unit } = unitOf(wire.slice(0, at), wire.slice(at));
      expect(unit.take(true).encode(0)).toEqual({ text: wire, database: 0 });
    }));
  });

  test.each([
    ['an inline one as long as its array', 'set k   v                  \r\n'],
    ['an inline one', 'set k v\r\n'],
    ['other bytes for the line end behind a bulk', '*3\r\n$3\r\nsetXX$1\r\nk\r\n$1\r\nv\r\n'],
    ['another byte for the LF behind a length', '*3\r\n$3\rXset\r\n$1\r\nk\r\n$1\r\nv\r\n'],
    ['another byte for the LF behind the count', '*3\rX$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n'],
    ['other bytes at its end', '*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\n\r'],
  ])('%s is encoded anew', (_, wire) => {
    const { unit, argv } = unitOf(wire);
    expect(argv).toEqual(['set', 'k', 'v']);
    expect(unit.take(true).encode(0).text).toBe(encodeCommand(argv));
  });

  test('a stream with another database selected gets a SELECT before it', () => {
    const wire = encodeCommand(['set', 'k', 'v'].map(bytes));
    const { unit } = unitOf(wire);
    const taken = unit.take(true);
    expect(taken.encode(3)).toEqual({ text: SELECT_0 + wire, database: 0 });
    expect(taken.encode(0)).toEqual({ text: wire, database: 0 });
    expect(taken.forFile()).toBe(taken);
  });

  test('beside others it is encoded with them, and the next unit begins anew', () => {
    const { unit, argv } = unitOf(encodeCommand(['set', 'k', 'v'].map(bytes)));
    unit.add(0, [bytes('del'), bytes('x')]);
    expect(unit.take(false).encode(0).text).toBe(encodeCommand(argv) + encodeCommand(['del', 'x'].map(bytes)));
    expect(unit.isEmpty).toBe(true);
    unit.add(0, [bytes('del'), bytes('y')]);
    expect(unit.take(false).encode(0).text).toBe(encodeCommand(['del', 'y'].map(bytes)));
  });
});
