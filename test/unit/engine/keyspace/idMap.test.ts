/** The map by ID beside a plain one that is sorted when it is looked at. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdMap } from '../../../../engine/keyspace/idMap.ts';
import { type StreamId, compareIds } from '../../../../engine/keyspace/streamId.ts';

interface Item {
  readonly id: StreamId;
  readonly tag: number;
}

const id: fc.Arbitrary<StreamId> = fc.record({ ms: fc.nat({ max: 40 }), seq: fc.nat({ max: 9 }) });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('set' as const), id, fc.nat()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), id, fc.nat()) });

test('does what a sorted list does', () => {
  fc.assert(fc.property(fc.nat({ max: 350 }), fc.array(step, { maxLength: 80, size: 'max' }), id, (filled, steps, from) => {
    const map = new IdMap<Item>();
    const model = new Map<string, Item>();
    const set = (item: Item): void => {
      map.set(item);
      model.set(`${item.id.ms}-${item.id.seq}`, item);
    };
    // Several chunks.
    for (let index = 0; index < filled; index++) set({ id: { ms: (index * 17) % 40, seq: (index * 7) % 9 }, tag: index });
    for (const [what, at, tag] of steps) {
      if (what === 'set') set({ id: at, tag });
      else expect(map.delete(at)).toBe(model.delete(`${at.ms}-${at.seq}`));
    }
    const sorted = [...model.values()].sort((left, right) => compareIds(left.id, right.id));
    expect(map.values()).toEqual(sorted);
    expect(map.size).toBe(sorted.length);
    expect([map.first(), map.last()]).toEqual([sorted[0], sorted[sorted.length - 1]]);
    const rest = sorted.filter((item) => compareIds(item.id, from) >= 0);
    expect([...map.from(from)]).toEqual(rest);
    expect(map.atOrAfter(from)).toEqual(rest[0]);
    expect(map.get(from)).toEqual(model.get(`${from.ms}-${from.seq}`));
    expect(map.map((item) => ({ ...item, tag: item.tag + 1 })).values()).toEqual(sorted.map((item) => ({ ...item, tag: item.tag + 1 })));
  }), { numRuns: 150 });
});
