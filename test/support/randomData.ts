/** Random data sets as commands that make them: every type, every encoding, and sizes on both sides of each limit. */
import fc from 'fast-check';

type Words = readonly string[];

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const binary = fc.array(byte, { maxLength: 40 }).map((parts) => parts.join(''));
const repetitive = fc.tuple(fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' }), fc.integer({ min: 5, max: 200 }))
  .map(([part, count]) => part.repeat(count));
const integer = fc.oneof(
  fc.integer({ min: -200, max: 200 }), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(127, 128, -128, -129, 4095, 4096, -4096, -4097, 32767, 32768, 8388607, 8388608, -8388609, 2147483647, 2147483648),
).map(String);
const words = fc.array(fc.constantFrom('the ', 'quick ', 'brown ', 'fox ', 'jumps\n', '0123456789'), { maxLength: 300 }).map((parts) => parts.join(''));

/** A string of any kind. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 12, unit: 'grapheme-ascii' }) }, { weight: 3, arbitrary: integer }, binary, repetitive, words,
  fc.integer({ min: 60, max: 70 }).map((length) => 'x'.repeat(length)), fc.constant(''));

const score = fc.oneof(
  fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, 0.1, 1e17, 2 ** 62, 2 ** 63, -(2 ** 53)))
  .map((value) => (value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value)));

/** Few elements mostly, sometimes more than a small encoding holds. */
const many = <Item>(item: fc.Arbitrary<Item>, unique: boolean): fc.Arbitrary<Item[]> => fc.oneof(
  { weight: 6, arbitrary: fc.array(item, { minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 600 }).chain((size) =>
    fc.array(item, { minLength: unique ? size >> 1 : size, maxLength: size, size: 'max' })) });

const made = (name: string, key: string, parts: readonly (string | readonly string[])[]): Words => [name, key, ...parts.flat()];

const value = (key: string): fc.Arbitrary<Words> => fc.oneof(
  anyText.map((text) => ['SET', key, text]),
  many(anyText, false).map((elements) => made('RPUSH', key, elements)),
  many(anyText, true).map((members) => made('SADD', key, members)),
  many(integer, true).map((members) => made('SADD', key, members)),
  many(fc.tuple(anyText, anyText), true).map((pairs) => made('HSET', key, pairs)),
  many(fc.tuple(score, anyText), true).map((pairs) => made('ZADD', key, pairs)));

const entries = (key: string): fc.Arbitrary<readonly Words[]> => many(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(['f'], ['f', 'g'], ['1', '']), anyText), false)
  .map((all) => all.map(([ms, fields, text]) => made('XADD', key, [`${ms}-*`, ...fields.map((field) => [field, text])])));
const id = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 5 })).map(([ms, seq]) => `${ms}-${seq}`);

/** Entries, some of them deleted, and groups that have read some. */
const stream = (key: string): fc.Arbitrary<readonly Words[]> => fc.tuple(entries(key), fc.array(id, { maxLength: 3 }), fc.boolean()).map(([adds, deleted, hasGroup]) => [
  ...adds, ...deleted.map((one): Words => ['XDEL', key, one]),
  ...(hasGroup ? [['XGROUP', 'CREATE', key, 'group', '0'], ['XREADGROUP', 'GROUP', 'group', 'first', 'COUNT', '3', 'STREAMS', key, '>'],
    ['XGROUP', 'CREATECONSUMER', key, 'group', 'second'], ['XGROUP', 'CREATE', key, 'other', '$']] : [])]);

const expiry = (key: string): fc.Arbitrary<readonly Words[]> => fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.constantFrom('4000000000000', '9223372036854775807', '2524608000123').map((when) => [['PEXPIREAT', key, when]]));

const entry = (key: string): fc.Arbitrary<readonly Words[]> =>
  fc.tuple(fc.oneof({ weight: 6, arbitrary: value(key).map((one) => [one]) }, { weight: 1, arbitrary: stream(key) }), expiry(key))
    .map(([make, expire]) => [...make, ...expire]);

/** Commands that fill an empty node; keys are k0, k1, … */
export const randomData = (keysMax: number): fc.Arbitrary<readonly Words[]> =>
  fc.integer({ min: 1, max: keysMax }).chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, index) => entry(`k${index}`)))).map((entries) => entries.flat());
