import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { compareScored } from '../../../../engine/keyspace/scoreTree.ts';
import { SortedSetValue } from '../../../../engine/keyspace/sortedSetValue.ts';
import { ENCODING_LIMITS_DEFAULT } from '../../../../engine/keyspace/value.ts';

const step = fc.record({
  what: fc.constantFrom('set', 'set', 'set', 'delete', 'copy', 'up', 'down'), member: fc.integer({ min: 0, max: 400 }),
  score: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
});

test('behaves as a sorted array, in both encodings, with a digest that does not drift', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    let set = new SortedSetValue();
    const model = new Map<Bytes, number>();
    const put = (member: Bytes, score: number): void => {
      const old = model.get(member);
      const expected = old === undefined ? 'added' : old === score ? 'same' : 'changed';
      expect(set.set(member, score, ENCODING_LIMITS_DEFAULT)).toBe(expected);
      if (expected !== 'same') model.set(member, score);
    };
    expect(set.digestLo).toBe(0);
    for (const { what, member, score } of steps) {
      const name = `m${member}` as Bytes;
      if (what === 'set') put(name, score);
      else if (what === 'delete') expect(set.delete(name)).toBe(model.delete(name));
      else if (what === 'copy') {
        const old = set;
        set = old.copy();
        old.set('only in the old one' as Bytes, 1, ENCODING_LIMITS_DEFAULT);
      } else for (let index = 0; index < 90; index++) put(`m${member + index}` as Bytes, what === 'up' ? index : -index);
    }
    const sorted = [...model].map(([member, score]) => ({ member, score })).sort(compareScored);
    expect(set.slice()).toEqual(sorted);
    expect(set.size).toBe(sorted.length);
    for (let rank = 0; rank < sorted.length; rank += 23) {
      const item = sorted[rank] as { readonly member: Bytes; readonly score: number };
      expect(set.rank(item.member)).toBe(rank);
      expect(set.at(rank)).toEqual(item);
      expect(set.countBefore(({ score }) => score < item.score)).toBe(sorted.findIndex(({ score }) => score >= item.score));
    }
    const scanned: Bytes[] = [];
    let cursor = 0;
    do cursor = set.scan(cursor, 7, ({ member }) => scanned.push(member)); while (cursor !== 0);
    expect(scanned.toSorted()).toEqual(sorted.map(({ member }) => member).toSorted());
    const fresh = new SortedSetValue();
    for (const { member, score } of sorted) fresh.set(member, score, ENCODING_LIMITS_DEFAULT);
    expect([set.digestLo, set.digestHi]).toEqual([fresh.digestLo, fresh.digestHi]);
  }), { numRuns: 200 });
});

test('a large one keeps its order through changes of score', () => {
  const set = new SortedSetValue();
  for (let index = 0; index < 20_000; index++) set.set(`m${index}` as Bytes, (index * 7919) % 10_007, ENCODING_LIMITS_DEFAULT);
  for (let index = 0; index < 20_000; index += 3) set.set(`m${index}` as Bytes, -index, ENCODING_LIMITS_DEFAULT);
  for (let index = 1; index < 20_000; index += 3) set.delete(`m${index}` as Bytes);
  const items = set.slice();
  expect(items.length).toBe(set.size);
  for (let rank = 1; rank < items.length; rank++) {
    expect(compareScored(items[rank - 1] as typeof items[0] & {}, items[rank] as typeof items[0] & {})).toBeLessThan(0);
  }
});
