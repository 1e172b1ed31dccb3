/**
 * Random writes over a few keys of every type, for tests that hold two servers against each other: what a command does
 * depends on the data and the wall clock's order alone, never on the server's own chance.
 */
import fc from 'fast-check';

export type Words = readonly string[];
/** The databases that commands use: 0 and the next ones. */
export const DATABASES = 3;

type Part = string | fc.Arbitrary<string> | fc.Arbitrary<Words>;

/** How often something is tried: so many times, or by the environment so many times more often. */
export const runsOf = (usual: number): number => usual * Number(process.env['FAULTLINE_INTEROP_RUNS'] ?? 1);

/** The seed of a run that failed, to have it again; else a new one. Each failing test prints it. */
export const interopSeed = (): number => {
  const given = process.env['FAULTLINE_INTEROP_SEED'];
  return given === undefined ? Date.now() & 0x7fffffff : Number(given);
};

const command = (...parts: readonly Part[]): fc.Arbitrary<Words> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part as fc.Arbitrary<string | Words>)))
    .map((words) => words.flat());
const maybe = (...words: readonly string[]): fc.Arbitrary<Words> =>
  fc.constantFrom<Words[]>([], ...words.map((word) => [word]));

/** Each type has keys of its own, and now and then a command meets a key of another one. */
const keyOf = (letter: string): fc.Arbitrary<string> => fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(`${letter}1`, `${letter}2`, `${letter}3`, `${letter}4`) },
  fc.constantFrom('t1', 'l1', 's1', 'h1', 'z1', 'x1'));
const text = keyOf('t');
const list = keyOf('l');
const set = keyOf('s');
const hash = keyOf('h');
const sorted = keyOf('z');
const stream = keyOf('x');
const any = fc.oneof(text, list, set, hash, sorted, stream);
const value = fc.constantFrom('', 'a', 'b', '1', '-7', '3.25', 'value with spaces', '\r\n\0\xff', 'x'.repeat(70), 'y'.repeat(3000));
const member = fc.constantFrom('1', '2', '3', '4', 'm', 'n', 'o', 'p'.repeat(66));
const members = fc.array(member, { minLength: 1, maxLength: 4 });
const step = fc.constantFrom('1', '-1', '10', '0', '9223372036854775807');
const decimal = fc.constantFrom('0.1', '-0.1', '3', '1e5', '1.5e-7', '-2.25', '0', '1e17', '123456789.987654321');
const index = fc.integer({ min: -4, max: 4 }).map(String);
const count = fc.constantFrom('1', '2', '3', '100');
const score = fc.constantFrom('0', '1', '2', '-1.5', '3.0000000000000004', 'inf', '-inf', '1e20');
const side = fc.constantFrom('LEFT', 'right');
const end = fc.constantFrom('MIN', 'max');
const database = fc.nat({ max: DATABASES - 1 }).map(String);

/** Long from now, or past: never between. */
const longAfter = fc.oneof(
  { weight: 4, arbitrary: command(fc.constantFrom('EX', 'ex'), fc.constantFrom('1000', '2000')) },
  { weight: 4, arbitrary: command('PX', fc.constantFrom('1000000', '2000000')) },
  command('EXAT', fc.constantFrom('4000000000', '1')), command('PXAT', fc.constantFrom('4000000000000', '1')));

const strings: readonly fc.Arbitrary<Words>[] = [
  command('SET', text, value), command('set', text, value, longAfter),
  command('SET', text, value, maybe('KEEPTTL', 'NX', 'XX', 'GET')),
  command('SET', text, value, 'GET', longAfter), command('SET', text, value, 'KEEPTTL', 'GET'),
  command('SET', text, value, 'XX', longAfter),
  command('SETEX', text, '1000', value), command('PSETEX', text, '1000000', value), command('SETNX', text, value),
  command('GETSET', text, value), command('GETDEL', text), command('GETEX', text, longAfter),
  command('GETEX', text, maybe('PERSIST')),
  command('APPEND', text, value), command('SETRANGE', text, fc.constantFrom('0', '3', '80'), value),
  command('INCR', text), command('INCRBY', text, step), command('DECRBY', text, step),
  command('INCRBYFLOAT', text, decimal),
  command('MSET', text, value, text, value), command('MSETNX', text, value, text, value),
];

const lists: readonly fc.Arbitrary<Words>[] = [
  command('RPUSH', list, members), command('LPUSH', list, members), command('RPUSHX', list, member),
  command('LPOP', list),
  command('RPOP', list, count), command('LPOP', list, count), command('LSET', list, index, value),
  command('LINSERT', list, fc.constantFrom('BEFORE', 'AFTER'), member, value), command('LREM', list, index, member),
  command('LTRIM', list, index, index), command('LMOVE', list, list, side, side), command('RPOPLPUSH', list, list),
  command('LMPOP', '2', list, list, side, 'COUNT', count), command('BLPOP', list, list, '0.001'),
  command('BLMOVE', list, list, side, side, '0.001'),
  command('BLMPOP', '0.001', '1', list, side, 'COUNT', count), command('BRPOPLPUSH', list, list, '0.001'),
];

