/** A chunk list behaves as one string with a start offset, whatever is appended, dropped and cut off. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ChunkList } from '../../../../engine/core/chunkList.ts';
import { InvariantError } from '../../../../engine/core/errors.ts';

const step = fc.oneof(
  // Some so long that chunks are joined.
  fc.record({
    do: fc.constant('append' as const), text: fc.tuple(fc.string({ maxLength: 9 }), fc.constantFrom(1, 1, 400, 2000))
      .map(([text, times]) => text.repeat(times)),
  }),
  fc.record({ do: fc.constantFrom('drop' as const, 'truncate' as const, 'read' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

test('is a string with a start offset', () => {
  fc.assert(fc.property(fc.nat(1000), fc.array(step, { maxLength: 200 }), (startAt, steps) => {
    const list = new ChunkList(startAt);
    let start = startAt;
    let text = '';
    for (const one of steps) {
      if (one.do === 'append') {
        list.append(bytes(one.text));
        text += one.text;
      } else {
        const at = start + Math.floor(one.part * text.length);
        if (one.do === 'drop') {
          list.dropBefore(at);
          text = text.slice(at - start);
          start = at;
        } else if (one.do === 'truncate') {
          list.truncate(at);
          text = text.slice(0, at - start);
        } else {
          expect(list.read(at)).toBe(text.slice(at - start));
          if (at < list.end) expect(text.slice(at - start).startsWith(list.chunkAt(at))).toBe(true);
        }
      }
      expect([list.start, list.end, list.length, list.read()]).toEqual([start, start + text.length, text.length, text]);
    }
  }));
});

test('refuses what it does not hold', () => {
  const list = new ChunkList(10);
  list.append(bytes('abc'));
  list.dropBefore(11);
  expect(() => list.read(10, 12)).toThrow(InvariantError);
  expect(() => list.read(11, 14)).toThrow(InvariantError);
  expect(() => list.dropBefore(14)).toThrow(InvariantError);
  expect(() => list.truncate(10)).toThrow(InvariantError);
});
