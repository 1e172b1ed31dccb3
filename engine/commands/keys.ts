/**
 * Commands about keys whatever they hold: existence, names, places, whole databases.
 * Source: db.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { scanDown } from '../core/indexedSet.ts';
import { type Database, type Entry, NO_EXPIRY } from '../keyspace/database.ts';
import { type Value, copyValue, typeName } from '../keyspace/value.ts';
import { ErrorReply, NO_SUCH_KEY, OK, SYNTAX_ERROR, Status, error } from '../protocol/reply.ts';
import { glance, isWord, readLong } from './arguments.ts';
import { ALL_KEYS, type Call, type CommandRow, type Handler, type KeyRange, NO_KEYS, ONE_KEY } from './command.ts';
import { globMatch } from './glob.ts';
import { objectCommands } from './object.ts';
import { readCursor, readScanOptions, scanMatches } from './scan.ts';

const SAME_OBJECT = error('ERR source and destination objects are the same');
const DATABASE_OUT_OF_RANGE = error('ERR DB index is out of range');

const NO_TYPE = new Status('none');

/** How often RANDOMKEY draws before it looks through the whole database. */
const RANDOM_KEY_TRIES_MAX = 100;

const del: Handler = (call, argv) => {
  let removed = 0;
  for (let index = 1; index < argv.length; index++) {
    const key = argv[index] as Bytes;
    if (!call.db.has(key) || !call.db.remove(key)) continue;
    call.db.notify('g', 'del', key);
    removed++;
  }
  if (removed > 0) call.changed(removed);
  return removed;
};

const exists: Handler = (call, argv) => {
  let found = 0;
  for (let index = 1; index < argv.length; index++) if (glance(call, argv[index] as Bytes) !== undefined) found++;
  return found;
};

const touch: Handler = (call, argv) => {
  let found = 0;
  for (let index = 1; index < argv.length; index++) {
    if (call.db.lookupRead(argv[index] as Bytes) !== undefined) found++;
  }
  return found;
};

const type: Handler = (call, argv) => {
  const entry = glance(call, argv[1] as Bytes);
  return entry === undefined ? NO_TYPE : new Status(typeName(entry.value));
};

const keys: Handler = (call, argv) => {
  const pattern = argv[1] as Bytes;
  const out: Bytes[] = [];
  const all = pattern === '*';
  for (const entry of call.db.entries()) {
    if ((all || globMatch(pattern, entry.key)) && !call.db.isExpired(entry)) out.push(entry.key);
  }
  call.cost(call.db.size);
  return out;
};

const scan: Handler = (call, argv) => {
  const cursor = readCursor(argv[1] as Bytes);
  if (cursor instanceof ErrorReply) return cursor;
  const options = readScanOptions(argv, 2, true);
  if (options instanceof ErrorReply) return options;
  const found: Entry[] = [];
  const next = scanDown(call.db.entries(), cursor, options.count, (entry) => found.push(entry));
  call.cost(found.length);
  const out: Bytes[] = [];
  // Only now, because looking at an expired key may delete it and so change the list.
  for (const entry of found) {
    if (!scanMatches(options, entry.key)) continue;
    // Asking for the type counts as reading.
    const isThere = options.type === null ? call.db.has(entry.key) : glance(call, entry.key) !== undefined;
    if (isThere && (options.type === null || isWord(options.type, typeName(entry.value)))) out.push(entry.key);
  }
  return [bytes(String(next)), out];
};

const randomkey: Handler = (call) => {
  const { db } = call;
  for (let tries = 0; tries < RANDOM_KEY_TRIES_MAX; tries++) {
    const entry = db.randomEntry(call.random);
    if (entry === undefined) return null;
    if (db.has(entry.key)) return entry.key;
  }
  // A replica may hold expired keys only: better one of those than none.
  const live = db.entries().find((entry) => !db.isExpired(entry));
  return (live ?? db.randomEntry(call.random))?.key ?? null;
};

/** What goes along with a value when its key changes. */
const place = (db: Database, key: Bytes, value: Value, like: Readonly<Pick<Entry, 'expireAtMs' | 'form'>>): void => {
  const entry = db.put(key, value);
  entry.form = like.form;
  if (like.expireAtMs !== NO_EXPIRY) db.setExpiry(entry, like.expireAtMs);
};

const renameAs = (onlyIfNew: boolean): Handler => (call, argv) => {
  const from = argv[1] as Bytes;
  const to = argv[2] as Bytes;
  const source = call.db.lookupWrite(from);
  if (source === undefined) return NO_SUCH_KEY;
  if (from === to) return onlyIfNew ? 0 : OK;
  const target = call.db.lookupWrite(to);
  if (target !== undefined && onlyIfNew) return 0;
  // The target goes first, and so counts as new to those who wait for it.
  if (target !== undefined) call.db.remove(to);
  call.db.remove(from);
  place(call.db, to, source.value, source);
  call.db.notify('g', 'rename_from', from);
  call.db.notify('g', 'rename_to', to);
  call.changed(1);
  return onlyIfNew ? 1 : OK;
};

/** The database that an argument numbers. */
const readDatabase = (call: Call, argument: Bytes): Database | ErrorReply => {
  const id = readLong(argument);
  if (id instanceof ErrorReply) return id;
  return call.keyspace.databases[id] ?? DATABASE_OUT_OF_RANGE;
};

