/**
 * Bitmaps, HyperLogLogs and GEO beside redis-server: random sequences, equal replies byte for byte, an equal replication stream,
 * equal keyspace notifications, and equal strings in the end.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, upper } from '../../engine/core/bytes.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient, RawEvents, RawStream } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

type Words = readonly string[];

const command = (...parts: readonly (string | fc.Arbitrary<string> | fc.Arbitrary<Words>)[]): fc.Arbitrary<Words> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part as fc.Arbitrary<string | Words>)))
    .map((words) => words.flat());
const word = (...words: readonly string[]): fc.Arbitrary<Words> => fc.constantFrom(...words).map((one) => [one]);
const some = (arbitrary: fc.Arbitrary<Words>, max = 3): fc.Arbitrary<Words> =>
  fc.array(arbitrary, { maxLength: max }).map((all) => all.flat());

const key = fc.constantFrom('a', 'b', 'c');
const keys = fc.array(key, { minLength: 1, maxLength: 3 });
const text = fc.oneof(
  fc.constantFrom('', 'foobar', '\xff\xf0\0', '\0\0\0', '\xff\xff', '12', '-7', 'x'.repeat(50)), fc.string({ unit: 'binary-ascii', maxLength: 12 }));
const place = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -20, max: 80 }).map(String) }, fc.constantFrom('x', '', '9223372036854775807'));
const bitOffset = fc.oneof({ weight: 9, arbitrary: fc.nat(100).map(String) },
  fc.constantFrom('-1', 'x', '4294967295', '4294967296', '#1', '#3', '99999999999999999999'));
const unit = word('BYTE', 'bit', 'x');
const common: readonly fc.Arbitrary<Words>[] = [
  command('SET', key, text), command('APPEND', key, text), command('GET', key), command('DEL', key), command('STRLEN', key),
  command('OBJECT', 'ENCODING', key), command('EXPIREAT', key, '4000000000'), command('LPUSH', key, 'x'),
];

const fieldType = fc.oneof(fc.constantFrom('u8', 'i8', 'u4', 'i5', 'u63', 'i64', 'u1', 'i1', 'u16'), fc.constantFrom('u64', 'i65', 'x8', 'u0', 'i', ''));
const fieldOffset = fc.oneof({ weight: 6, arbitrary: fc.nat(40).map(String) }, fc.nat(5).map((count) => `#${count}`), fc.constantFrom('-1', 'x', '#x', '#-1'));
const fieldValue = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  fc.constantFrom('9223372036854775807', '-9223372036854775808', 'x', '4611686018427387904'));
const fieldOperation = fc.oneof(
  command('GET', fieldType, fieldOffset), command('SET', fieldType, fieldOffset, fieldValue), command('INCRBY', fieldType, fieldOffset, fieldValue),
  command('OVERFLOW', fc.constantFrom('WRAP', 'sat', 'FAIL', 'x')), word('GET', 'x'));

const bitmaps: readonly fc.Arbitrary<Words>[] = [
  command('SETBIT', key, bitOffset.filter((offset) => offset !== '4294967295'), fc.constantFrom('0', '1', '1', '2', 'x')), command('GETBIT', key, bitOffset),
  command('BITCOUNT', key), command('BITCOUNT', key, place, place), command('BITCOUNT', key, place, place, unit), command('BITCOUNT', key, place),
  command('BITCOUNT', key, place, place, unit, 'y'),
  command('BITPOS', key, fc.constantFrom('0', '1', '2', 'x')), command('BITPOS', key, fc.constantFrom('0', '1'), place),
  command('BITPOS', key, fc.constantFrom('0', '1'), place, place), command('BITPOS', key, fc.constantFrom('0', '1'), place, place, unit),
  command('BITOP', fc.constantFrom('AND', 'or', 'XOR', 'NOT', 'x'), key, keys),
  command('BITFIELD', key, some(fieldOperation)), command('BITFIELD', key, fieldOperation), command('BITFIELD_RO', key, some(fieldOperation)),
  ...common,
];

const element = fc.oneof(fc.nat(4000).map((index) => `e${index}`), text);
const elements = fc.oneof(
  fc.array(element, { maxLength: 6 }),
  fc.tuple(fc.nat(100_000), fc.integer({ min: 1, max: 900 })).map(([from, count]) => Array.from({ length: count }, (_, index) => `m${from + index}`)));

const hyperLogLogs: readonly fc.Arbitrary<Words>[] = [
  command('PFADD', key, elements), command('PFADD', key, elements), command('PFADD', key, elements), command('PFCOUNT', key), command('PFCOUNT', keys),
  command('PFMERGE', key, keys), command('PFMERGE', key), command('PFDEBUG', fc.constantFrom('DECODE', 'encoding', 'x'), key), command('PFDEBUG', 'GETREG', key),
  command('PFDEBUG', 'TODENSE', key), command('GET', key), command('COPY', key, key), command('DEL', key), command('OBJECT', 'ENCODING', key),
  command('SETRANGE', key, fc.constantFrom('4', '15'), fc.constantFrom('\0', '\x01', '\x02', '\x80', '\xff')),
  command('SET', key, fc.constantFrom('x', 'HYLL', `HYLL\x01${'\0'.repeat(11)}`, `HYLL\0${'\0'.repeat(11)}`, '12')), command('EXPIREAT', key, '4000000000'),
];

const longitude = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -180, max: 180, noNaN: true }).map(String) },
  fc.constantFrom('13.361389', '15.087269', '0', '-180', '180', '181', 'x', 'inf', 'nan'));
const latitude = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -85, max: 85, noNaN: true }).map(String) },
  fc.constantFrom('38.115556', '37.502669', '0', '85.05112878', '-85.05112878', '86', 'x'));
/** Near one place too, where small circles find something. */
const near = (centre: number): fc.Arbitrary<string> => fc.integer({ min: -2000, max: 2000 }).map((offset) => String(centre + offset / 1000));
const spot = fc.oneof(command(longitude, latitude), command(near(13), near(38)), command(near(13), near(38)), command(near(-120), near(-70)));
const town = fc.nat(25).map((index) => `t${index}`);
const towns = fc.array(fc.tuple(spot, town).map(([where, name]) => [...where, name]), { minLength: 1, maxLength: 6 }).map((all) => all.flat());
const lengthUnit = fc.constantFrom('m', 'km', 'KM', 'ft', 'mi', 'x');
const goodUnit = fc.constantFrom('m', 'km', 'ft', 'mi');
const radius = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('0', '1', '100', '500', '3000', '1e5', '7e6') }, fc.constantFrom('-1', 'x', '2e7', '3e8'));
const options = some(fc.oneof(word('WITHDIST', 'withhash', 'WITHCOORD', 'ASC', 'DESC'), command('COUNT', fc.constantFrom('1', '3', '100', '0', 'x')),
  word('ANY', 'x', 'COUNT')), 4);
