/**
 * PFADD, PFCOUNT, PFMERGE, PFDEBUG, PFSELFTEST. PFCOUNT keeps the count in the string, so it may change it, and is then propagated.
 * Source: hyperloglog.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import type { Entry } from '../keyspace/database.ts';
import { ErrorReply, OK, type Reply, Status, WRONG_TYPE, error } from '../protocol/reply.ts';
import { type Call, type CommandRow, ALL_KEYS, type KeyRange, NO_KEYS, ONE_KEY } from './command.ts';
import { HyperLogLog, REGISTERS, estimate } from './hyperLogLog.ts';

const NOT_ONE = error('WRONGTYPE Key is not a valid HyperLogLog string value.');
const CORRUPTED = error('INVALIDOBJ Corrupted HLL object detected');
const NO_KEY = error('ERR The specified key does not exist');
const NOT_SPARSE = error('ERR HLL encoding is not sparse');

/** The HyperLogLog at a key; null when there is no such key. `isSource`: it is one of several that are merged. */
const read = (call: Call, key: Bytes, writes: boolean, isSource = false): HyperLogLog | null | ErrorReply => {
  const entry = (writes ? call.db.lookupWrite(key) : call.db.lookupRead(key)) as Entry | undefined;
  if (entry === undefined) return null;
  if (typeof entry.value !== 'string') return WRONG_TYPE;
  const log = HyperLogLog.of(entry.value);
  // How a string is kept is nothing that a snapshot would hold: even PFCOUNT may change it.
  if (log !== null && !isSource) entry.form = 'raw';
  return log ?? NOT_ONE;
};

const store = (call: Call, key: Bytes, log: HyperLogLog): void => {
  call.db.put(key, log.toBytes(), true).form = 'raw';
};

const pfadd = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const known = read(call, key, true);
  if (known instanceof ErrorReply) return known;
  const log = known ?? HyperLogLog.empty();
  let changes = known === null ? 1 : 0;
  for (const element of argv.slice(2)) {
    const result = log.add(element, call.keyspace.limits.hllSparseMaxBytes);
    if (result < 0) return CORRUPTED;
    changes += result;
  }
  if (changes === 0) return 0;
  log.invalidate();
  store(call, key, log);
  call.db.notify('$', 'pfadd', key);
  call.changed(changes);
  return 1;
};

/** The largest of each register over several keys; those that are missing count as empty. */
const merged = (call: Call, keys: readonly Bytes[]): { readonly registers: Uint8Array; readonly anyDense: boolean } | ErrorReply => {
  const registers = new Uint8Array(REGISTERS);
  let anyDense = false;
  for (const key of keys) {
    const log = read(call, key, false, true);
    if (log instanceof ErrorReply) return log;
    if (log === null) continue;
    anyDense ||= log.encoding === 'dense';
    const own = log.registers();
    if (own === null) return CORRUPTED;
    for (let index = 0; index < REGISTERS; index++) {
      if ((own[index] as number) > (registers[index] as number)) registers[index] = own[index] as number;
    }
  }
  return { registers, anyDense };
};

const pfcount = (call: Call, argv: readonly Bytes[]): Reply => {
  call.cost(argv.length - 1);
  if (argv.length > 2) {
    const all = merged(call, argv.slice(1));
    return all instanceof ErrorReply ? all : estimate(all.registers);
  }
  const key = argv[1] as Bytes;
  const log = read(call, key, false);
  if (log instanceof ErrorReply) return log;
  if (log === null) return 0;
  const cached = log.cachedCount();
  if (cached !== null) return cached;
  const registers = log.registers();
  if (registers === null) return CORRUPTED;
  const count = estimate(registers);
  log.cacheCount(count);
  // For an open snapshot, which is to keep the string as it was.
  call.db.lookupWrite(key);
  store(call, key, log);
  call.changed(1);
  call.propagate(argv);
  return count;
};

const pfmerge = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const all = merged(call, argv.slice(1));
  if (all instanceof ErrorReply) return all;
  const known = read(call, key, true);
  if (known instanceof ErrorReply) return known;
  const log = known ?? HyperLogLog.empty();
  if (all.anyDense && !log.makeDense()) return CORRUPTED;
  for (let index = 0; index < REGISTERS; index++) {
    const rank = all.registers[index] as number;
    if (rank > 0) log.raise(index, rank, call.keyspace.limits.hllSparseMaxBytes);
  }
  log.invalidate();
  store(call, key, log);
  call.db.notify('$', 'pfadd', key);
  call.cost(argv.length - 1);
  call.changed(1);
  return OK;
};

const makeDense = (call: Call, key: Bytes, log: HyperLogLog): boolean => {
  if (!log.makeDense()) return false;
  store(call, key, log);
  call.changed(1);
  return true;
};

const pfdebug = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[2] as Bytes;
  const log = read(call, key, true);
  if (log instanceof ErrorReply) return log;
  if (log === null) return NO_KEY;
  const name: string = lower(argv[1] as Bytes);
  if (!['getreg', 'decode', 'encoding', 'todense'].includes(name)) return error(`ERR Unknown PFDEBUG subcommand '${argv[1] as Bytes}'`);
  if (name === 'encoding') return new Status(log.encoding);
  if (name === 'decode') return log.encoding === 'sparse' ? bytes(log.decode()) : NOT_SPARSE;
  const wasSparse = log.encoding === 'sparse';
  if (wasSparse && !makeDense(call, key, log)) return CORRUPTED;
  return name === 'todense' ? (wasSparse ? 1 : 0) : [...log.registers() as Uint8Array];
};

/** Both forms of one set of elements must count alike, and not far from the truth. */
const pfselftest = (call: Call): Reply => {
  const sparse = HyperLogLog.empty();
  const dense = HyperLogLog.empty();
  dense.makeDense();
  for (let index = 0; index < SELF_TEST_ELEMENTS; index++) {
    const element = bytes(`element:${index}`);
    sparse.add(element, Number.MAX_SAFE_INTEGER);
    dense.add(element, 0);
  }
  call.cost(SELF_TEST_ELEMENTS);
  const [left, right] = [sparse.registers(), dense.registers()];
  if (left === null || right === null || left.some((value, index) => value !== right[index])) {
    return error('ERR TESTFAILED sparse and dense registers differ');
  }
  const count = estimate(right);
  return Math.abs(count - SELF_TEST_ELEMENTS) * 20 > SELF_TEST_ELEMENTS ? error(`ERR TESTFAILED Too big error: ${count}`) : OK;
};

const SELF_TEST_ELEMENTS = 1000;
const KEY_AT_TWO: KeyRange = { first: 2, last: 2, step: 1 };

export const hyperLogLogCommands: readonly CommandRow[] = [
  { name: 'pfadd', arity: -2, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, since: '2.8.9', handler: pfadd },
  { name: 'pfcount', arity: -2, flags: ['readonly', 'may_replicate'], keys: ALL_KEYS, since: '2.8.9', handler: pfcount },
  { name: 'pfmerge', arity: -2, flags: ['write', 'denyoom'], keys: ALL_KEYS, since: '2.8.9', handler: pfmerge },
  { name: 'pfdebug', arity: 3, flags: ['write', 'denyoom', 'admin'], keys: KEY_AT_TWO, since: '2.8.9', handler: pfdebug },
  { name: 'pfselftest', arity: 1, flags: ['admin'], keys: NO_KEYS, since: '2.8.9', handler: pfselftest },
];