const move: Handler = (call, argv) => {
  const key = argv[1] as Bytes;
  const target = readDatabase(call, argv[2] as Bytes);
  if (target instanceof ErrorReply) return target;
  if (target === call.db) return SAME_OBJECT;
  const source = call.db.lookupWrite(key);
  if (source === undefined || target.lookupWrite(key) !== undefined) return 0;
  call.db.remove(key);
  place(target, key, source.value, source);
  call.db.notify('g', 'move_from', key);
  target.notify('g', 'move_to', key);
  call.changed(1);
  return 1;
};

const copy: Handler = (call, argv) => {
  const from = argv[1] as Bytes;
  const to = argv[2] as Bytes;
  let target: Database | ErrorReply = call.db;
  let replaces = false;
  for (let index = 3; index < argv.length; index++) {
    if (isWord(argv[index], 'replace')) {
      replaces = true;
    } else if (isWord(argv[index], 'db') && index + 1 < argv.length) {
      target = readDatabase(call, argv[++index] as Bytes);
      if (target instanceof ErrorReply) return target;
    } else {
      return SYNTAX_ERROR;
    }
  }
  if (target === call.db && from === to) return SAME_OBJECT;
  const source = call.db.lookupRead(from);
  if (source === undefined) return 0;
  if (target.lookupWrite(to) !== undefined) {
    if (!replaces) return 0;
    target.remove(to);
  }
  place(target, to, copyValue(source.value), source);
  target.notify('g', 'copy_to', to);
  call.changed(1);
  return 1;
};

const dbsize: Handler = (call) => call.db.size;

/** True for no argument, SYNC or ASYNC: emptying takes no time here either way. */
const isFlushForm = (argv: readonly Bytes[]): boolean =>
  argv.length === 1 || (argv.length === 2 && (isWord(argv[1], 'sync') || isWord(argv[1], 'async')));

const flushAs = (everything: boolean): Handler => (call, argv) => {
  if (!isFlushForm(argv)) return SYNTAX_ERROR;
  const removed = call.keyspace.flush(everything ? -1 : call.db.id);
  call.cost(removed);
  call.changed(removed);
  // An empty database is emptied on the replicas all the same.
  call.propagate(argv);
  return OK;
};

const swapdb: Handler = (call, argv) => {
  const first = readLong(argv[1] as Bytes);
  if (first instanceof ErrorReply) return error('ERR invalid first DB index');
  const second = readLong(argv[2] as Bytes);
  if (second instanceof ErrorReply) return error('ERR invalid second DB index');
  const count = call.keyspace.databases.length;
  if (first < 0 || second < 0 || first >= count || second >= count) return DATABASE_OUT_OF_RANGE;
  if (first !== second) call.keyspace.swap(first, second);
  call.changed(1);
  return OK;
};

const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const WRITE = ['write'] as const;
const WRITE_FAST = ['write', 'fast'] as const;
const READ = ['readonly'] as const;
const READ_FAST = ['readonly', 'fast'] as const;
const ARBITRARY = ['readonly', 'touches_arbitrary_keys'] as const;

export const keyCommands: readonly CommandRow[] = [
  { name: 'del', arity: -2, flags: WRITE, keys: ALL_KEYS, since: '1.0.0', handler: del },
  { name: 'unlink', arity: -2, flags: WRITE_FAST, keys: ALL_KEYS, since: '4.0.0', handler: del },
  { name: 'exists', arity: -2, flags: READ_FAST, keys: ALL_KEYS, since: '1.0.0', handler: exists },
  { name: 'touch', arity: -2, flags: READ_FAST, keys: ALL_KEYS, since: '3.2.1', handler: touch },
  { name: 'type', arity: 2, flags: READ_FAST, keys: ONE_KEY, since: '1.0.0', handler: type },
  { name: 'keys', arity: 2, flags: READ, keys: NO_KEYS, since: '1.0.0', handler: keys },
  { name: 'scan', arity: -2, flags: ARBITRARY, keys: NO_KEYS, since: '2.8.0', handler: scan },
  { name: 'randomkey', arity: 1, flags: ARBITRARY, keys: NO_KEYS, since: '1.0.0', handler: randomkey },
  { name: 'rename', arity: 3, flags: WRITE, keys: TWO_KEYS, since: '1.0.0', handler: renameAs(false) },
  { name: 'renamenx', arity: 3, flags: WRITE_FAST, keys: TWO_KEYS, since: '1.0.0', handler: renameAs(true) },
  { name: 'move', arity: 3, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: move },
  { name: 'copy', arity: -3, flags: ['write', 'denyoom'], keys: TWO_KEYS, since: '6.2.0', handler: copy },
  { name: 'dbsize', arity: 1, flags: READ_FAST, keys: NO_KEYS, since: '1.0.0', handler: dbsize },
  { name: 'flushdb', arity: -1, flags: WRITE, keys: NO_KEYS, since: '1.0.0', handler: flushAs(false) },
  { name: 'flushall', arity: -1, flags: WRITE, keys: NO_KEYS, since: '1.0.0', handler: flushAs(true) },
  { name: 'swapdb', arity: 3, flags: WRITE_FAST, keys: NO_KEYS, since: '4.0.0', handler: swapdb },
  ...objectCommands,
];
