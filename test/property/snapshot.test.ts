/**
 * The snapshot without fork: whatever happens to the data while the walk goes on, in slices of any size, what it gives is the
 * instant at which it was opened. Every command of every family takes part, FLUSHALL, SWAPDB, expiry and deletion included.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import type { Keyspace } from '../../engine/keyspace/keyspace.ts';
import type { SnapshotItem } from '../../engine/keyspace/snapshot.ts';
import { copyValue } from '../../engine/keyspace/value.ts';
import { DirectCall } from '../support/directCall.ts';

const DATABASES = 3;
const RUNS = 400;
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const text = fc.constantFrom('1', '-7', 'word', 'x'.repeat(70), '3.5');
const words = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<readonly string[]> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)));
const prefixed = (prefix: string): fc.Arbitrary<string> => key.map((name) => prefix + name);

/** One family of keys for each type, so that most commands find what they want. */
const write: fc.Arbitrary<readonly string[]> = fc.oneof(
  words('SET', key, text), words('SET', key, text, 'PX', fc.constantFrom('5', '1000')), words('APPEND', key, text),
  words('SETRANGE', key, '3', text), words('INCR', key), words('GETDEL', key), words('DEL', key), words('UNLINK', key),
  words('RENAME', key, key), words('COPY', key, key, 'REPLACE'), words('MOVE', key, fc.constantFrom('0', '1', '2')),
  words('PEXPIRE', key, fc.constantFrom('5', '1000')), words('PERSIST', key), words('MSET', key, text, key, text),
  words('SADD', prefixed('s'), text, '12'), words('SREM', prefixed('s'), text), words('SPOP', prefixed('s')),
  words('SMOVE', prefixed('s'), prefixed('s'), text), words('SUNIONSTORE', prefixed('s'), prefixed('s'), prefixed('s')),
  words('RPUSH', prefixed('l'), text, text), words('LPOP', prefixed('l')), words('LSET', prefixed('l'), '0', text),
  words('LINSERT', prefixed('l'), 'BEFORE', text, text), words('LTRIM', prefixed('l'), '0', '1'),
  words('HSET', prefixed('h'), text, text), words('HDEL', prefixed('h'), text), words('HINCRBY', prefixed('h'), 'n', '3'),
  words('ZADD', prefixed('z'), '1', text, '2', 'two'), words('ZINCRBY', prefixed('z'), '5', text), words('ZREM', prefixed('z'), text),
  words('ZPOPMIN', prefixed('z')),
  words('XADD', prefixed('x'), '1-*', text, text), words('XADD', prefixed('x'), 'MAXLEN', '2', '2-*', 'f', text), words('XDEL', prefixed('x'), '1-1'),
  words('XGROUP', 'CREATE', prefixed('x'), fc.constantFrom('g', 'h'), '0', 'MKSTREAM'), words('XTRIM', prefixed('x'), 'MAXLEN', '1'),
  words('XREADGROUP', 'GROUP', 'g', text, 'COUNT', '2', 'STREAMS', prefixed('x'), fc.constantFrom('>', '>', '0')), words('XACK', prefixed('x'), 'g', '1-1', '1-2'),
  words('XCLAIM', prefixed('x'), 'g', text, '0', '1-1', '1-3'), words('XGROUP', 'DELCONSUMER', prefixed('x'), 'g', text),
  words('XGROUP', 'DESTROY', prefixed('x'), 'g'), words('XSETID', prefixed('x'), '3-3'), words('XAUTOCLAIM', prefixed('x'), 'g', text, '0', '-'),
);

type Step =
  | { readonly do: 'write'; readonly database: number; readonly command: readonly string[] }
  | { readonly do: 'read'; readonly items: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'swap'; readonly first: number; readonly second: number }
  /** One database, or all (-1). */
  | { readonly do: 'flush'; readonly database: number };

const database = fc.nat({ max: DATABASES - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), database, command: write }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), items: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, 2000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swap' as const), first: database, second: database }) },
);
/** Emptying is rare enough that there is something to empty. */
const anyStep: fc.Arbitrary<Step> = fc.oneof({ weight: 60, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const), database: fc.integer({ min: -1, max: DATABASES - 1 }) }) });
const steps = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(anyStep, { maxLength, size: 'max' });

