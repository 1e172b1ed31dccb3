/** Random stream commands: few keys, groups and consumers, IDs that are close together, and words that are no good. */
import fc from 'fast-check';

export type Words = readonly string[];

const key = fc.constantFrom('s', 's', 's', 't', 'text');
const junk = fc.constantFrom('', ' 1', 'x', '01', '+1', '-1', '-', '+', '1-', '-5', '1--5', '1- -5', '1-x', '1-1-1', '1\0x', '(1', '1-*', '>', '$',
  '18446744073709551616', '99999999999999999999-1', '9'.repeat(128), 'nan');
const small = fc.integer({ min: 0, max: 12 });
const plainId = fc.oneof(small.map(String), fc.tuple(small, fc.integer({ min: 0, max: 4 })).map(([ms, seq]) => `${ms}-${seq}`));
const wideId = fc.constantFrom('4000000000000-7', '9007199254740991-9007199254740991', '9007199254740993-1', '9007199254740991-9007199254740992',
  '18446744073709551614-18446744073709551615', '18446744073709551615-18446744073709551614', '0-18446744073709551615', '5-18446744073709551615');
const id = fc.oneof({ weight: 24, arbitrary: plainId }, { weight: 1, arbitrary: wideId }, { weight: 1, arbitrary: junk });
/** `*` is only given where the last ID lies in the future, so that both sides find the same. */
const openId = small.map((ms) => `${ms}-*`);
const bound = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('-', '+') }, { weight: 6, arbitrary: id }, id.map((text) => `(${text}`),
  fc.constantFrom('(0-0', '(18446744073709551615-18446744073709551615', '(', '(-', '(+'));
const number = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }).map(String) },
  fc.constantFrom('-1', '100', '9223372036854775807', '-9223372036854775808', '9223372036854775808', 'x', ''));
const word = fc.constantFrom('a', 'b', 'field', '1', '-70000', '4096', 'x'.repeat(63), 'y'.repeat(64), 'z'.repeat(130), '', '9223372036854775807');
const group = fc.constantFrom('g', 'g', 'g', 'h', 'none');
const consumer = fc.constantFrom('c', 'c', 'd', 'Eve');
/** Far from what passes while a sequence runs. */
const idle = fc.oneof({ weight: 4, arbitrary: fc.constant('0') }, fc.constantFrom('50000', '-1', 'x'));

const command = (...parts: readonly (string | fc.Arbitrary<string> | fc.Arbitrary<Words>)[]): fc.Arbitrary<Words> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part as fc.Arbitrary<string | Words>)))
    .map((words) => words.flat());
const some = (arbitrary: fc.Arbitrary<Words>): fc.Arbitrary<Words> => fc.array(arbitrary, { maxLength: 2 }).map((all) => all.flat());
const maybe = (arbitrary: fc.Arbitrary<Words>): fc.Arbitrary<Words> => fc.option(arbitrary, { nil: [] });
const words = (...all: readonly string[]): fc.Arbitrary<Words> => fc.constantFrom(...all).map((one) => [one]);
const fields = fc.oneof({ weight: 6, arbitrary: fc.constantFrom<Words[]>(['f', 'v'], ['f', 'w'], ['f', '1', 'g', '2']) },
  { weight: 4, arbitrary: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()) },
  fc.constantFrom<Words[]>([], ['f'], ['f', 'v', 'g']));
const sign = maybe(words('~', '=', '~'));
const trim = fc.oneof(command('MAXLEN', sign, number), command('MINID', sign, id));
const limit = maybe(command('LIMIT', number));

const adding: fc.Arbitrary<Words> = fc.oneof(
  { weight: 12, arbitrary: command('XADD', key, openId, fields) }, { weight: 4, arbitrary: command('XADD', key, id, fields) },
  { weight: 4, arbitrary: command('XADD', key, trim, limit, fc.oneof(openId, id), fields) },
  command('XADD', key, some(fc.oneof(trim, limit, words('NOMKSTREAM'))), openId, fields));

/** Many entries of the same shape, so that there are several nodes. */
const burst: fc.Arbitrary<readonly Words[]> = fc.tuple(fc.constantFrom('s', 't'), small, fc.integer({ min: 3, max: 14 }), fields).map(
  ([name, ms, count, pairs]) => Array.from({ length: count }, () => ['XADD', name, `${ms}-*`, ...pairs]));

const changing: fc.Arbitrary<Words> = fc.oneof(
  { weight: 3, arbitrary: command('XTRIM', key, trim, limit) }, { weight: 4, arbitrary: command('XDEL', key, fc.array(id, { minLength: 1, maxLength: 4 })) },
  command('XSETID', key, id, some(fc.oneof(command('ENTRIESADDED', number), command('MAXDELETEDID', id), words('x')))),
  command('XTRIM', key, words('x', 'LIMIT', 'MAXLEN'), number), command('DEL', key), command('COPY', key, key, 'REPLACE'), command('RENAME', key, key),
  command('SET', 'text', 'v'));

