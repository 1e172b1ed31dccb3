/**
 * Random command sequences on a real redis-server and on our handlers: equal replies, equal expiry times (within a
 * tolerance, for the clocks), an equal replication stream, and equal keyspace notifications.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, compare, upper } from '../../engine/core/bytes.ts';
import { DoubleReply, ErrorReply, MapReply, NULL_ARRAY, type Reply, SetReply, Status } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient, RawEvents, RawStream } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TOLERANCE_MS = 3000;

type Words = readonly string[];

const key = fc.constantFrom('a', 'b', 'c', 'd');
const integer = fc.constantFrom(
  '0', '1', '-1', '5', '12', '-12', '100', '9999', '10000', '9007199254740991', '9007199254740993',
  '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1000000000000000000');
const decimal = fc.oneof(
  fc.constantFrom('0.1', '-0.1', '1e3', '.5', '5.', '+3', '1e-5', '3.14159265358979', '1e17', '1e-18', '0x10', '-0', '0x1p-3',
    '123456789.123456789', '1e400', 'inf', '1e4932', '1e5000', '1e-5000', '0.30000000000000004'),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e18, max: 1e18 }).map(String));
const junk = fc.constantFrom('', ' 1', 'x', '1 ', '01', '+1', 'nan', '1e', '--1', '\0', 'hello\xff');
const text = fc.constantFrom(
  '', 'foo', 'bar', 'hello world', 'ohmytext', 'mynewtext', 'v'.repeat(44), 'v'.repeat(45), '\r\n\0\x80', 'x y');
const value = fc.oneof({ weight: 4, arbitrary: text }, { weight: 3, arbitrary: integer }, decimal, junk);
const small = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -12, max: 12 }).map(String) }, integer, junk);
const member = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -9, max: 9 }).map(String) }, { weight: 3, arbitrary: text }, integer, junk);
const members = fc.array(member, { minLength: 1, maxLength: 5 });
const keys = fc.array(key, { minLength: 1, maxLength: 3 });

/**
 * Expiries that are long from now, or past: nothing runs out while a sequence runs. Those from now are filled in by place,
 * all different and far apart, because the two sides run some milliseconds apart and GT and LT must see the same order.
 */
const seconds = fc.oneof(
  { weight: 5, arbitrary: fc.constant('<seconds>') }, fc.constantFrom('0', '-1', '9223372036854775807'),
  junk);
const milliseconds = fc.oneof({ weight: 5, arbitrary: fc.constant('<milliseconds>') }, fc.constantFrom('0', '-1'), junk);

const fillIn = (argv: Words, index: number): Words => {
  const step = (index * 37) % 61;
  return argv.map((item) => {
    if (item === '<seconds>') return String(1000 + step * 100);
    return item === '<milliseconds>' ? String(100_000 + step * 10_000) : item;
  });
};

const atSeconds = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('4000000000', '4100000000', '1', '1600000000') }, junk);
const atMilliseconds = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('4000000000000', '4100000000000', '1', '1600000000000') }, junk);
const expiry = fc.oneof(
  fc.tuple(fc.constantFrom('EX', 'ex'), seconds), fc.tuple(fc.constant('PX'), milliseconds),
  fc.tuple(fc.constant('EXAT'), atSeconds), fc.tuple(fc.constant('PXAT'), atMilliseconds));

const command = (...parts: readonly (string | fc.Arbitrary<string> | fc.Arbitrary<Words>)[]): fc.Arbitrary<Words> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part as fc.Arbitrary<string | Words>)))
    .map((words) => words.flat());

const some = (arbitrary: fc.Arbitrary<Words>): fc.Arbitrary<Words> => fc.array(arbitrary, { maxLength: 2 }).map((all) => all.flat());
const word = (...words: readonly string[]): fc.Arbitrary<Words> => fc.constantFrom(...words).map((one) => [one]);
const maybe = (arbitrary: fc.Arbitrary<Words>): fc.Arbitrary<Words> => fc.option(arbitrary, { nil: [] });