const sets: readonly fc.Arbitrary<Words>[] = [
  command('SADD', set, members), command('SADD', set, members), command('SREM', set, members),
  command('SMOVE', set, set, member),
  command('SPOP', set, '1000'), command('SPOP', set, '0'), command('SINTERSTORE', set, set, set),
  command('SUNIONSTORE', set, set, set),
  command('SDIFFSTORE', set, set, set),
];

const hashes: readonly fc.Arbitrary<Words>[] = [
  command('HSET', hash, member, value, member, value), command('HMSET', hash, member, value),
  command('HSETNX', hash, member, value),
  command('HDEL', hash, member, member), command('HINCRBY', hash, member, step),
  command('HINCRBYFLOAT', hash, member, decimal),
];

const sortedSets: readonly fc.Arbitrary<Words>[] = [
  command('ZADD', sorted, score, member, score, member),
  command('ZADD', sorted, maybe('NX', 'XX', 'GT', 'LT'), maybe('CH'), score, member),
  command('ZADD', sorted, 'INCR', score, member), command('ZINCRBY', sorted, score, member),
  command('ZREM', sorted, members),
  command('ZPOPMIN', sorted), command('ZPOPMAX', sorted, count),
  command('ZMPOP', '2', sorted, sorted, end, 'COUNT', count),
  command('BZPOPMIN', sorted, sorted, '0.001'), command('BZMPOP', '0.001', '1', sorted, end),
  command('ZREMRANGEBYRANK', sorted, index, index),
  command('ZREMRANGEBYSCORE', sorted, '-inf', score), command('ZREMRANGEBYLEX', sorted, '-', '+'),
  command('ZRANGESTORE', sorted, sorted, '0', '1'),
  command('ZUNIONSTORE', sorted, '2', sorted, sorted, 'WEIGHTS', '2', '1'),
  command('ZINTERSTORE', sorted, '2', sorted, set), command('ZDIFFSTORE', sorted, '2', sorted, sorted),
];

const entryId = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 })).map(([ms, seq]) => `${ms}-${seq}`);
/** The sequence is found by the server, from what the stream holds; an ID of the server's own clock would differ. */
const openId = fc.integer({ min: 1, max: 9 }).map((ms) => `${ms}-*`);
const group = fc.constantFrom('g', 'g', 'h');
const consumer = fc.constantFrom('c', 'd');