const act = (direct: DirectCall, what: Exclude<Step, { do: 'read' }>): void => {
  if (what.do === 'pass') direct.nowMs += what.ms;
  else if (what.do === 'swap') {
    if (what.first !== what.second) direct.keyspace.swap(what.first, what.second);
  } else if (what.do === 'flush') direct.keyspace.flush(what.database);
  else {
    direct.databaseId = what.database;
    direct.run(...what.command);
  }
};

type Contents = ReadonlyMap<Bytes, Pick<SnapshotItem, 'value' | 'expireAtMs'>>;

/** Everything that is there now, copied out. */
const contents = (keyspace: Keyspace): Contents[] => keyspace.databases.map((one) => new Map(one.entries().map((entry) =>
  [entry.key, { value: copyValue(entry.value), expireAtMs: entry.expireAtMs }] as const)));

/** All that an open snapshot gives, database after database. */
function* walk(snapshot: ReturnType<Keyspace['openSnapshot']>): Generator<readonly [number, SnapshotItem]> {
  for (const { database: id } of snapshot.sizes) for (const item of snapshot.items(id)) yield [id, item];
}

/** Opens a snapshot, does `steps` while it is walked, and compares what it gave with the instant. */
const check = (direct: DirectCall, during: readonly Step[]): number => {
  const instant = contents(direct.keyspace);
  const snapshot = direct.keyspace.openSnapshot();
  expect(snapshot.sizes.map(({ keys }) => keys)).toEqual(instant.map((one) => one.size));
  const found: Map<Bytes, Pick<SnapshotItem, 'value' | 'expireAtMs'>>[] = instant.map(() => new Map());
  const items = walk(snapshot);
  const take = (): boolean => {
    const next = items.next();
    if (next.done === true) return false;
    const [id, { key: name, value, expireAtMs }] = next.value;
    expect(found[id]?.has(name)).toBe(false);
    // What a child has written is written: a later change of a value handed out must not reach back.
    found[id]?.set(name, { value: copyValue(value), expireAtMs });
    return true;
  };
  for (const what of during) {
    if (what.do === 'read') for (let count = 0; count < what.items; count++) take();
    else act(direct, what);
  }
  while (take());
  snapshot.close();
  expect(found).toEqual(instant);
  return direct.keyspace.size;
};

test('a snapshot is the instant at which it was opened, and so is the next one', () => {
  let held = 0;
  fc.assert(fc.property(
    steps(60), steps(60), steps(30),
    (before, during, later) => {
      const direct = new DirectCall(DATABASES);
      for (const what of before) if (what.do !== 'read') act(direct, what);
      held += check(direct, during);
      check(direct, later);
    }), { numRuns: Number(process.env['FAULTLINE_PLANS'] ?? RUNS) });
  expect(held).toBeGreaterThan(RUNS);
});

test('an abandoned snapshot leaves nothing behind that the next one would see', () => {
  fc.assert(fc.property(steps(40), steps(40), (before, during) => {
    const direct = new DirectCall(DATABASES);
    for (const what of before) if (what.do !== 'read') act(direct, what);
    const abandoned = direct.keyspace.openSnapshot();
    const items = walk(abandoned);
    items.next();
    abandoned.close();
    check(direct, during);
  }), { numRuns: 150 });
});

test('the digest of the data set is the same however it came about', () => {
  fc.assert(fc.property(steps(60), (before) => {
    const direct = new DirectCall(DATABASES);
    for (const what of before) if (what.do !== 'read') act(direct, what);
    const rebuilt = new DirectCall(DATABASES);
    for (const [id, one] of contents(direct.keyspace).entries()) {
      for (const [name, { value, expireAtMs }] of one) {
        const entry = rebuilt.keyspace.database(id).put(bytes(name), copyValue(value));
        if (expireAtMs !== -1) rebuilt.keyspace.database(id).setExpiry(entry, expireAtMs);
      }
    }
    expect([rebuilt.keyspace.digestLo, rebuilt.keyspace.digestHi]).toEqual([direct.keyspace.digestLo, direct.keyspace.digestHi]);
  }), { numRuns: 150 });
});