const strings: readonly fc.Arbitrary<Words>[] = [
  command('SET', key, value),
  command('SET', key, value, some(fc.oneof(expiry, word('NX', 'xx', 'GET', 'KEEPTTL', 'PERSIST', 'EX', 'foo')))),
  command('SET', key, value, expiry),
  command('SETNX', key, value), command('SETEX', key, seconds, value), command('PSETEX', key, milliseconds, value),
  command('GET', key), command('GETSET', key, value), command('GETDEL', key),
  command('GETEX', key, maybe(fc.oneof(expiry, word('PERSIST', 'KEEPTTL')))),
  command('APPEND', key, value), command('STRLEN', key), command('SETRANGE', key, small, value),
  command('GETRANGE', key, small, small), command('SUBSTR', key, small, small),
  command('INCR', key), command('DECR', key), command('INCRBY', key, small), command('DECRBY', key, small),
  command('INCRBYFLOAT', key, fc.oneof(decimal, small)), command('INCRBYFLOAT', key, decimal),
  command('MGET', keys), command('MSET', key, value, maybe(command(key, value))),
  command('MSETNX', key, value, maybe(command(key, value))), command('MSET', keys),
  command('LCS', key, key, some(word('LEN', 'IDX', 'WITHMATCHLEN', 'foo'))),
  command('LCS', key, key, 'IDX', 'MINMATCHLEN', small),
];

const generic: readonly fc.Arbitrary<Words>[] = [
  command('DEL', keys), command('UNLINK', keys), command('EXISTS', keys), command('TOUCH', keys), command('TYPE', key),
  command('KEYS', fc.constantFrom('*', '?', '[a-c]', '[^a]', 'x')), command('DBSIZE'),
  command('RENAME', key, key), command('RENAMENX', key, key),
  command('COPY', key, key, some(word('REPLACE', 'DB', '1'))), command('COPY', key, key, 'DB', '1', 'REPLACE'),
  command('MOVE', key, fc.constantFrom('1', '0', '99', 'x')), command('SWAPDB', fc.constantFrom('0', 'x'), fc.constantFrom('1', '0', '99')),
  command('FLUSHDB', maybe(word('SYNC', 'foo'))),
  command('OBJECT', 'REFCOUNT', key), command('OBJECT', 'ENCODING', key), command('OBJECT', 'HELP'), command('OBJECT', 'x', key),
  command('SCAN', '0', 'COUNT', '1000', maybe(command('MATCH', fc.constantFrom('[ab]', '*'))), maybe(command('TYPE', fc.constantFrom('set', 'String', 'x')))),
  command('SCAN', fc.constantFrom('', 'x', ' 1', '--1', '99999999999999999999')), command('SCAN', '0', 'COUNT', junk),
  command('SCAN', '0', word('MATCH', 'foo'), small),
];

const expiring: readonly fc.Arbitrary<Words>[] = [
  command('EXPIRE', key, seconds, some(word('NX', 'XX', 'gt', 'LT', 'foo'))),
  command('PEXPIRE', key, milliseconds, some(word('NX', 'XX', 'GT', 'LT'))),
  command('EXPIREAT', key, atSeconds, some(word('NX', 'XX', 'GT', 'LT'))),
  command('PEXPIREAT', key, atMilliseconds, some(word('NX', 'XX', 'GT', 'LT'))),
  command('TTL', key), command('PTTL', key), command('EXPIRETIME', key), command('PEXPIRETIME', key), command('PERSIST', key),
];

const sets: readonly fc.Arbitrary<Words>[] = [
  command('SADD', key, members), command('SADD', key, members), command('SREM', key, members),
  command('SMEMBERS', key), command('SISMEMBER', key, member), command('SMISMEMBER', key, members), command('SCARD', key),
  command('SPOP', key), command('SPOP', key, fc.oneof(fc.constantFrom('1', '2', '3', '20'), small)), command('SPOP', key, '1', '2'),
  command('SRANDMEMBER', key), command('SRANDMEMBER', key, fc.constantFrom('0', '1', '2', '20', '-3', 'x', '-9223372036854775808')),
  command('SMOVE', key, key, member),
  command('SINTER', keys), command('SUNION', keys), command('SDIFF', keys),
  command('SINTERSTORE', key, keys), command('SUNIONSTORE', key, keys), command('SDIFFSTORE', key, keys),
  command('SINTERCARD', fc.constantFrom('1', '2', '0', '3', 'x'), keys, maybe(command('LIMIT', small))),
  command('SSCAN', key, '0', maybe(command('COUNT', '1000'))), command('SSCAN', key, '0', 'MATCH', fc.constantFrom('*', '[0-9]', 'f*')),
];