const reading: fc.Arbitrary<Words> = fc.oneof(
  command('XLEN', key), command('XRANGE', key, bound, bound, maybe(command('COUNT', number))), command('XREVRANGE', key, bound, bound, maybe(command('COUNT', number))),
  command('XREAD', some(fc.oneof(command('COUNT', number), command('BLOCK', fc.constantFrom('1', 'x', '-1')), words('NOACK'))), 'STREAMS', key, id),
  command('XREAD', 'STREAMS', key, key, id, fc.oneof(id, fc.constant('$'))), command('XREAD', 'COUNT', '2', 'STREAMS', key, key, id),
  command('XINFO', 'STREAM', key), command('XINFO', 'STREAM', key, 'FULL', maybe(command('COUNT', number))), command('XINFO', 'STREAM', key, 'x'),
  command('XINFO', 'GROUPS', key), command('XINFO', 'CONSUMERS', key, group), command('XINFO', 'x', key), command('XINFO', 'HELP'), command('TYPE', key),
  command('OBJECT', 'ENCODING', key), command('SCAN', '0', 'COUNT', '100', 'TYPE', 'stream'), command('LPUSH', key, 'x'));

const grouping: fc.Arbitrary<Words> = fc.oneof(
  { weight: 6, arbitrary: command('XGROUP', 'CREATE', key, group, fc.oneof(id, fc.constantFrom('$', '0')), some(fc.oneof(words('MKSTREAM'), command('ENTRIESREAD', number)))) },
  command('XGROUP', 'SETID', key, group, fc.oneof(id, fc.constantFrom('$', '0', '-', '+')), some(fc.oneof(words('MKSTREAM'), command('ENTRIESREAD', number)))),
  command('XGROUP', 'DESTROY', key, group), command('XGROUP', 'CREATECONSUMER', key, group, consumer), command('XGROUP', 'DELCONSUMER', key, group, consumer),
  command('XGROUP', words('HELP', 'x')), command('XGROUP', 'CREATE', key, group));

const claimOption = fc.oneof(words('JUSTID', 'FORCE', 'x'), command('IDLE', fc.constantFrom('0', '1000000', '-1', 'x')),
  command('TIME', fc.constantFrom('1', '1600000000000', '9999999999999', '-1', 'x')), command('RETRYCOUNT', number), command('LASTID', id));
const ids = fc.array(id, { minLength: 1, maxLength: 4 });

const consuming: fc.Arbitrary<Words> = fc.oneof(
  { weight: 9, arbitrary: command('XREADGROUP', 'GROUP', group, consumer, maybe(command('COUNT', number)), maybe(words('NOACK')), 'STREAMS', key, fc.constant('>')) },
  { weight: 3, arbitrary: command('XREADGROUP', 'GROUP', group, consumer, maybe(command('COUNT', number)), maybe(words('NOACK')), 'STREAMS', key, id) },
  command('XREADGROUP', 'GROUP', group, consumer, 'BLOCK', '1', 'STREAMS', key, key, '>', fc.constantFrom('>', '0', '$')),
  command('XREADGROUP', 'COUNT', '1', 'STREAMS', key, key, '>', '>'),
  { weight: 4, arbitrary: command('XACK', key, group, ids) }, { weight: 4, arbitrary: command('XCLAIM', key, group, consumer, idle, ids, some(claimOption)) },
  { weight: 3, arbitrary: command('XAUTOCLAIM', key, group, consumer, idle, bound, some(fc.oneof(command('COUNT', number), words('JUSTID', 'x')))) },
  { weight: 2, arbitrary: command('XPENDING', key, group) },
  { weight: 2, arbitrary: command('XPENDING', key, group, maybe(command('IDLE', idle)), bound, bound, number, maybe(consumer.map((name) => [name]))) });

const anyCommand = fc.oneof({ weight: 8, arbitrary: adding }, { weight: 4, arbitrary: changing }, { weight: 5, arbitrary: reading },
  { weight: 4, arbitrary: grouping }, { weight: 9, arbitrary: consuming });

/** Begins with a stream whose last ID is in the future, in which `*` is the next sequence. */
const inFuture = fc.array(fc.oneof(command('XADD', 'u', '*', fields), command('XADD', 'u', maybe(trim), '*', fields)), { minLength: 1, maxLength: 4 }).map(
  (all) => [['XADD', 'u', '4000000000000-18446744073709551614', 'f', 'v'], ...all]);

/** Sequences of commands; keys are s, t, u and text. */
export const streamSequences: fc.Arbitrary<readonly Words[]> = fc.array(fc.oneof(
  { weight: 24, arbitrary: anyCommand.map((one): readonly Words[] => [one]) }, { weight: 2, arbitrary: burst }, { weight: 1, arbitrary: inFuture },
), { minLength: 1, maxLength: 40, size: 'max' }).map((all) => [['XGROUP', 'CREATE', 's', 'g', '0', 'MKSTREAM'], ...all.flat()]);

export const STREAM_KEYS: Words = ['s', 't', 'u'];
