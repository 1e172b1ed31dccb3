/**
 * Hashes: fields and their values, with the rows of the whole family; numbers in fields have a file of their own.
 * Source: t_hash.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ErrorReply, MapReply, OK, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { arityError, isWord, readKind, readSignedCount, writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { hashCounterCommands } from './hashCounters.ts';
import { pairsReply } from './pairsReply.ts';
import { PAIRS_COUNT_END, REPEATED_MEMBERS_MAX, randomPlaces } from './randomPlaces.ts';
import { removeMembers } from './removeMembers.ts';
import { readCursor, readScanOptions, scanMatches } from './scan.ts';

const OUT_OF_RANGE = error('ERR value is out of range');

/** Sets pairs of fields and values; how many fields are new. */
const setPairs = (call: Call, argv: readonly Bytes[]): number | ErrorReply => {
  const key = argv[1] as Bytes;
  const target = writeKind(call, key, HashValue);
  if (target instanceof ErrorReply) return target;
  const hash = target === undefined ? new HashValue() : target.value;
  const { limits } = call.keyspace;
  hash.makeRoomFor(argv.slice(2), limits);
  let created = 0;
  for (let index = 2; index < argv.length; index += 2) {
    if (hash.set(argv[index] as Bytes, argv[index + 1] as Bytes, limits)) created++;
  }
  if (target === undefined) call.db.put(key, hash);
  else call.db.changed(target.entry);
  call.db.notify('h', 'hset', key);
  call.changed((argv.length - 2) / 2);
  return created;
};

const hset: Handler = (call, argv) => (argv.length % 2 === 1 ? arityError('hset') : setPairs(call, argv));

const hmset: Handler = (call, argv) => {
  if (argv.length % 2 === 1) return arityError('hmset');
  const created = setPairs(call, argv);
  return created instanceof ErrorReply ? created : OK;
};

const hsetnx: Handler = (call, argv) => {
  const target = writeKind(call, argv[1] as Bytes, HashValue);
  if (target instanceof ErrorReply) return target;
  if (target !== undefined && target.value.has(argv[2] as Bytes)) return 0;
  return setPairs(call, argv);
};

/** The hash at argv[1] and what `show` makes of it; `none` when there is none. */
const about = (none: () => Reply, show: (hash: Readonly<HashValue>, argv: readonly Bytes[], call: Call) => Reply): Handler =>
  (call, argv) => {
    const hash = readKind(call, argv[1] as Bytes, HashValue);
    if (hash === undefined) return none();
    return hash instanceof ErrorReply ? hash : show(hash, argv, call);
  };

const hget: Handler = about(() => null, (hash, argv) => hash.get(argv[2] as Bytes) ?? null);

const hmget: Handler = (call, argv) => {
  const hash = readKind(call, argv[1] as Bytes, HashValue);
  if (hash instanceof ErrorReply) return hash;
  return argv.slice(2).map((field) => hash?.get(field) ?? null);
};

const hgetall: Handler = about(() => new MapReply([]), (hash, _argv, call) => {
  call.cost(hash.size);
  const values = hash.values();
  return new MapReply(hash.fields().map((field, place) => [field, values[place] as Bytes]));
});

const hrandfield: Handler = (call, argv) => {
  if (argv.length === 2) {
    const hash = readKind(call, argv[1] as Bytes, HashValue);
    if (hash === undefined) return null;
    return hash instanceof ErrorReply ? hash : hash.fields()[call.random.below(hash.size)] as Bytes;
  }
  const count = readSignedCount(argv[2] as Bytes);
  if (count instanceof ErrorReply) return count;
  const withValues = argv.length === 4 && isWord(argv[3], 'withvalues');
  if (argv.length > 4 || (argv.length === 4 && !withValues)) return SYNTAX_ERROR;
  if (withValues && Math.abs(count) >= PAIRS_COUNT_END) return OUT_OF_RANGE;
  const hash = readKind(call, argv[1] as Bytes, HashValue);
  if (hash === undefined) return [];
  if (hash instanceof ErrorReply) return hash;
  call.cost(Math.min(Math.abs(count), REPEATED_MEMBERS_MAX));
  const places = randomPlaces(hash.size, count, call.random);
  const fields = hash.fields();
  if (!withValues) return places.map((place) => fields[place] as Bytes);
  const values = hash.values();
  return pairsReply(call, places.map((place) => [fields[place] as Bytes, values[place] as Bytes]));
};