const seconds001 = fc.constantFrom('0.001', '0.01', '.001', '-1', 'x', 'inf', '1e400', '0x1p-9');
const side = fc.constantFrom('LEFT', 'right', 'x');
const keyCount = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('1', '2') }, fc.constantFrom('0', '3', '-1', 'x'));
const listRange = fc.integer({ min: -8, max: 8 }).map(String);
const place = fc.oneof({ weight: 8, arbitrary: listRange }, small);

const lists: readonly fc.Arbitrary<Words>[] = [
  command('RPUSH', key, members), command('LPUSH', key, members), command('RPUSH', key, members),
  command('LPUSHX', key, members), command('RPUSHX', key, members),
  command('LPOP', key), command('RPOP', key), command('LPOP', key, small), command('RPOP', key, small), command('LPOP', key, '1', '2'),
  command('LLEN', key), command('LRANGE', key, place, place), command('LRANGE', key, '0', '-1'), command('LINDEX', key, place),
  command('LSET', key, place, value), command('LINSERT', key, fc.constantFrom('BEFORE', 'after', 'x'), member, member),
  command('LREM', key, place, member), command('LTRIM', key, place, place), command('LTRIM', key, '-6', '-1'),
  command('LPOS', key, member), command('LPOS', key, member, some(fc.oneof(
    command('RANK', place), command('COUNT', place), command('MAXLEN', place), word('RANK', 'foo')))),
  command('LMOVE', key, key, side, side), command('RPOPLPUSH', key, key),
  command('LMPOP', keyCount, keys, side, maybe(command('COUNT', small))), command('LMPOP', '1', key, 'LEFT', word('COUNT', 'x')),
  command('BLPOP', keys, seconds001), command('BRPOP', keys, seconds001), command('BLMOVE', key, key, side, side, seconds001),
  command('BRPOPLPUSH', key, key, seconds001), command('BLMPOP', seconds001, keyCount, keys, side, maybe(command('COUNT', small))),
];

const field = fc.oneof(fc.constantFrom('f', 'g', 'h', 'i', '1', ''), member);

const hashes: readonly fc.Arbitrary<Words>[] = [
  command('HSET', key, field, value), command('HSET', key, field, value, field, value), command('HSET', key, field, value, field),
  command('HSET', key, field, fc.constantFrom('w'.repeat(64), 'w'.repeat(65))),
  command('HMSET', key, field, value, field, value), command('HMSET', key, field, value, field), command('HSETNX', key, field, value),
  command('HSETNX', key, field, fc.constant('w'.repeat(65))),
  command('HGET', key, field), command('HMGET', key, field, field), command('HDEL', key, field), command('HDEL', key, field, field),
  command('HLEN', key), command('HSTRLEN', key, field), command('HEXISTS', key, field),
  command('HGETALL', key), command('HKEYS', key), command('HVALS', key),
  command('HINCRBY', key, field, small), command('HINCRBYFLOAT', key, field, fc.oneof(decimal, small)),
  command('HRANDFIELD', key), command('HRANDFIELD', key, fc.oneof(listRange, integer.filter((text) => text.length < 3), junk), some(word('WITHVALUES', 'x'))),
  command('HRANDFIELD', key, fc.constantFrom('4611686018427387904', '-9223372036854775808'), 'WITHVALUES'),
  command('HSCAN', key, '0', maybe(command('COUNT', '1000'))), command('HSCAN', key, '0', 'MATCH', fc.constantFrom('*', '[0-9]', 'f*')),
];

const score = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('1.5', '-0', '1e17', '1e16', '-1e18', '5e18', '1e300', '0.1', '3.0000000000000004', '1e-7', '0x1.8p1') },
  fc.constantFrom('inf', '-inf', '+Infinity'), fc.constantFrom('nan', 'x', '', ' 1', '1e999', '1e-999', '1 '),
  fc.double({ noNaN: true }).map(String));
const bound = fc.oneof({ weight: 5, arbitrary: score }, score.map((text) => `(${text}`), fc.constantFrom('(', '((1', '( 1', '-inf', '+inf'));
const lexBound = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('-', '+') }, { weight: 4, arbitrary: member.map((text) => `[${text}`) },
  { weight: 3, arbitrary: member.map((text) => `(${text}`) }, fc.constantFrom('', 'x', '-1', '+x'));
const limit = maybe(command('LIMIT', place, place));
const weights = some(fc.oneof(
  command('WEIGHTS', score, score), command('WEIGHTS', score), command('AGGREGATE', fc.constantFrom('SUM', 'min', 'MAX', 'x'))));
