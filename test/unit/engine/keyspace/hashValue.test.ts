import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { HashValue } from '../../../../engine/keyspace/hashValue.ts';
import { ENCODING_LIMITS_DEFAULT } from '../../../../engine/keyspace/value.ts';

const field = fc.integer({ min: 0, max: 12 }).map((number) => `f${number}` as Bytes);
const step = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'copy'), field, fc.constantFrom('1', '2', 'v') as fc.Arbitrary<Bytes>);

test('behaves as a map that keeps its order, and loses it as a hashtable only', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(3, 512), fc.boolean(), (steps, entriesMax, keepsDigest) => {
    const limits = { ...ENCODING_LIMITS_DEFAULT, hashMaxListpackEntries: entriesMax };
    let hash = new HashValue();
    const model = new Map<Bytes, Bytes>();
    if (keepsDigest) expect(hash.digestLo).toBe(0);
    for (const [what, name, value] of steps) {
      if (what === 'set') {
        expect(hash.set(name, value, limits)).toBe(!model.has(name));
        model.set(name, value);
      } else if (what === 'delete') expect(hash.delete(name)).toBe(model.delete(name));
      else {
        const old = hash;
        hash = old.copy();
        old.set(name, 'only in the old one' as Bytes, limits);
      }
    }
    const pairs = hash.fields().map((name, place) => [name, hash.values()[place]] as const);
    expect(new Map(pairs)).toEqual(model);
    if (hash.encoding === 'listpack') expect(hash.fields()).toEqual([...model.keys()]);
    for (const [name, value] of model) expect(hash.get(name)).toBe(value);
    const fresh = new HashValue();
    for (const [name, value] of model) fresh.set(name, value, limits);
    expect([hash.digestLo, hash.digestHi]).toEqual([fresh.digestLo, fresh.digestHi]);
  }), { numRuns: 300 });
});

test('a long word makes it a hashtable for good', () => {
  const hash = new HashValue();
  hash.set('f' as Bytes, 'v'.repeat(64) as Bytes, ENCODING_LIMITS_DEFAULT);
  expect(hash.encoding).toBe('listpack');
  hash.set('f' as Bytes, 'v'.repeat(65) as Bytes, ENCODING_LIMITS_DEFAULT);
  hash.set('f' as Bytes, 'v' as Bytes, ENCODING_LIMITS_DEFAULT);
  expect(hash.encoding).toBe('hashtable');
});
