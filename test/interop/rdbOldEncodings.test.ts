/**
 * Values in the encodings of older versions, made by hand: RESTORE of redis-server 7.0 and ours take the same ones, to equal
 * digests. Ziplists, zipmaps, plain lists, sorted sets with scores as text, lists of ziplists.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bytes } from '../../engine/core/bytes.ts';
import { Crc64 } from '../../engine/core/crc64.ts';
import { redisValueDigest } from '../../engine/keyspace/redisDigest.ts';
import { ErrorReply, type Status } from '../../engine/protocol/reply.ts';
import { DirectCall } from '../support/directCall.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const little = (value: number | bigint, width: number): string => {
  let rest = BigInt.asUintN(64, BigInt(value));
  let text = '';
  for (let byte = 0; byte < width; byte++, rest >>= 8n) text += String.fromCharCode(Number(rest & 0xffn));
  return text;
};
const big = (value: number, width: number): string => [...little(value, width)].reverse().join('');
const code = (...codes: readonly number[]): string => String.fromCharCode(...codes);

const length = (size: number): string => (size < 64 ? code(size) : code(0x80) + big(size, 4));
const string = (text: string): string => length(text.length) + text;

const ziplistBody = (text: string): string => {
  if (/^(?:0|-?[1-9][0-9]{0,17})$/.test(text)) {
    const value = BigInt(text);
    const fits = (bits: number): boolean => BigInt.asIntN(bits, value) === value;
    if (value >= 0n && value <= 12n) return code(0xf1 + Number(value));
    if (fits(8)) return code(0xfe) + little(value, 1);
    if (fits(16)) return code(0xc0) + little(value, 2);
    if (fits(24)) return code(0xf0) + little(value, 3);
    return fits(32) ? code(0xd0) + little(value, 4) : code(0xe0) + little(value, 8);
  }
  if (text.length < 64) return code(text.length) + text;
  if (text.length < 16384) return code(0x40 | (text.length >> 8), text.length & 0xff) + text;
  return code(0x80) + big(text.length, 4) + text;
};

const ziplist = (elements: readonly string[]): string => {
  let entries = '';
  let last = 0;
  let previous = 0;
  for (const element of elements) {
    const entry = (previous < 254 ? code(previous) : code(254) + little(previous, 4)) + ziplistBody(element);
    last = entries.length;
    entries += entry;
    previous = entry.length;
  }
  return little(entries.length + 11, 4) + little(10 + last, 4) + little(elements.length, 2) + entries + code(0xff);
};

const zipmapLength = (size: number): string => (size < 254 ? code(size) : code(254) + little(size, 4));
const zipmap = (pairs: readonly (readonly [string, string])[]): string =>
  code(Math.min(pairs.length, 254))
  + pairs.map(([field, value]) => `${zipmapLength(field.length)}${field}${zipmapLength(value.length)}\0${value}`).join('') + code(0xff);

const textScore = (score: number): string => {
  if (Number.isFinite(score)) return code(String(score).length) + String(score);
  return code(score > 0 ? 254 : 255);
};

const element = fc.oneof(
  fc.string({ maxLength: 10, unit: 'grapheme-ascii' }), fc.integer().map(String), fc.integer({ min: -130, max: 130 }).map(String),
  fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String), fc.integer({ min: 60, max: 300 }).map((size) => 'x'.repeat(size)));
const elements = fc.array(element, { minLength: 1, maxLength: 12 });
const pairs = fc.uniqueArray(fc.tuple(element, element), { minLength: 1, maxLength: 12, selector: ([field]) => field });
const scores = fc.uniqueArray(
  fc.tuple(element, fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constantFrom(Infinity, -Infinity))),
  { minLength: 1, maxLength: 12, selector: ([member]) => member });
const scoreText = (score: number): string =>
  (Number.isFinite(score) ? String(score) : score > 0 ? 'inf' : '-inf');
const byScore = (items: readonly (readonly [string, number])[]): (readonly [string, number])[] =>
  items.toSorted((left, right) => (left[1] === right[1] ? (left[0] < right[0] ? -1 : 1) : left[1] < right[1] ? -1 : 1));

/** Type and value. */
const body: fc.Arbitrary<string> = fc.oneof(
  elements.map((all) => code(1) + length(all.length) + all.map(string).join('')),
  elements.map((all) => code(10) + string(ziplist(all))),
  fc.array(elements, { minLength: 1, maxLength: 4 }).map((nodes) => code(14) + length(nodes.length) + nodes.map((node) => string(ziplist(node))).join('')),
  pairs.map((all) => code(4) + length(all.length) + all.flat().map(string).join('')),
  pairs.map((all) => code(9) + string(zipmap(all))),
  pairs.map((all) => code(13) + string(ziplist(all.flat()))),
  scores.map((all) => code(3) + length(all.length) + all.map(([member, score]) => string(member) + textScore(score)).join('')),
  scores.map((all) => code(12) + string(ziplist(byScore(all).flatMap(([member, score]) => [member, scoreText(score)])))));

const payload = (content: string): string => {
  const crc = new Crc64();
  const checked = content + little(10, 2);
  crc.update(checked as Bytes);
  return checked + crc.digest();
};

describe('values of older versions beside redis-server 7.0', () => requireRedis(() => {
  let server: ServerProcess;
  let client: RawClient;

  beforeAll(async () => {
    server = await startServerProcess('redis', ['--enable-debug-command', 'local']);
    client = await RawClient.open(server.port);
  }, 30_000);

  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  test('both take them to equal values and encodings', async () => {
    await fc.assert(fc.asyncProperty(body, async (content) => {
      const direct = new DirectCall();
      const theirs = await client.run('RESTORE', 'k', '0', payload(content), 'REPLACE') as Status | ErrorReply;
      const ours = direct.run('RESTORE', 'k', '0', payload(content)) as Status | ErrorReply;
      expect(ours.text).toBe(theirs.text);
      expect(ours.text).toBe('OK');
      const [digest] = await client.run('DEBUG', 'DIGEST-VALUE', 'k') as readonly Status[];
      expect(redisValueDigest(direct.keyspace.database(0).peek('k' as Bytes))).toBe(digest?.text);
      expect(direct.run('OBJECT', 'ENCODING', 'k')).toBe(await client.run('OBJECT', 'ENCODING', 'k'));
    }), { numRuns: 400 });
  });

  test('what is not built is refused by name', () => {
    const direct = new DirectCall();
    for (const type of [6, 7, 15, 19, 99]) {
      const reply = direct.run('RESTORE', 'k', '0', payload(code(type) + string('anything')));
      expect(reply).toBeInstanceOf(ErrorReply);
    }
    expect(direct.run('EXISTS', 'k')).toBe(0);
  });
}));