const storing = fc.oneof(command('STORE', key), command('STOREDIST', key), word('STORE', 'STOREDIST'));
const centre = fc.oneof(command('FROMMEMBER', town), command('FROMLONLAT', spot), word('FROMMEMBER'));
const extent = fc.oneof(command('BYRADIUS', radius, goodUnit), command('BYBOX', radius, radius, goodUnit), command('BYBOX', radius, radius, lengthUnit),
  command('BYRADIUS', radius, lengthUnit));

const geo: readonly fc.Arbitrary<Words>[] = [
  command('GEOADD', key, towns), command('GEOADD', key, towns), command('GEOADD', key, towns), command('GEOADD', key, some(word('NX', 'XX', 'ch')), towns),
  command('GEOADD', key, spot), command('GEOPOS', key, town, town), command('GEOPOS', key), command('GEOHASH', key, town, town),
  command('GEODIST', key, town, town), command('GEODIST', key, town, town, lengthUnit), command('GEODIST', key, town, town, 'm', 'x'),
  command('ZRANGE', key, '0', '-1', 'WITHSCORES'), command('ZADD', key, fc.constantFrom('-1', '4503599627370495', '1e16', '3.5', '12345'), town),
  command('GEOSEARCH', key, centre, extent, options), command('GEOSEARCH', key, centre, extent), command('GEOSEARCH', key, centre, options, extent),
  command('GEOSEARCH', key, extent, centre, centre), command('GEOSEARCH', key, centre, extent, word('STOREDIST', 'STORE')),
  command('GEOSEARCHSTORE', key, key, centre, extent, options), command('GEOSEARCHSTORE', key, key, centre, extent, 'STOREDIST'),
  command('GEORADIUS', key, spot, radius, goodUnit, options), command('GEORADIUS', key, spot, radius, lengthUnit, options, storing),
  command('GEORADIUS_RO', key, spot, radius, goodUnit, options), command('GEORADIUS_RO', key, spot, radius, goodUnit, storing),
  command('GEORADIUSBYMEMBER', key, town, radius, lengthUnit, options), command('GEORADIUSBYMEMBER', key, town, radius, goodUnit, storing),
  command('GEORADIUSBYMEMBER_RO', key, town, radius, goodUnit, options), command('SET', key, 'x'), command('DEL', key),
];

const families: readonly (readonly [string, readonly fc.Arbitrary<Words>[], runs: number])[] = [
  ['bitmaps', bitmaps, 150], ['HyperLogLogs', hyperLogLogs, 60], ['GEO', geo, 200],
];

const WRAPPING = new Set(['MULTI', 'EXEC', 'SELECT', 'PING']);

describe('further families beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;
  let stream: RawStream;
  let events: RawEvents;
  let round = 0;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600']);
    client = await RawClient.open(server.port);
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

  const compareRun = async (sequence: readonly Words[]): Promise<void> => {
    const marker = `marker${round++}`;
    await client.run('FLUSHALL');
    await client.run('SET', marker, 'from');
    await stream.takeUntil('SET', marker, 'from');
    await events.takeUntil(`0 set ${marker}`);
    const direct = new DirectCall();
    const whole = [...sequence, ...['a', 'b', 'c'].map((name): Words => ['GET', name])];
    const replies = await Promise.all(whole.map((argv) => client.run(...argv)));
    for (const [index, argv] of whole.entries()) {
      const ours = encodeReply(direct.run(...argv), 2);
      expect(ours, `reply to ${JSON.stringify(argv)}`).toBe(encodeReply(replies[index] as Reply, 2));
    }
    await client.run('SET', marker, 'to');
    const theirs = (await stream.takeUntil('SET', marker, 'to')).filter((argv) => !WRAPPING.has(upper(argv[0] as Bytes)));
    const show = (lines: readonly (readonly string[])[]): string[] => lines.map((line) => line.join(' '));
    expect(show(direct.stream)).toEqual(show(theirs));
    expect(direct.events).toEqual((await events.takeUntil(`0 set ${marker}`)).filter((event) => event !== `0 new ${marker}`));
  };

  test.each(families)('%s', async (_name, family, runs) => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(...family), { minLength: 1, maxLength: 40 }), compareRun), { numRuns: runs });
  }, 60_000);

  test('PFSELFTEST finds nothing', () => {
    expect(encodeReply(new DirectCall().run('PFSELFTEST'), 2)).toBe('+OK\r\n');
  });
}));
