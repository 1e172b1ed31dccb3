/**
 * DUMP and RESTORE: one value as an RDB file stores it, with version and checksum.
 * Source: dumpCommand, restoreCommand and verifyDumpPayload in cluster.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { Crc64 } from '../core/crc64.ts';
import { isWord, readInt64 } from '../commands/arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from '../commands/command.ts';
import { isAlreadyPast, msText, storedMs } from '../commands/expireTime.ts';
import { DEL } from '../keyspace/keyspace.ts';
import type { Value } from '../keyspace/value.ts';
import { ErrorReply, OK, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { littleEndian, readLittleEndian } from './byteOrder.ts';
import { RDB_VERSION } from './rdbFormat.ts';
import { RdbError, RdbInput } from './rdbInput.ts';
import { readValue } from './rdbValueReader.ts';
import { ValueWriter } from './rdbValueWriter.ts';

const VERSION_BYTES = 2;
/** At the end of what DUMP says. */
export const CHECKSUM_BYTES = 8;
const FOOTER_BYTES: number = VERSION_BYTES + CHECKSUM_BYTES;

const BUSY_KEY = error('BUSYKEY Target key name already exists.');
const INVALID_TTL = error('ERR Invalid TTL value, must be >= 0');
const INVALID_IDLE_TIME = error('ERR Invalid IDLETIME value, must be >= 0');
const INVALID_FREQUENCY = error('ERR Invalid FREQ value, must be >= 0 and <= 255');
const WRONG_FOOTER = error('ERR DUMP payload version or checksum are wrong');
const BAD_DATA = error('ERR Bad data format');

const ABSTTL = bytes('ABSTTL');

const checksum = (text: Bytes): Bytes => {
  const crc = new Crc64();
  crc.update(text);
  return crc.digest();
};

/** A body with its version and checksum behind it. */
export const sealPayload = (body: Bytes): Bytes => {
  const checked = bytes(body + littleEndian(RDB_VERSION, VERSION_BYTES));
  return bytes(checked + checksum(checked));
};

/** A value as DUMP shows it and RESTORE takes it. */
export const dumpPayload = (value: Value, listMaxListpackSize: number): Bytes => {
  const writer = new ValueWriter({ compression: true, listMaxListpackSize });
  return sealPayload(bytes(String.fromCharCode(writer.type(value)) + writer.value(value)));
};

const dump: Handler = (call, argv) => {
  const value = call.db.lookupRead(argv[1] as Bytes)?.value;
  return value === undefined ? null : dumpPayload(value, call.keyspace.limits.listMaxListpackSize);
};

interface RestoreOptions {
  replaces: boolean;
  isAbsolute: boolean;
  idleSeconds: bigint | null;
  frequency: bigint | null;
}

const readOptions = (argv: readonly Bytes[]): RestoreOptions | ErrorReply => {
  const options: RestoreOptions = { replaces: false, isAbsolute: false, idleSeconds: null, frequency: null };
  for (let index = 4; index < argv.length; index++) {
    const hasMore = index + 1 < argv.length;
    if (isWord(argv[index], 'replace')) options.replaces = true;
    else if (isWord(argv[index], 'absttl')) options.isAbsolute = true;
    else if (isWord(argv[index], 'idletime') && hasMore && options.frequency === null) {
      const idle = readInt64(argv[++index] as Bytes);
      if (idle instanceof ErrorReply) return idle;
      if (idle < 0n) return INVALID_IDLE_TIME;
      options.idleSeconds = idle;
    } else if (isWord(argv[index], 'freq') && hasMore && options.idleSeconds === null) {
      const frequency = readInt64(argv[++index] as Bytes);
      if (frequency instanceof ErrorReply) return frequency;
      if (frequency < 0n || frequency > 255n) return INVALID_FREQUENCY;
      options.frequency = frequency;
    } else return SYNTAX_ERROR;
  }
  return options;
};

/** The body; null when version or checksum are wrong. */
export const openPayload = (payload: Bytes, skipsChecksum: boolean): Bytes | null => {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0 || readLittleEndian(payload, end, VERSION_BYTES) > RDB_VERSION) return null;
  const checked = bytes(payload.slice(0, end + VERSION_BYTES));
  return skipsChecksum || payload.endsWith(checksum(checked)) ? bytes(payload.slice(0, end)) : null;
};

const readBody = (call: Call, body: Bytes): Value | null => {
  const source = { size: body.length, read: (from: number, length: number) => bytes(body.slice(from, from + length)) };
  const input = new RdbInput(source, false);
  try {
    return readValue(input, input.byte(), call.keyspace.limits);
  } catch (failure) {
    if (!(failure instanceof RdbError)) throw failure;
    return null;
  }
};

const restore: Handler = (call, argv): Reply => {
  const key = argv[1] as Bytes;
  const options = readOptions(argv);
  if (options instanceof ErrorReply) return options;
  if (!options.replaces && call.db.lookupWrite(key) !== undefined) return BUSY_KEY;
  const ttl = readInt64(argv[2] as Bytes);
  if (ttl instanceof ErrorReply) return ttl;
  if (ttl < 0n) return INVALID_TTL;
  const body = openPayload(argv[3] as Bytes, call.keyspace.skipsChecksums);
  if (body === null) return WRONG_FOOTER;
  const value = readBody(call, body);
  if (value === null) return BAD_DATA;
  call.cost(Math.ceil(body.length / 64));
  const replaced = options.replaces && call.db.remove(key);
  const when = ttl === 0n || options.isAbsolute ? ttl : ttl + BigInt(call.nowMs);
  if (when !== 0n && isAlreadyPast(call, when)) {
    if (replaced) {
      call.db.notify('g', 'del', key);
      call.changed(1);
      call.propagate([DEL, key]);
    }
    return OK;
  }
  const entry = call.db.put(key, value);
  if (when !== 0n) {
    call.db.setExpiry(entry, storedMs(when));
    if (!options.isAbsolute) call.propagate([argv[0] as Bytes, key, msText(when), ...argv.slice(3), ABSTTL]);
  }
  const { lfu } = call.keyspace;
  if (lfu !== null && options.frequency !== null) entry.accessedMs = lfu.packed(Number(options.frequency), call.nowMs);
  if (lfu === null && options.idleSeconds !== null) entry.accessedMs = call.nowMs - Number(options.idleSeconds) * 1000;
  call.db.notify('g', 'restore', key);
  call.changed(1);
  return OK;
};

export const dumpCommands: readonly CommandRow[] = [
  { name: 'dump', arity: 2, flags: ['readonly'], keys: ONE_KEY, since: '2.6.0', handler: dump },
  { name: 'restore', arity: -4, flags: ['write', 'denyoom'], keys: ONE_KEY, since: '2.6.0', handler: restore },
  {
    name: 'restore-asking', arity: -4, flags: ['write', 'denyoom', 'asking'], keys: ONE_KEY, since: '3.0.0', handler: restore,
  },
];