const hscan: Handler = (call, argv) => {
  const cursor = readCursor(argv[2] as Bytes);
  if (cursor instanceof ErrorReply) return cursor;
  const hash = readKind(call, argv[1] as Bytes, HashValue);
  if (hash === undefined) return [bytes('0'), []];
  if (hash instanceof ErrorReply) return hash;
  const options = readScanOptions(argv, 3, false);
  if (options instanceof ErrorReply) return options;
  const fields = hash.fields();
  const values = hash.values();
  // A listpack is small and comes whole, in order.
  const whole = hash.encoding === 'listpack';
  const places: number[] = [];
  let next = 0;
  if (whole) for (let place = 0; place < fields.length; place++) places.push(place);
  else next = scanDownPlaces(fields.length, cursor, options.count, places);
  call.cost(places.length);
  const out: Bytes[] = [];
  for (const place of places) {
    const field = fields[place] as Bytes;
    if (scanMatches(options, field)) out.push(field, values[place] as Bytes);
  }
  return [bytes(String(next)), out];
};

/** The places that one step of a downward scan visits; see `core/indexedSet.ts`. */
const scanDownPlaces = (size: number, cursor: number, count: number, out: number[]): number => {
  const start = cursor === 0 ? size : Math.min(cursor, size);
  const end = Math.max(0, start - count);
  for (let place = start - 1; place >= end; place--) out.push(place);
  return end;
};

const hkeys: Handler = about(() => [], (hash, _argv, call) => {
  call.cost(hash.size);
  return [...hash.fields()];
});

const hvals: Handler = about(() => [], (hash, _argv, call) => {
  call.cost(hash.size);
  return [...hash.values()];
});

const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;
const GROW_FAST = ['write', 'denyoom', 'fast'] as const;

export const hashCommands: readonly CommandRow[] = [
  { name: 'hset', arity: -4, flags: GROW_FAST, keys: ONE_KEY, since: '2.0.0', handler: hset },
  { name: 'hmset', arity: -4, flags: GROW_FAST, keys: ONE_KEY, since: '2.0.0', handler: hmset },
  { name: 'hsetnx', arity: 4, flags: GROW_FAST, keys: ONE_KEY, since: '2.0.0', handler: hsetnx },
  { name: 'hget', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0', handler: hget },
  { name: 'hmget', arity: -3, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0', handler: hmget },
  { name: 'hgetall', arity: 2, flags: READ, keys: ONE_KEY, since: '2.0.0', handler: hgetall },
  { name: 'hdel', arity: -3, flags: ['write', 'fast'], keys: ONE_KEY, since: '2.0.0', handler: removeMembers(HashValue, 'h', 'hdel') },
  {
    name: 'hlen', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0', handler: about(() => 0, (hash) => hash.size),
  },
  {
    name: 'hstrlen', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '3.2.0',
    handler: about(() => 0, (hash, argv) => hash.get(argv[2] as Bytes)?.length ?? 0),
  },
  {
    name: 'hexists', arity: 3, flags: READ_FAST, keys: ONE_KEY, since: '2.0.0',
    handler: about(() => 0, (hash, argv) => (hash.has(argv[2] as Bytes) ? 1 : 0)),
  },
  { name: 'hkeys', arity: 2, flags: READ, keys: ONE_KEY, since: '2.0.0', handler: hkeys },
  { name: 'hvals', arity: 2, flags: READ, keys: ONE_KEY, since: '2.0.0', handler: hvals },
  { name: 'hrandfield', arity: -2, flags: READ, keys: ONE_KEY, since: '6.2.0', handler: hrandfield },
  { name: 'hscan', arity: -3, flags: READ, keys: ONE_KEY, since: '2.8.0', handler: hscan },
  ...hashCounterCommands,
];