const addOptions = some(word('NX', 'xx', 'GT', 'lt', 'CH', 'INCR'));

const sortedSets: readonly fc.Arbitrary<Words>[] = [
  command('ZADD', key, score, member), command('ZADD', key, score, member, score, member),
  command('ZADD', key, addOptions, score, member, maybe(command(score, member))), command('ZADD', key, 'INCR', score, member),
  command('ZADD', key, score, fc.constantFrom('w'.repeat(64), 'w'.repeat(65))),
  command('ZINCRBY', key, score, member), command('ZINCRBY', key, fc.constantFrom('nx', 'x'), member),
  command('ZREM', key, members), command('ZCARD', key), command('ZSCORE', key, member), command('ZMSCORE', key, members),
  command('ZRANK', key, member), command('ZREVRANK', key, member),
  command('ZRANGE', key, place, place, some(word('WITHSCORES', 'REV'))), command('ZRANGE', key, '0', '-1', 'WITHSCORES'),
  command('ZRANGE', key, bound, bound, 'BYSCORE', some(fc.oneof(word('WITHSCORES', 'REV', 'BYSCORE'), limit))),
  command('ZRANGE', key, place, place, limit, word('BYLEX', 'WITHSCORES', 'x')),
  command('ZREVRANGE', key, place, place, maybe(word('withscores', 'REV'))),
  command('ZRANGEBYSCORE', key, bound, bound, maybe(word('withscores')), limit), command('ZREVRANGEBYSCORE', key, bound, bound, limit),
  command('ZRANGESTORE', key, key, place, place, maybe(word('REV', 'WITHSCORES'))),
  command('ZRANGESTORE', key, key, bound, bound, 'BYSCORE', maybe(word('REV')), limit),
  command('ZCOUNT', key, bound, bound), command('ZREMRANGEBYRANK', key, place, place), command('ZREMRANGEBYSCORE', key, bound, bound),
  command('ZPOPMIN', key), command('ZPOPMAX', key), command('ZPOPMIN', key, small), command('ZPOPMAX', key, small), command('ZPOPMAX', key, '1', '2'),
  command('ZMPOP', keyCount, keys, fc.constantFrom('MIN', 'max', 'x'), maybe(command('COUNT', small))),
  command('BZPOPMIN', keys, seconds001), command('BZPOPMAX', keys, seconds001),
  command('BZMPOP', seconds001, keyCount, keys, fc.constantFrom('MIN', 'max', 'x'), maybe(command('COUNT', small))),
  command('ZUNION', keyCount, keys, weights, maybe(word('WITHSCORES'))), command('ZINTER', '2', key, key, weights, maybe(word('WITHSCORES'))),
  command('ZDIFF', keyCount, keys, maybe(word('WITHSCORES', 'WEIGHTS'))), command('ZUNION', '2', key, key, weights, 'WITHSCORES'),
  command('ZUNIONSTORE', key, keyCount, keys, weights), command('ZINTERSTORE', key, '2', key, key, weights),
  command('ZUNIONSTORE', key, '2', key, key, weights), command('ZDIFFSTORE', key, keyCount, keys),
  command('ZINTERCARD', keyCount, keys, maybe(command('LIMIT', small))), command('SADD', key, members),
  command('ZRANDMEMBER', key), command('ZRANDMEMBER', key, fc.oneof(listRange, junk), some(word('WITHSCORES', 'x'))),
  command('ZSCAN', key, '0', maybe(command('COUNT', '1000'))), command('ZSCAN', key, '0', 'MATCH', fc.constantFrom('*', '[0-9]', 'f*')),
];

/** By bytes: of sets whose members all have one score, since the order is not defined otherwise. */
const lexicographic: readonly fc.Arbitrary<Words>[] = [
  command('ZADD', 'l', '0', member), command('ZADD', 'l', '0', member, '0', member), command('ZREM', 'l', member),
  command('ZRANGE', 'l', lexBound, lexBound, 'BYLEX', some(fc.oneof(word('WITHSCORES', 'REV'), limit))),
  command('ZRANGEBYLEX', 'l', lexBound, lexBound, limit), command('ZREVRANGEBYLEX', 'l', lexBound, lexBound, limit),
  command('ZLEXCOUNT', 'l', lexBound, lexBound), command('ZREMRANGEBYLEX', 'l', lexBound, lexBound),
  command('ZRANGESTORE', 'm', 'l', lexBound, lexBound, 'BYLEX', maybe(word('REV')), limit),
];

