/**
 * Scripts beside redis-server 7.0: the same texts to both, the same bytes back, in both versions of the protocol.
 * What is known to differ is in docs/scripting.md, each with a line in `DIFFERENCES` below.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { SCRIPTS } from './scriptTable.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];

/** One for each line of the table in docs/scripting.md that a script can show. */
const DIFFERENCES: readonly (readonly [what: string, script: string])[] = [
  ['goto', 'local goto = 5 return goto'], ['break', 'while true do break local x = 1 end return 1'], ['empty statement', ';; return 1'],
  ['malformed number', 'return 3x'], ['_ENV', 'return _ENV == nil'], ['arg', 'local function f(...) return arg ~= nil end return f(1)'],
  ['yield across pcall', 'return coroutine.wrap(function() return pcall(function() coroutine.yield(1) end) end)()'],
  ['pairs', 'local t = {} t.b = 1 t.a = 2 t.c = 3 local r = {} for k in pairs(t) do r[#r + 1] = k end return r'],
  ['border', 'local t = {1, 2, 3} t[5] = 1 return #t'], ['__len', 'return #setmetatable({}, {__len = function() return 5 end})'],
  ['weak tables', 'local t = setmetatable({}, {__mode = "k"}) t[{}] = 1 collectgarbage() return next(t) == nil'],
  ['find beyond the end', 'return {string.find("abc", "", 10)}'], ['replacement', 'return {string.gsub("abc", "b", "%")}'],
  ['remainder', 'return tostring(3 % -math.huge)'], ['NaN', 'return tostring(tonumber("nan"))'],
];

let servers: Readonly<Record<ServerKind, ServerProcess>>;
let clients: Readonly<Record<ServerKind, RawClient>>;

/** A value that both encode in one order: an object has one member. */
const VALUE: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.string({ unit: 'binary-ascii' }), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }), fc.tuple(fc.string({ unit: 'binary-ascii' }), tie('value')).map(([key, value]) => ({ [`k${key}`]: value }))),
})).value;

const answers = async (kind: ServerKind, version: 2 | 3, scripts: readonly string[]): Promise<string[]> => {
  const client = await RawClient.open(servers[kind].port);
  if (version === 3) await client.run('HELLO', '3');
  const found: string[] = [];
  for (const script of scripts) found.push(`${script} -> ${encodeReply(await client.run('EVAL', script, '1', 'key', 'argument'), version)}`);
  client.close();
  return found;
};

describe('scripts beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
    const [first, second] = await Promise.all(KINDS.map((kind) => RawClient.open(servers[kind].port)));
    clients = { redis: first as RawClient, faultline: second as RawClient };
  });

  afterAll(async () => {
    for (const client of Object.values(clients ?? {})) client.close();
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test.each(Object.entries(SCRIPTS))('%s', async (_name, scripts) => {
    for (const version of [2, 3] as const) {
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => answers(kind, version, scripts)));
      expect(ours).toEqual(theirs);
    }
  });

  test.each(DIFFERENCES)('a known difference: %s', async (_what, script) => {
    const [theirs, ours] = await Promise.all(KINDS.map((kind) => answers(kind, 2, [script])));
    expect(ours).not.toEqual(theirs);
  });

  test('random values as JSON, MessagePack and in memory', async () => {
    await fc.assert(fc.asyncProperty(VALUE, fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 4 }), async (value, numbers) => {
      const json = JSON.stringify(value);
      const words = numbers.map(String);
      const script = 'local v = cjson.decode(ARGV[1]) local n = {} for i = 2, #ARGV do n[#n + 1] = tonumber(ARGV[i]) end '
        + 'local p = cmsgpack.pack(v, unpack(n)) local s = struct.pack(">" .. string.rep("di8", #n), unpack((function() local r = {} '
        + 'for _, x in ipairs(n) do r[#r + 1] = x r[#r + 1] = math.floor(x) % 65536 end return r end)())) '
        + 'return {cjson.encode(v), p, cjson.encode({cmsgpack.unpack(p)}), s, cjson.encode({struct.unpack(">" .. string.rep("di8", #n), s)}), tostring(n[1]), bit.tohex(math.floor(n[1]))}';
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => clients[kind].run('EVAL', script, '0', json, ...words)));
      expect(ours).toEqual(theirs);
    }), { numRuns: 150 });
  });

  test('random formats and numbers as printf writes them', async () => {
    const directive = fc.tuple(fc.constantFrom('', '-', '0', '+', ' ', '#', '-+'), fc.constantFrom('', '1', '8', '20'), fc.constantFrom('', '.0', '.1', '.3', '.17'),
      fc.constantFrom('d', 'i', 'u', 'x', 'X', 'o', 'e', 'E', 'f', 'g', 'G', 's', 'c')).map((parts) => `%${parts.join('')}`);
    const number = fc.oneof(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.integer(), fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8));
    await fc.assert(fc.asyncProperty(fc.array(directive, { minLength: 1, maxLength: 6 }), number, async (directives, value) => {
      const script = 'local r = {} for i = 2, #ARGV do r[#r + 1] = string.format(ARGV[i], tonumber(ARGV[1])) end return r';
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => clients[kind].run('EVAL', script, '0', String(value), ...directives)));
      expect(ours).toEqual(theirs);
    }), { numRuns: 200 });
  });
}));