const streams: readonly fc.Arbitrary<Words>[] = [
  command('XADD', stream, openId, 'f', value), command('XADD', stream, openId, 'f', value, member, value),
  command('XADD', stream, 'MAXLEN', '~', count, openId, 'f', value), command('XADD', stream, 'MINID', '~', entryId, 'LIMIT', count, entryId, 'f', '1'),
  command('XADD', stream, 'NOMKSTREAM', 'MAXLEN', '2', openId, 'f', '1'), command('XTRIM', stream, 'MAXLEN', '~', count),
  command('XTRIM', stream, 'MINID', '=', entryId), command('XDEL', stream, entryId, entryId), command('XSETID', stream, entryId, maybe('ENTRIESADDED')),
  command('XSETID', stream, '20-0', 'ENTRIESADDED', '50', 'MAXDELETEDID', entryId),
  command('XGROUP', 'CREATE', stream, group, fc.constantFrom('0', '$', '2-1'), maybe('MKSTREAM')), command('XGROUP', 'CREATE', stream, 'g', '0', 'MKSTREAM'),
  command('XGROUP', 'SETID', stream, group, fc.constantFrom('0', '$')), command('XGROUP', 'DESTROY', stream, 'h'),
  command('XGROUP', 'CREATECONSUMER', stream, group, consumer), command('XGROUP', 'DELCONSUMER', stream, group, consumer),
  command('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, maybe('NOACK'), 'STREAMS', stream, '>'),
  command('XREADGROUP', 'GROUP', 'g', consumer, maybe('NOACK'), 'STREAMS', stream, stream, '>', '>'),
  command('XREADGROUP', 'GROUP', 'g', consumer, maybe('NOACK'), 'BLOCK', '1', 'STREAMS', stream, fc.constantFrom('0', '>', '2')),
  command('XACK', stream, group, entryId, entryId), command('XCLAIM', stream, group, consumer, '0', entryId, entryId, maybe('FORCE', 'JUSTID')),
  command('XCLAIM', stream, group, consumer, '0', entryId, 'RETRYCOUNT', count, 'LASTID', entryId), command('XAUTOCLAIM', stream, group, consumer, '0', '-', 'COUNT', count),
  command('XREAD', 'COUNT', count, 'BLOCK', '1', 'STREAMS', stream, entryId), command('XRANGE', stream, '-', '+'),
];

const generic: readonly fc.Arbitrary<Words>[] = [
  command('DEL', any, any), command('UNLINK', any, any), command('RENAME', any, any), command('RENAMENX', any, any),
  command('COPY', any, any, maybe('REPLACE')), command('COPY', any, any, 'DB', database, 'REPLACE'),
  command('MOVE', any, database),
  command('EXPIRE', any, fc.constantFrom('1000', '2000', '-1', '0')),
  command('PEXPIRE', any, '1000000', maybe('NX', 'XX', 'GT', 'LT')),
  command('EXPIREAT', any, fc.constantFrom('4000000000', '1')),
  command('PEXPIREAT', any, fc.constantFrom('4000000000000', '1')),
  command('PERSIST', any), command('TOUCH', any), command('EXISTS', any, any), command('TYPE', any), command('DBSIZE'),
];

const rare: readonly fc.Arbitrary<Words>[] = [
  command('SWAPDB', database, database), command('FLUSHDB', maybe('ASYNC', 'sync')), command('FLUSHALL'),
];

/** One write, or a look that may delete what has expired. `SELECT` apart. */
export const anyWrite: fc.Arbitrary<Words> = fc.oneof(
  ...[strings, lists, sets, hashes, sortedSets, streams].map((family) => ({ weight: 5, arbitrary: fc.oneof(...family) })),
  { weight: 6, arbitrary: fc.oneof(...generic) }, { weight: 1, arbitrary: fc.oneof(...rare) });

export const anyKey: fc.Arbitrary<string> = any;

/** Looks at every key, so that all go whose time has come, in the order of the server's own table. */
export const anyScan: fc.Arbitrary<Words> = command('SCAN', '0', 'COUNT', '1000');

export const anyWatch: fc.Arbitrary<Words> = fc.oneof(
  { weight: 4, arbitrary: command('WATCH', any, any) }, { weight: 1, arbitrary: command('UNWATCH') });

export const anySelect: fc.Arbitrary<Words> = command('SELECT', database);

/** Several writes between MULTI and EXEC, and transactions that come to nothing. */
export const anyTransaction: fc.Arbitrary<readonly Words[]> = fc.tuple(
  fc.array(fc.oneof({ weight: 8, arbitrary: anyWrite }, anySelect, command('GET', text),
  // Goes to replicas and into no file, but counts for the MULTI and EXEC of both.
  command('PUBLISH', fc.constantFrom('news', ''), member), command('SET', text)), { maxLength: 5 }),
  fc.oneof({ weight: 8, arbitrary: fc.constant('EXEC') }, fc.constant('DISCARD')),
).map(([body, last]) => [['MULTI'], ...body, [last]]);

const awaitedList = fc.constantFrom('l1', 'l2', 'l3', 'z1');
const awaitedSorted = fc.constantFrom('z1', 'z2', 'z3', 'l1');

const awaitedStream = fc.constantFrom('x1', 'x2', 'x3');

/** A client that comes to wait for a key: never for one of those that get a short life together with their value. */
export const anyWait: fc.Arbitrary<Words> = fc.oneof(
  command('BLPOP', awaitedList, awaitedList, '0'), command('BRPOP', awaitedList, '0'),
  command('BLMOVE', awaitedList, awaitedList, side, side, '0'),
  command('BRPOPLPUSH', awaitedList, awaitedList, '0'),
  command('BLMPOP', '0', '2', awaitedList, awaitedList, side, 'COUNT', count),
  command('BZPOPMIN', awaitedSorted, '0'), command('BZPOPMAX', awaitedSorted, awaitedSorted, '0'),
  command('BZMPOP', '0', '1', awaitedSorted, end, 'COUNT', count),
  command('XREAD', 'BLOCK', '0', 'STREAMS', awaitedStream, awaitedStream, '$', fc.constantFrom('$', '30-0', '5')),
  command('XREADGROUP', 'GROUP', 'g', consumer, maybe('NOACK'), 'BLOCK', '0', 'STREAMS', awaitedStream, '>'),
  command('XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', '1', 'BLOCK', '0', 'STREAMS', awaitedStream, awaitedStream, '>', '>'));

export const SHORT_LIFE_MS = 10;
const SHORT_LIFE = String(SHORT_LIFE_MS);

/** A key with a value, which expires within `SHORT_LIFE_MS`: a server may take some of it between two looks at its clock. */
export const anyShortLived: fc.Arbitrary<readonly Words[]> = fc.oneof(
  command('SET', text, value, 'PX', SHORT_LIFE).map((one) => [one]),
  command('GETEX', text, 'PX', SHORT_LIFE).map((one) => [one]),
  any.map((key) => [['PEXPIRE', key, SHORT_LIFE]]),
  // In one transaction, so that none is gone before the last is made; nobody waits for these keys.
  fc.tuple(set, hash).map(([two, four]) => [['MULTI'], ['RPUSH', 'l4', '1', '2'], ['PEXPIRE', 'l4', SHORT_LIFE],
    ['SADD', two, '1', '2'], ['PEXPIRE', two, SHORT_LIFE],
    ['ZADD', 'z4', '1', 'm', '2', 'n'], ['PEXPIRE', 'z4', SHORT_LIFE], ['HSET', four, 'm', '1'],
    ['PEXPIRE', four, SHORT_LIFE], ['EXEC']]));