/** What elements weigh, and what is shown for them. Equal sortPattern as texts keep the order of a list, of nothing else. */
const sortPattern = fc.constantFrom('w*', 'h->*', 'w*->f', 'h*->f', 'nosort', '#', '');
const shown = fc.constantFrom('#', 'w*', 'h*->f', 'h*->', 'nothing', '*');
const sortLimit = command('LIMIT', fc.integer({ min: -2, max: 5 }).map(String), fc.integer({ min: -1, max: 4 }).map(String));
/** With weights that are missing, ALPHA leaves the order of a set's members to a hash table: it is not asked for here. */
const sortByEnd = fc.oneof(command(maybe(word('DESC', 'asc')), maybe(sortLimit)), some(word('DESC', 'x', 'LIMIT', 'GET', 'STORE')));
const sortEnd = fc.oneof(command(maybe(word('DESC', 'asc')), maybe(sortLimit)), some(word('ALPHA', 'DESC', 'x', 'LIMIT', 'GET', 'STORE')));
const sortElement = fc.constantFrom('1', '2', '3', '03', '-1.5', '1e1', ' 4', '5', '', 'inf');

const sorts: readonly fc.Arbitrary<Words>[] = [
  command('RPUSH', 'l', sortElement, sortElement, sortElement), command('RPUSH', 'l', member), command('SADD', 's', sortElement, sortElement),
  command('ZADD', 'z', score, sortElement, score, sortElement), command('LTRIM', 'l', '-6', '-1'),
  command('SET', fc.constantFrom('w1', 'w2', 'w3', 'w5', 'w-1.5', 'w'), fc.oneof(sortElement, member)),
  command('HSET', fc.constantFrom('h1', 'h2', 'h3', 'w5'), fc.constantFrom('f', ''), fc.oneof(sortElement, member)), command('DEL', fc.constantFrom('w5', 'l', 's')),
  command('SORT', fc.constantFrom('l', 's', 'z', 'nothing', 'w1'), sortEnd), command('SORT', fc.constantFrom('l', 's', 'z'), 'ALPHA', sortEnd),
  command('SORT', fc.constantFrom('l', 'z'), 'BY', sortPattern, sortByEnd), command('SORT_RO', 'l', 'BY', sortPattern, maybe(word('DESC'))),
  command('SORT', fc.constantFrom('l', 's', 'z'), 'GET', shown, maybe(command('GET', shown)), sortEnd),
  command('SORT', fc.constantFrom('l', 's', 'z'), 'BY', sortPattern, 'GET', shown, 'STORE', 'd'), command('SORT', 'l', 'STORE', 'l'),
  command('SORT', fc.constantFrom('l', 's', 'z'), sortEnd, 'STORE', fc.constantFrom('d', 'l')), command('SORT_RO', 'l', sortEnd), command('LRANGE', 'd', '0', '-1'),
];

const families: readonly (readonly fc.Arbitrary<Words>[])[] = [strings, sets, lists, hashes, sortedSets, lexicographic, sorts];
const anyCommand = fc.oneof(...families.map((family) => fc.oneof(...family)));

/** Mostly one family, so that the keys hold what its commands want. */
const sequences = fc.oneof(...families.map((family) => fc.array(fc.oneof(
  { weight: 12, arbitrary: fc.oneof(...family) }, { weight: 3, arbitrary: fc.oneof(...generic) },
  { weight: 1, arbitrary: fc.oneof(...expiring) }, { weight: 1, arbitrary: anyCommand }), { minLength: 1, maxLength: 60 })));

