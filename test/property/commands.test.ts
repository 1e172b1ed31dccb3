/**
 * What a node passes on makes an equal copy: the stream of random commands, applied to an empty keyspace as a replica
 * applies it, leads to the same data. And the running digest equals one computed afresh.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Database, NO_EXPIRY } from '../../engine/keyspace/database.ts';
import { DirectCall } from '../support/directCall.ts';

const key = fc.constantFrom('a', 'b', 'c');
const member = fc.constantFrom('1', '2', '3', 'x', 'y', 'a longer member');
const span = fc.constantFrom('5', '50', '0', '-3', '1000');

const command: fc.Arbitrary<readonly string[]> = fc.oneof(
  ...[
    fc.tuple(fc.constant('SET'), key, member), fc.tuple(fc.constant('SET'), key, member, fc.constant('PX'), span),
    fc.tuple(fc.constant('SET'), key, member, fc.constantFrom('NX', 'XX', 'GET', 'KEEPTTL')),
    fc.tuple(fc.constantFrom('INCR', 'DECR', 'GETDEL', 'GET', 'PERSIST', 'SPOP', 'SMEMBERS', 'DEL', 'UNLINK'), key),
    fc.tuple(fc.constantFrom('INCRBYFLOAT', 'APPEND', 'SADD', 'SREM', 'SPOP', 'GETSET', 'SETNX'), key, member),
    fc.tuple(fc.constantFrom('PEXPIRE', 'PEXPIREAT'), key, span, fc.constantFrom('NX', 'XX', 'GT', 'LT')),
    fc.tuple(fc.constantFrom('PEXPIRE', 'EXPIRE'), key, span), fc.tuple(fc.constant('GETEX'), key, fc.constant('PX'), span),
    fc.tuple(fc.constantFrom('RENAME', 'RENAMENX', 'COPY', 'SUNIONSTORE', 'SINTERSTORE', 'SDIFFSTORE'), key, key),
    fc.tuple(fc.constant('SMOVE'), key, key, member), fc.tuple(fc.constant('SETRANGE'), key, fc.constant('3'), member),
    fc.tuple(fc.constantFrom('SCAN'), fc.constant('0')), fc.tuple(fc.constant('SDIFFSTORE'), key, key, key),
    fc.tuple(fc.constant('COPY'), key, key, fc.constant('REPLACE')), fc.tuple(fc.constant('FLUSHALL')),
  ] as fc.Arbitrary<readonly string[]>[]);

/** Each command with the milliseconds that pass before it. */
const history = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 7, 60), command), { maxLength: 80 });

const contents = (database: Database): unknown =>
  database.entries().map((entry) => {
    const { value } = entry;
    return [entry.key, typeof value === 'string' ? value : [...value.list()].sort(), entry.expireAtMs];
  }).sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));

test('the stream carries everything', () => {
  fc.assert(fc.property(history, (steps) => {
    const primary = new DirectCall();
    const replica = new DirectCall();
    replica.keyspace.expiryMode = 'ignore';
    for (const [passes, argv] of steps) {
      primary.nowMs += passes;
      primary.run(...argv);
      // The replica is late, which must not matter.
      replica.nowMs = primary.nowMs + 1_000_000;
      for (const line of primary.stream) replica.execute(line);
      primary.stream = [];
      expect(contents(replica.keyspace.database(0))).toEqual(contents(primary.keyspace.database(0)));
      expect([replica.keyspace.digestLo, replica.keyspace.digestHi]).toEqual(
        [primary.keyspace.digestLo, primary.keyspace.digestHi]);
    }
  }), { numRuns: 300 });
});

test('digests and counts do not drift, and no empty set stays', () => {
  fc.assert(fc.property(history, (steps) => {
    const direct = new DirectCall();
    for (const [passes, argv] of steps) {
      direct.nowMs += passes;
      direct.run(...argv);
    }
    const database = direct.keyspace.database(0);
    const fresh = new DirectCall();
    for (const { key: name, value, expireAtMs } of database.entries()) {
      if (typeof value === 'string') {
        fresh.run('SET', name, value);
      } else {
        expect(value.size).toBeGreaterThan(0);
        fresh.run('SADD', name, ...value.members.values());
      }
      const entry = fresh.keyspace.database(0).lookupWrite(name);
      if (expireAtMs !== NO_EXPIRY && entry !== undefined) fresh.keyspace.database(0).setExpiry(entry, expireAtMs);
    }
    expect([direct.keyspace.digestLo, direct.keyspace.digestHi]).toEqual([fresh.keyspace.digestLo, fresh.keyspace.digestHi]);
    expect(database.expiringSize).toBe(database.entries().filter((entry) => entry.expireAtMs !== NO_EXPIRY).length);
  }), { numRuns: 300 });
});
