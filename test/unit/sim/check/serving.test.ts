/** Who serves which key, and whose data a node should have. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/index.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { NOBODY_SERVES, servedByOne, servedByRanges } from '../../../../sim/check/serving.ts';
import { view } from './fixtures.ts';

const node = (name: string, role: 'primary' | 'replica', primary: string | null = null): NodeView => {
  const made = view(name);
  made.note({ kind: 'role', role, primary: primary === null ? null : bytes(primary), because: [] });
  return made;
};

describe('serving', () => {
  const first = node('first', 'primary');
  const second = node('second', 'primary');
  const replica = node('replica', 'replica', 'first');
  const below = node('below', 'replica', 'replica');
  const all = [first, second, replica, below];
  const serving = servedByRanges(
    new Map([[bytes('b'), second], [bytes('a'), first], [bytes('c'), second]]), (place) => all.find(({ name }) => name === place) ?? null);

  test('nobody serves anything', () => {
    expect(NOBODY_SERVES.primaries).toEqual([]);
    expect(servedByOne(null).of(bytes('k'))).toBeNull();
  });

  test('one serves everything, and all should have its data', () => {
    const one = servedByOne(first);
    expect([one.primaries, one.of(bytes('k')), one.above(second)]).toEqual([[first], first, first]);
  });

  test('each key by its own primary; one that has no answer by nobody', () => {
    expect(serving.primaries.map(({ name }) => name)).toEqual(['first', 'second']);
    expect([serving.of(bytes('a')), serving.of(bytes('c')), serving.of(bytes('d'))]).toEqual([first, second, null]);
  });

  test('a replica should have what stands at the end of its chain', () => {
    expect([serving.above(below), serving.above(replica), serving.above(second)]).toEqual([first, first, second]);
    expect(serving.above(node('astray', 'replica', 'nobody'))).toBeNull();
    // Two replicas of each other have nobody above them.
    const left = node('left', 'replica', 'right');
    const right = node('right', 'replica', 'left');
    expect(servedByRanges(new Map(), (place) => (place === 'left' ? left : right)).above(left)).toBeNull();
  });
});