/** Replies whose order or members are chance: compared sorted, or by how many there are. */
const UNORDERED = new Set(['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'KEYS']);
/** Unordered only where the value has outgrown its listpack: fields, or pairs of them. */
const SOMETIMES_UNORDERED = new Set(['HKEYS', 'HVALS', 'HGETALL', 'HSCAN', 'ZSCAN']);
const BY_CHANCE = new Set(['SPOP', 'SRANDMEMBER', 'HRANDFIELD', 'ZRANDMEMBER']);

const plain = (reply: Reply): unknown => {
  if (reply instanceof Status) return `+${reply.text}`;
  if (reply instanceof ErrorReply) return `-${reply.text}`;
  if (reply instanceof SetReply) return reply.items.map(plain);
  if (reply instanceof MapReply) return reply.entries.map((entry) => entry.map(plain));
  if (reply instanceof DoubleReply) return String(reply.value);
  if (reply === NULL_ARRAY) return null;
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map(plain);
  return typeof reply === 'bigint' ? String(reply) : reply;
};

const sorted = (items: unknown): unknown =>
  (Array.isArray(items) ? [...items].sort((left, right) => compare(String(left) as Bytes, String(right) as Bytes)) : items);

/** A flat list of pairs as pairs. */
const paired = (items: unknown): unknown =>
  (Array.isArray(items) ? items.flatMap((item, index) => (index % 2 === 0 ? [[item, items[index + 1]]] : [])) : items);

/** `isListpack`: the value at the command's key is one. */
const comparable = (argv: Words, reply: Reply, isListpack: boolean): unknown => {
  const name = upper(argv[0] as Bytes);
  const value = plain(reply);
  const kind = reply instanceof SetReply ? 'set' : reply instanceof MapReply ? 'map' : 'other';
  if (UNORDERED.has(name)) return [kind, sorted(value)];
  if (SOMETIMES_UNORDERED.has(name) && !isListpack && Array.isArray(value)) {
    return name.endsWith('SCAN') ? [value[0], sorted(paired(value[1]))] : [kind, sorted(value)];
  }
  if ((name === 'SCAN' || name === 'SSCAN') && Array.isArray(value)) return [value[0], sorted(value[1])];
  if (BY_CHANCE.has(name) && !(reply instanceof ErrorReply)) return [kind, Array.isArray(value) ? value.length : value === null];
  return [kind, value];
};

/** Looked at without a command, which might delete an expired key. */
const isListpack = (direct: DirectCall, name: string): boolean => {
  const value = direct.keyspace.database(direct.databaseId).peek(name as Bytes)?.value;
  return value !== undefined && typeof value !== 'string' && value.encoding === 'listpack';
};

const SHOWS_TIME = new Set(['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME']);
const IS_TIME = /^1[0-9]{12}$/;

const expectReply = (argv: Words, ours: Reply, theirs: Reply, isListpack: boolean): void => {
  if (SHOWS_TIME.has(argv[0] as string) && typeof ours === 'number' && typeof theirs === 'number' && theirs > 0) {
    expect(Math.abs(ours - theirs), argv.join(' ')).toBeLessThan(TOLERANCE_MS);
    return;
  }
  // 64-bit times beyond 2^53 are kept rounded.
  if (SHOWS_TIME.has(argv[0] as string) && typeof theirs === 'bigint') return;
  expect(comparable(argv, ours, isListpack), `reply to ${JSON.stringify(argv)}`).toEqual(comparable(argv, theirs, isListpack));
};

/** SORT takes a range error of some earlier conversion for one of its own, until a score is read. */
const FORGETS_RANGE_ERROR: Words = ['ZADD', 'nothing', 'XX', '1', 'm'];

const WRAPPING = new Set(['MULTI', 'EXEC', 'SELECT', 'PING']);

const expectStream = (ours: readonly (readonly Bytes[])[], theirs: readonly (readonly Bytes[])[], popped: ReadonlySet<string>): void => {
  const shape = (argv: readonly Bytes[]): readonly string[] =>
    (argv[0] === 'SREM' && popped.has(argv[2] as string) ? ['SREM', argv[1] as string, 'popped'] : argv);
  const left = ours.map(shape);
  const right = theirs.filter((argv) => !WRAPPING.has(upper(argv[0] as Bytes))).map(shape);
  const show = (lines: readonly (readonly string[])[]): string[] =>
    lines.map((line) => line.map((item) => (IS_TIME.test(item) ? 'TIME' : item)).join(' '));
  expect(show(left)).toEqual(show(right));
  for (const [index, line] of right.entries()) {
    for (const [place, item] of line.entries()) {
      if (!IS_TIME.test(item)) continue;
      expect(Math.abs(Number(item) - Number(left[index]?.[place]))).toBeLessThan(TOLERANCE_MS);
    }
  }
};

/** Gives our set the members that the real one kept, so that chance does not drive the two apart. */
const heal = (direct: DirectCall, argv: Words, ours: Reply, theirs: Reply, popped: Set<string>): void => {
  if (upper(argv[0] as Bytes) !== 'SPOP') return;
  const items = (reply: Reply): readonly string[] => {
    if (reply instanceof SetReply) return reply.items as readonly Bytes[];
    return typeof reply === 'string' ? [reply] : [];
  };
  const kept = direct.stream.length;
  const told = direct.events.length;
  const name = argv[1] as string;
  for (const item of items(ours)) {
    popped.add(item);
    direct.run('SADD', name, item);
  }
  for (const item of items(theirs)) {
    popped.add(item);
    expect(direct.run('SREM', name, item), 'a popped member was in the set').toBe(1);
  }
  direct.stream.length = kept;
  direct.events.length = told;
};

/** SORT goes through a set or sorted set in the order of a hash table, so keys that it misses are compared sorted. */
const withoutOrderOfMisses = (events: readonly string[]): readonly string[] => {
  const out: string[] = [];
  let misses: string[] = [];
  for (const event of events) {
    if (event.includes(' keymiss ')) misses.push(event);
    else {
      out.push(...misses.toSorted(), event);
      misses = [];
    }
  }
  return [...out, ...misses.toSorted()];
};

describe('commands beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;
  let stream: RawStream;
  let events: RawEvents;
  let round = 0;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600', '--enable-debug-command', 'local']);
    client = await RawClient.open(server.port);
    // RESP3, so that maps and sets show as such.
    await client.run('HELLO', '3');
    // What expires goes when a command finds it, on both sides alike.
    await client.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    stream = await RawStream.open(server.port);
    await client.run('CONFIG', 'SET', 'notify-keyspace-events', 'Eg$lshzxemtn');
    events = await RawEvents.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    stream?.close();
    events?.close();
    await server?.stop();
  });

  const compareRun = async (generated: readonly Words[]): Promise<void> => {
    const sequence = generated.flatMap((argv) => (argv[0]?.startsWith('SORT') === true ? [FORGETS_RANGE_ERROR, argv] : [argv])).map(fillIn);
    const marker = `marker${round++}`;
    await client.run('FLUSHALL');
    await client.run('SET', marker, 'from');
    await stream.takeUntil('SET', marker, 'from');
    await client.run('DEL', marker);
    await events.takeUntil(`0 del ${marker}`);
    const direct = new DirectCall();
    direct.client.protocol = 3;
    direct.stream.push(['DEL', marker] as unknown as Bytes[]);
    const replies = await Promise.all(sequence.map((argv) => client.run(...argv)));
    const popped = new Set<string>();
    for (const [index, argv] of sequence.entries()) {
      direct.nowMs = Date.now();
      const ours = direct.run(...argv);
      const theirs = replies[index] as Reply;
      expectReply(argv, ours, theirs, isListpack(direct, argv[1] ?? ''));
      heal(direct, argv, ours, theirs, popped);
    }
    await client.run('SET', marker, 'to');
    expectStream(direct.stream, await stream.takeUntil('SET', marker, 'to'), popped);
    expect(withoutOrderOfMisses(direct.events)).toEqual(withoutOrderOfMisses(await events.takeUntil(`0 new ${marker}`)));
    await client.run('DEL', marker);
  };

  test('random sequences agree in replies and in the stream', async () => {
    await fc.assert(fc.asyncProperty(sequences, compareRun), {
      numRuns: 450,
    });
  }, 60_000);

  test('glob patterns select the same keys', async () => {
    const part = fc.constantFrom('*', '?', '[', ']', '^', '-', '\\', 'a', 'b', 'c', '[a-c]', '[^b]', '[c-a]', '**');
    const name = fc.array(fc.constantFrom('a', 'b', 'c', '-', ']', '\\', '*', '^', '['), { maxLength: 5 }).map((parts) => parts.join(''));
    const pattern = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(''));
    const sequence = fc.tuple(fc.array(name, { maxLength: 20 }), fc.array(pattern, { maxLength: 20 })).map(([names, patterns]): Words[] =>
      [...names.map((one) => ['SET', one, '1']), ...patterns.map((one) => ['KEYS', one])]);
    await fc.assert(fc.asyncProperty(sequence, compareRun), { numRuns: 150 });
  }, 60_000);

  test('long chains of INCRBYFLOAT agree to the last digit', async () => {
    const step = fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: -30, max: 5 }))
        .map(([digits, exponent]) => `${digits}e${exponent}`));
    const chain = fc.array(step.map((by): Words => ['INCRBYFLOAT', 'a', by]), { minLength: 1, maxLength: 30 });
    await fc.assert(fc.asyncProperty(chain, compareRun), { numRuns: 150 });
  }, 60_000);
}));
