import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { type Reply, SetReply } from '../../../../engine/protocol/reply.ts';
import { DirectCall } from '../../../support/directCall.ts';

const items = (reply: Reply): readonly Bytes[] => (reply instanceof SetReply ? reply.items : reply) as readonly Bytes[];

describe('random members', () => {
  test('SPOP takes what it says, and the stream follows member by member', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 45 }), (size, count) => {
      const direct = new DirectCall();
      const all = Array.from({ length: size }, (_, index) => `m${index}`);
      direct.run('SADD', 'k', ...all);
      direct.takeStream();
      const popped = items(direct.run('SPOP', 'k', String(count)));
      expect(new Set(popped).size).toBe(Math.min(size, count));
      expect(direct.takeStream()).toEqual(count >= size ? ['DEL k'] : popped.map((member) => `SREM k ${member}`));
      const left = items(direct.run('SMEMBERS', 'k'));
      expect([...left, ...popped].toSorted()).toEqual(all.toSorted());
      expect(direct.run('EXISTS', 'k')).toBe(count >= size ? 0 : 1);
    }));
  });

  test('SRANDMEMBER: different ones for a positive count, any for a negative one', () => {
    const direct = new DirectCall();
    direct.run('SADD', 'k', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    for (const count of [1, 2, 3, 6, 7, 20]) {
      const found = items(direct.run('SRANDMEMBER', 'k', String(count)));
      expect(new Set(found).size).toBe(Math.min(count, 7));
    }
    expect(items(direct.run('SRANDMEMBER', 'k', '-30'))).toHaveLength(30);
    expect(direct.run('SCARD', 'k')).toBe(7);
  });

  test('equal seeds give equal choices', () => {
    const pop = (seed: string): Reply => {
      const direct = new DirectCall(16, seed);
      direct.run('SADD', 'k', ...Array.from({ length: 100 }, (_, index) => String(index)));
      return direct.run('SPOP', 'k', '10');
    };
    expect(pop('seed-seed-12')).toEqual(pop('seed-seed-12'));
    expect(pop('seed-seed-12')).not.toEqual(pop('seed-seed-13'));
  });
});

describe('scans', () => {
  /** Whoever stays from the first call to the last is found, whatever happens to the others meanwhile. */
  const staying = (
    start: (direct: DirectCall, name: string) => void, end: (direct: DirectCall, name: string) => void,
    scan: (direct: DirectCall, cursor: string) => Reply,
  ): void => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 80 }), (changes) => {
      const direct = new DirectCall();
      for (let index = 0; index < 20; index++) start(direct, `stays${index}`);
      for (let index = 0; index < 60; index += 2) start(direct, `goes${index}`);
      const found = new Set<string>();
      let cursor = '0';
      let change = 0;
      do {
        const [next, names] = scan(direct, cursor) as unknown as readonly [string, readonly string[]];
        for (const name of names) found.add(name);
        cursor = next;
        for (let turn = 0; turn < 5 && change < changes.length; turn++, change++) {
          const [adds, index] = changes[change] as [boolean, number];
          (adds ? start : end)(direct, `goes${index}`);
        }
      } while (cursor !== '0');
      for (let index = 0; index < 20; index++) expect(found).toContain(`stays${index}`);
    }));
  };

  test('SCAN', () => {
    staying((direct, name) => direct.run('SET', name, 'v'), (direct, name) => direct.run('DEL', name),
      (direct, cursor) => direct.run('SCAN', cursor, 'COUNT', '3'));
  });

  test('SSCAN', () => {
    staying((direct, name) => direct.run('SADD', 'k', name), (direct, name) => direct.run('SREM', 'k', name),
      (direct, cursor) => direct.run('SSCAN', 'k', cursor, 'COUNT', '3'));
  });
});

test('an intset is shown in order of value', () => {
  const direct = new DirectCall();
  direct.run('SADD', 'k', '10', '9', '-2', '-10', '0', '9223372036854775807', '-9223372036854775808');
  expect(items(direct.run('SMEMBERS', 'k'))).toEqual(
    ['-9223372036854775808', '-10', '-2', '0', '9', '10', '9223372036854775807']);
});

test('a reply keeps what it showed when the set changes', () => {
  const direct = new DirectCall();
  direct.run('SADD', 'k', 'a', 'b');
  const before = direct.run('SMEMBERS', 'k');
  const union = direct.run('SUNION', 'k');
  direct.run('SADD', 'k', 'c');
  expect(items(before)).toHaveLength(2);
  expect(items(union)).toHaveLength(2);
});
