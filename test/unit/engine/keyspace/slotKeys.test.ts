/** The index of keys by slot tells what the database holds, the newest first, whatever is done to the database. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { keySlot } from '../../../../engine/cluster/slots.ts';
import { Keyspace } from '../../../../engine/keyspace/keyspace.ts';

const HOOKS = { touched: (): void => {}, expired: (): void => {} };
const TAGS = ['{a}', '{b}', '{c}'];
const KEYS = TAGS.flatMap((tag) => Array.from({ length: 6 }, (_, index) => bytes(`${tag}${index}`)));

type Step =
  | { readonly does: 'put' | 'add' | 'remove'; readonly key: Bytes }
  | { readonly does: 'flush' | 'expire' | 'takeOver'; readonly key: Bytes };

const apply = (keyspace: Keyspace, model: Bytes[], { does, key }: Step): void => {
  const db = keyspace.database(0);
  const isThere = model.includes(key);
  if (does === 'put' || does === 'add') {
    if (does === 'put') db.put(key, bytes('x'));
    else expect(db.add(key, bytes('x')) === null).toBe(isThere);
    if (!isThere) model.unshift(key);
  } else if (does === 'remove') {
    expect(db.remove(key)).toBe(isThere);
    if (isThere) model.splice(model.indexOf(key), 1);
  } else if (does === 'expire') {
    const entry = db.lookupWrite(key);
    expect(entry !== undefined).toBe(isThere);
    if (entry === undefined) return;
    db.setExpiry(entry, keyspace.nowMs - 1);
    // It counts until somebody looks.
    expect(keyspace.slotKeys.keys(keySlot(key), Infinity)).toContain(key);
    expect(db.lookupRead(key)).toBeUndefined();
    model.splice(model.indexOf(key), 1);
  } else if (does === 'flush') {
    keyspace.flush(-1);
    model.length = 0;
  } else {
    const twin = keyspace.emptyTwin();
    twin.database(0).put(key, bytes('loaded'));
    keyspace.takeOver(twin);
    model.splice(0, Infinity, key);
  }
};

test('as a list of all keys would, of each slot', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    does: fc.oneof({ weight: 10, arbitrary: fc.constantFrom('put', 'add', 'remove', 'expire') },
      { weight: 1, arbitrary: fc.constantFrom('flush', 'takeOver') }),
    key: fc.constantFrom(...KEYS),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const keyspace = new Keyspace(1, HOOKS, false, keySlot);
    keyspace.nowMs = 1_700_000_000_000;
    const model: Bytes[] = [];
    for (const one of steps) {
      apply(keyspace, model, one);
      for (const tag of TAGS) {
        const slot = keySlot(bytes(tag));
        const expected = model.filter((key) => key.startsWith(tag));
        expect(keyspace.slotKeys.count(slot)).toBe(expected.length);
        expect(keyspace.slotKeys.keys(slot, Infinity)).toEqual(expected);
        expect(keyspace.slotKeys.keys(slot, 2)).toEqual(expected.slice(0, 2));
      }
    }
  }), { numRuns: 100 });
});

test('outside a cluster there is none, and asking for it is a mistake', () => {
  const keyspace = new Keyspace(1, HOOKS, false);
  keyspace.database(0).put(bytes('a'), bytes('x'));
  expect(keyspace.database(0).slots).toBeNull();
  expect(() => keyspace.slotKeys.count(0)).toThrow('keys have slots in a cluster');
});
