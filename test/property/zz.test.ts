/**
 * What a node passes on makes an equal copy: the stream of random commands, applied to an empty keyspace as a replica
 * applies it, leads to the same data. And the running digest equals one computed afresh.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Database, NO_EXPIRY } from '../../engine/keyspace/database.ts';
import { HashValue } from '../../engine/keyspace/hashValue.ts';
import { ListValue } from '../../engine/keyspace/listValue.ts';
import { redisDigest } from '../../engine/keyspace/redisDigest.ts';
import { SetValue } from '../../engine/keyspace/setValue.ts';
import { ID_MAX, ID_MIN } from '../../engine/keyspace/streamId.ts';
import { StreamValue } from '../../engine/keyspace/streamValue.ts';
import type { Value } from '../../engine/keyspace/value.ts';
import { DirectCall } from '../support/directCall.ts';
import { loadRdb, saveRdb } from '../support/rdbFiles.ts';

const key = fc.constantFrom('a', 'b', 'c');
const member = fc.constantFrom('1', '2', '3', 'x', 'y', 'a longer member');
const place = fc.constantFrom('0', '1', '-1', '2', '-2', '7');
const side = fc.constantFrom('LEFT', 'RIGHT');
const stream = fc.constantFrom('x', 'x', 'a');
const entryId = fc.constantFrom('1-0', '1-1', '1-2', '1700000000000-0', '1700000000005-1', '1700000000010-0');
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
    fc.tuple(fc.constantFrom('RPUSH', 'LPUSH', 'RPUSHX'), key, member, member),
    fc.tuple(fc.constantFrom('LPOP', 'RPOP', 'ZPOPMIN', 'ZPOPMAX'), key),
    fc.tuple(fc.constant('LSET'), key, place, member), fc.tuple(fc.constant('LREM'), key, place, member),
    fc.tuple(fc.constant('LTRIM'), key, place, place), fc.tuple(fc.constant('LINSERT'), key, fc.constant('AFTER'), member, member),
    fc.tuple(fc.constant('RPOPLPUSH'), key, key), fc.tuple(fc.constant('LMOVE'), key, key, side, side),
    fc.tuple(fc.constantFrom('LMPOP', 'BLPOP'), fc.constant('1'), key, side), fc.tuple(fc.constantFrom('BLPOP', 'BRPOP'), key, key, fc.constant('1')),
    fc.tuple(fc.constantFrom('HSET', 'HSETNX'), key, member, member), fc.tuple(fc.constant('HDEL'), key, member),
    fc.tuple(fc.constantFrom('HINCRBY', 'HINCRBYFLOAT'), key, member, place),
    fc.tuple(fc.constantFrom('ZADD', 'ZINCRBY'), key, place, member), fc.tuple(fc.constant('ZREM'), key, member),
    fc.tuple(fc.constantFrom('ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'), key, fc.constant('2'), key, key),
    fc.tuple(fc.constantFrom('ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE'), key, place, place),
    fc.tuple(fc.constant('ZRANGESTORE'), key, key, place, place), fc.tuple(fc.constant('BZPOPMAX'), key, fc.constant('1')),
    ...[stream, fc.constant('x')].flatMap((at) => [
      fc.tuple(fc.constant('XADD'), at, fc.constantFrom('*', '1-*', '1700000000005-*'), fc.constant('f'), member),
      fc.tuple(fc.constant('XADD'), at, fc.constantFrom('MAXLEN', 'MINID'), fc.constantFrom('~', '='), fc.constantFrom('2', '1'), fc.constant('*'), fc.constant('f'), member),
      fc.tuple(fc.constant('XADD'), at, fc.constant('MAXLEN'), fc.constant('~'), fc.constant('1'), fc.constant('LIMIT'), fc.constant('1'), fc.constant('*'), fc.constant('f'), member),
      fc.tuple(fc.constantFrom('XDEL', 'XSETID'), at, entryId), fc.tuple(fc.constant('XTRIM'), at, fc.constant('MAXLEN'), fc.constantFrom('0', '1', '3')),
      fc.tuple(fc.constant('XGROUP'), fc.constantFrom('CREATE'), at, fc.constantFrom('g', 'h'), fc.constantFrom('0', '$'), fc.constant('MKSTREAM')),
      fc.tuple(fc.constant('XGROUP'), fc.constantFrom('SETID'), at, fc.constantFrom('g', 'h'), entryId), fc.tuple(fc.constant('XGROUP'), fc.constant('DESTROY'), at, fc.constant('h')),
      fc.tuple(fc.constant('XGROUP'), fc.constantFrom('CREATECONSUMER', 'DELCONSUMER'), at, fc.constant('g'), member),
      fc.tuple(fc.constant('XREADGROUP'), fc.constant('GROUP'), fc.constantFrom('g', 'h'), member, fc.constant('COUNT'), fc.constantFrom('1', '0'), fc.constant('STREAMS'), at, fc.constantFrom('>', '0')),
      fc.tuple(fc.constant('XREADGROUP'), fc.constant('GROUP'), fc.constantFrom('g', 'h'), member, fc.constant('NOACK'), fc.constant('STREAMS'), at, fc.constantFrom('>', '0')),
      fc.tuple(fc.constant('XACK'), at, fc.constantFrom('g', 'h'), entryId, entryId), fc.tuple(fc.constant('XAUTOCLAIM'), at, fc.constant('g'), member, fc.constantFrom('0', '5'), fc.constant('0')),
      fc.tuple(fc.constant('XCLAIM'), at, fc.constant('g'), member, fc.constant('0'), entryId, fc.constantFrom('FORCE', 'JUSTID')),
      fc.tuple(fc.constant('XCLAIM'), at, fc.constant('g'), member, fc.constant('0'), entryId, fc.constant('LASTID'), entryId),
    ]),
  ] as fc.Arbitrary<readonly string[]>[]);

/** Each command with the milliseconds that pass before it. */
const history = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 7, 60), command), { maxLength: 80, size: 'max' });

