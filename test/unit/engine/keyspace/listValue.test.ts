import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { ListValue } from '../../../../engine/keyspace/listValue.ts';

const element = fc.constantFrom('a', 'b', 'c', 'dd', '1') as fc.Arbitrary<Bytes>;
const step = fc.record({
  what: fc.constantFrom('pushRight', 'pushLeft', 'pushMany', 'popRight', 'popLeft', 'replace', 'insert', 'remove', 'copy'),
  at: fc.nat(), element, limit: fc.nat(5), flag: fc.boolean(),
});

/** The same on an array. */
const removeFrom = (model: Bytes[], one: Bytes, limit: number, fromRight: boolean): number => {
  let removed = 0;
  for (let visit = 0, place = fromRight ? model.length - 1 : 0; visit < model.length + removed && removed < limit; visit++) {
    if (model[place] === one) {
      model.splice(place, 1);
      removed++;
      if (fromRight) place--;
    } else place += fromRight ? -1 : 1;
  }
  return removed;
};

test('behaves as an array, and its digest is that of a list made afresh', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, keepsDigest) => {
    let list = new ListValue();
    const model: Bytes[] = [];
    if (keepsDigest) expect(list.digestLo).toBe(0);
    for (const { what, at, element: one, limit, flag } of steps) {
      const place = model.length === 0 ? 0 : at % model.length;
      if (what === 'pushRight') {
        list.pushRight(one);
        model.push(one);
      } else if (what === 'pushLeft') {
        list.pushLeft(one);
        model.unshift(one);
      } else if (what === 'pushMany') {
        for (let index = 0; index < 150; index++) {
          list.pushRight(one);
          model.push(one);
        }
      } else if (what === 'insert') {
        list.insert(place, one);
        model.splice(place, 0, one);
      } else if (what === 'copy') {
        const old = list;
        list = old.copy();
        old.pushLeft(one);
      } else if (what === 'remove') {
        expect(list.remove(one, limit, flag)).toBe(removeFrom(model, one, limit, flag));
      } else if (model.length > 0) {
        if (what === 'popRight') expect(list.popRight()).toBe(model.pop());
        else if (what === 'popLeft') expect(list.popLeft()).toBe(model.shift());
        else {
          list.replace(place, one);
          model[place] = one;
        }
      }
      if (keepsDigest && flag) expect(list.digestLo).toBe(digestOf(model).digestLo);
    }
    expect(list.size).toBe(model.length);
    expect(list.parts().flat()).toEqual(model);
    expect(list.slice(0, model.length)).toEqual(model);
    for (let place = 0; place < model.length; place += 37) expect(list.at(place)).toBe(model[place]);
    expect([list.digestLo, list.digestHi]).toEqual([digestOf(model).digestLo, digestOf(model).digestHi]);
  }), { numRuns: 300 });
});

const digestOf = (elements: readonly Bytes[]): ListValue => {
  const list = new ListValue();
  for (const element of elements) list.pushRight(element);
  return list;
};

test('the order of elements is part of the digest', () => {
  expect(digestOf(['a', 'b'] as Bytes[]).digestLo).not.toBe(digestOf(['b', 'a'] as Bytes[]).digestLo);
});
