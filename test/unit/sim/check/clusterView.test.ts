/** Who owns slots in the map of a node is counted as they move, and comes to the same as counting all. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/index.ts';
import { ClusterView } from '../../../../sim/check/clusterView.ts';
import { view } from './fixtures.ts';

test('the owners of slots are those that stand in the map, with the number of their slots', () => {
  const owner = fc.constantFrom<Bytes | null>(bytes('a'), bytes('b'), bytes('c'), null);
  const move = fc.record({ slots: fc.array(fc.nat(20), { maxLength: 8 }), owner });
  fc.assert(fc.property(fc.array(move, { maxLength: 10 }), (moves) => {
    const made = new ClusterView(view('n'));
    for (const { slots, owner: to } of moves) made.note({ kind: 'slots', slots, owner: to, configEpoch: 1, byCommand: false, because: [] });
    const counted = new Map<Bytes, number>();
    for (const id of made.owners) if (id !== null) counted.set(id, (counted.get(id) ?? 0) + 1);
    expect(new Map(made.slotOwners)).toEqual(counted);
    made.ended();
    expect(made.slotOwners.size).toBe(0);
  }));
});
