/** What may have swallowed a word between two processes: by time, by place, and by whether it still stands. */
import { describe, expect, test } from 'vitest';
import { causeId } from '../../../../engine/index.ts';
import { Hindrances, type Reach } from '../../../../sim/fault/hindrances.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';

const process = (name: string): SimProcess => ({ name, machine: { name, stack: { name } } }) as unknown as SimProcess;
const here = process('here');
const there = process('there');
const aside = process('aside');
const stack = ({ machine }: SimProcess): SimProcess['machine']['stack'] => machine.stack;

/** One entry at event 10, and what silenced `there` for `here` since an event. */
const silenced = (reach: Reach, since: number, isLasting = false, endedBy?: number): boolean => {
  const hindrances = new Hindrances();
  const entry = hindrances.add(causeId(10), 1000, 'it', reach, isLasting);
  if (endedBy !== undefined) hindrances.end(entry, causeId(endedBy), 2000);
  return hindrances.silencing(here, there, causeId(since)).length === 1;
};

describe('where it struck', () => {
  test.each([
    ['the one that is not heard', { processes: [there] }, true], ['its machine', { machines: [there.machine] }, true],
    ['the listener', { processes: [here] }, true], ['somebody else', { processes: [aside], machines: [aside.machine] }, false],
    ['the way there', { paths: [{ from: [stack(here)], to: [stack(aside), stack(there)] }] }, true],
    ['the way back', { paths: [{ from: [stack(there)], to: [stack(here)] }] }, true],
    ['another way', { paths: [{ from: [stack(here)], to: [stack(aside)] }, { from: [stack(aside)], to: [stack(there)] }] }, false],
    ['nobody', {}, false],
  ] as readonly (readonly [string, Reach, boolean])[])('%s', (_, reach, expected) => expect(silenced(reach, 5)).toBe(expected));
});

describe('when it struck', () => {
  const reach: Reach = { processes: [there] };
  test('after the last word, or before it', () => {
    expect(silenced(reach, 9)).toBe(true);
    expect(silenced(reach, 11)).toBe(false);
  });

  test('what lasts counts while it lasts, and if it ended after the last word', () => {
    expect(silenced(reach, 11, true)).toBe(true);
    expect(silenced(reach, 11, true, 15)).toBe(true);
    expect(silenced(reach, 20, true, 15)).toBe(false);
  });

  test('a kill counts until the process runs again, though its last word came later', () => {
    expect(silenced({ ...reach, stands: () => true }, 11)).toBe(true);
    expect(silenced({ ...reach, stands: () => false }, 11)).toBe(false);
    // A power loss that a boot has ended, and its plan has not.
    expect(silenced({ ...reach, stands: () => false }, 11, true)).toBe(false);
  });
});

describe('looking things up', () => {
  test('the last before a time, the last on a process, the last that stood in its way', () => {
    const hindrances = new Hindrances();
    expect(hindrances.lastBefore(5000)).toBe(0);
    expect(hindrances.lastAt(here, 9000)).toBeNull();
    hindrances.add(causeId(10), 1000, 'first', { processes: [here] }, false);
    const cut = hindrances.add(causeId(20), 2000, 'second', { paths: [{ from: [stack(aside)], to: [stack(here)] }] }, true);
    expect([hindrances.lastBefore(2000), hindrances.lastBefore(2001)]).toEqual([10, 20]);
    expect(hindrances.lastOn(here)?.what).toBe('first');
    expect(hindrances.find(causeId(20))?.what).toBe('second');
    expect(hindrances.lastAt(here, 9000)).toBe(9000);
    hindrances.end(cut, causeId(30), 3000);
    expect([hindrances.lastAt(here, 9000), hindrances.lastAt(there, 9000)]).toEqual([3000, null]);
  });
});