const shown = (value: Value): unknown => {
  if (typeof value === 'string') return value;
  if (value instanceof ListValue) return ['list', ...value.parts().flat()];
  if (value instanceof SetValue) return ['set', ...[...value.list()].sort()];
  if (value instanceof HashValue) return new Map(value.fields().map((field, index) => [field, value.values()[index]]));
  return value instanceof StreamValue ? value.entries(ID_MIN, ID_MAX, Infinity) : value.slice();
};

const contents = (database: Database): unknown =>
  database.entries().map((entry) => [entry.key, shown(entry.value), entry.expireAtMs])
    .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));

test('the stream carries everything', () => {
  fc.assert(fc.property(history, (steps) => {
    const primary = new DirectCall();
    const replica = new DirectCall();
    replica.keyspace.expiryMode = 'ignore';
    replica.fromStream = true;
    // What is cut off does not depend on how the replica keeps it.
    replica.keyspace.limits.streamNodeMaxEntries = 3;
    primary.keyspace.limits.streamNodeMaxEntries = 2;
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
  }), { numRuns: 5000 });
});

test('digests and counts do not drift, and no empty collection stays', () => {
  fc.assert(fc.property(history, (steps) => {
    const direct = new DirectCall();
    for (const [passes, argv] of steps) {
      direct.nowMs += passes;
      direct.run(...argv);
    }
    const database = direct.keyspace.database(0);
    const fresh = new DirectCall();
    for (const { value } of database.entries()) if (typeof value !== 'string' && !(value instanceof StreamValue)) expect(value.size).toBeGreaterThan(0);
    loadRdb(saveRdb(direct.keyspace), fresh.keyspace);
    expect([direct.keyspace.digestLo, direct.keyspace.digestHi]).toEqual([fresh.keyspace.digestLo, fresh.keyspace.digestHi]);
    expect(redisDigest(direct.keyspace)).toBe(redisDigest(fresh.keyspace));
    expect(database.expiringSize).toBe(database.entries().filter((entry) => entry.expireAtMs !== NO_EXPIRY).length);
  }), { numRuns: 5000 });
});
