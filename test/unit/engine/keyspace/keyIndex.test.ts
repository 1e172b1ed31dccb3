/** The index behaves as a map beside a dense list, whatever is added and removed, also where hashes collide. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { hashText } from '../../../../engine/core/hash.ts';
import { KeyIndex } from '../../../../engine/keyspace/keyIndex.ts';

interface Item {
  readonly key: Bytes;
  place: number;
}

const item = (key: Bytes): Item => ({ key, place: -1 });

/** What must hold of an index that should hold exactly these. */
const check = (index: KeyIndex<Item>, expected: ReadonlyMap<Bytes, Item>): void => {
  expect(index.items.length).toBe(expected.size);
  for (const [place, one] of index.items.entries()) {
    expect(one.place).toBe(place);
    expect(expected.get(one.key)).toBe(one);
  }
  for (const [key, one] of expected) expect(index.find(key)).toBe(one);
};

const KEYS = Array.from({ length: 60 }, (_, number) => bytes(`key:${number}`));

test('adds, finds and removes as a map does', () => {
  const step = fc.record({ key: fc.constantFrom(...KEYS), adds: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const index = new KeyIndex<Item>();
    const model = new Map<Bytes, Item>();
    for (const { key, adds } of steps) {
      const known = model.get(key);
      expect(index.find(key)).toBe(known);
      if (adds) {
        const one = item(key);
        expect(index.add(one)).toBe(known === undefined);
        if (known === undefined) model.set(key, one);
      } else if (known !== undefined) {
        index.remove(known);
        model.delete(key);
      }
    }
    check(index, model);
  }));
});

test('the last entry takes the place of one that is removed', () => {
  const index = new KeyIndex<Item>();
  const items = KEYS.map(item);
  for (const one of items) index.add(one);
  index.remove(items[3] as Item);
  expect(index.items[3]).toBe(items.at(-1));
  index.remove(items.at(-2) as Item);
  expect(index.items.length).toBe(KEYS.length - 2);
});

test('grows and shrinks with thousands of keys', () => {
  const index = new KeyIndex<Item>();
  const model = new Map<Bytes, Item>();
  for (let number = 0; number < 20_000; number++) {
    const one = item(bytes(`k${number}`));
    index.add(one);
    model.set(one.key, one);
  }
  check(index, model);
  for (const one of [...model.values()]) {
    if (Number(one.key.slice(1)) % 1000 === 0) continue;
    index.remove(one);
    model.delete(one.key);
  }
  expect(model.size).toBe(20);
  check(index, model);
});

test('keys with one hash are told apart, and closing the gap of one loses none', () => {
  const byHash = new Map<number, Bytes>();
  const pairs: (readonly [Bytes, Bytes])[] = [];
  for (let number = 0; pairs.length < 3; number++) {
    const key = bytes(`c${number}`);
    const other = byHash.get(hashText(key));
    if (other !== undefined) pairs.push([other, key]);
    byHash.set(hashText(key), key);
  }
  const index = new KeyIndex<Item>();
  const items = pairs.flat().map(item);
  for (const one of items) expect(index.add(one)).toBe(true);
  for (const one of items) expect(index.add(item(one.key))).toBe(false);
  const model = new Map(items.map((one) => [one.key, one]));
  for (const one of items.filter((_, place) => place % 2 === 0)) {
    index.remove(one);
    model.delete(one.key);
    check(index, model);
    expect(index.find(one.key)).toBeUndefined();
  }
});
