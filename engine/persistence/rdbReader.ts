/**
 * Reads an RDB file into a keyspace, in slices. Anything that is not a sound file ends with an `RdbError` that names the
 * offset; what was read by then stays in the keyspace, and the caller throws it away.
 * Source: rdb.c of Redis 7.0 (rdbLoadRioWithLoadingCtx), for the format.
 */
import type { Host } from '../host.ts';
import { type Bytes, detach } from '../core/bytes.ts';
import { type Database, NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import {
  OPCODE_AUX, OPCODE_EOF, OPCODE_EXPIRE_MS, OPCODE_EXPIRE_SECONDS, OPCODE_FREQ, OPCODE_FUNCTION2, OPCODE_FUNCTION_PRE_GA,
  OPCODE_IDLE, OPCODE_MODULE_AUX, OPCODE_RESIZE_DB, OPCODE_SELECT_DB, RDB_MAGIC, RDB_VERSION_READ_MAX,
} from './rdbFormat.ts';
import { RdbInput, type RdbSource } from './rdbInput.ts';
import { readValue } from './rdbValueReader.ts';

export interface RdbReadOptions {
  /** A primary skips keys whose time has come; a replica and an AOF preamble keep them. */
  readonly skipExpiredBeforeMs: number | null;
  /** Hears of every key that was left out for that. */
  readonly expired?: (database: number, key: Bytes) => void;
  readonly checksum: boolean;
  /** Keys of the file take the place of those that are there; without it, one that is there already is an error. */
  readonly merges?: boolean;
}

export interface EmptyKeys {
  readonly first: readonly Bytes[];
  readonly count: number;
}

/** So many are named in the log. */
const EMPTY_KEYS_NAMED = 10;

/** Logs what Redis logs behind a file. */
export const logLoaded = (host: Host, { keys, expired, empty, isUnchecked }: RdbContents): void => {
  for (const key of empty.first) host.log('warning', `rdbLoadObject skipping empty key: ${key}`);
  if (isUnchecked) host.log('warning', 'RDB file was saved with checksum disabled: no check performed.');
  const done = `Done loading RDB, keys loaded: ${keys}, keys expired: ${expired}`;
  if (empty.count === 0) host.log('notice', `${done}.`);
  else host.log('warning', `${done}, empty keys skipped: ${empty.count}.`);
};

export interface RdbContents {
  readonly keys: number;
  readonly expired: number;
  /** Keys whose collection has no members, the first of them and how many there are: they were passed over. */
  readonly empty: EmptyKeys;
  /** It was to be checked, and was written without a checksum. */
  readonly isUnchecked: boolean;
  /** Auxiliary fields by name: `repl-id`, `repl-offset`, `repl-stream-db`, … */
  readonly auxiliary: ReadonlyMap<Bytes, Bytes>;
  /** The code of function libraries: they take the place of those that there are. */
  readonly libraries: readonly Bytes[];
  /** Where the file ended: an AOF may go on behind it. */
  readonly end: number;
}

/** Keys between two pauses: about what Redis reads (2 MB) before it looks at its clients. Each pause waits for a timer. */
const KEYS_PER_SLICE = 16_384;

/** Runs to the end; every `next()` loads one slice and yields the number of keys in it. */
export function* readRdb(
  source: RdbSource, keyspace: Keyspace, options: RdbReadOptions,
): Generator<number, RdbContents> {
  const reading = new Reading(new RdbInput(source, options.checksum), keyspace, options);
  readHeader(reading.input);
  for (let code = reading.input.byte(); code !== OPCODE_EOF; code = reading.input.byte()) {
    if (!reading.readOpcode(code)) reading.readKey(code);
    if (reading.inSlice === KEYS_PER_SLICE) {
      yield reading.inSlice;
      reading.inSlice = 0;
    }
  }
  reading.input.checkTrailer();
  yield reading.inSlice;
  const { keys, expired, empty, auxiliary, libraries, input } = reading;
  return { keys, expired, empty, isUnchecked: input.isUnchecked, auxiliary, libraries, end: input.position };
}

const NO_IDLE = -1;

/** What stands between the header and the end: opcodes, and keys with what was said of them before. */
export class Reading {
  readonly input: RdbInput;
  readonly auxiliary: Map<Bytes, Bytes> = new Map();
  readonly libraries: Bytes[] = [];
  keys = 0;
  expired = 0;
  readonly empty: { first: Bytes[]; count: number } = { first: [], count: 0 };
  inSlice = 0;
  private readonly keyspace: Keyspace;
  private readonly options: RdbReadOptions;
  private database: Database;
  /** Said of the next key. */
  private expireAtMs = NO_EXPIRY;
  private idleSeconds = NO_IDLE;

  constructor(input: RdbInput, keyspace: Keyspace, options: RdbReadOptions) {
    this.input = input;
    this.keyspace = keyspace;
    this.options = options;
    this.database = keyspace.database(0);
  }

  /** False when the code is none of these, and so the type of a value. */
  readOpcode(code: number): boolean {
    const { input, keyspace } = this;
    switch (code) {
      case OPCODE_EXPIRE_MS: this.expireAtMs = input.expireTime(); return true;
      case OPCODE_EXPIRE_SECONDS: this.expireAtMs = input.littleEndian(4) * 1000; return true;
      // There is no eviction by frequency here.
      case OPCODE_FREQ: input.byte(); return true;
      case OPCODE_IDLE: this.idleSeconds = input.length(); return true;
      case OPCODE_RESIZE_DB: input.length(); input.length(); return true;
      case OPCODE_AUX: {
        const name = input.text();
        this.auxiliary.set(detach(name), detach(input.text()));
        return true;
      }
      case OPCODE_SELECT_DB: {
        const id = input.length();
        if (id >= keyspace.databases.length) throw input.error(`database number ${id} out of range`);
        this.database = keyspace.database(id);
        return true;
      }
      case OPCODE_FUNCTION2: this.libraries.push(detach(input.text())); return true;
      case OPCODE_FUNCTION_PRE_GA: throw input.error('functions of a release candidate of 7.0 are not read');
      case OPCODE_MODULE_AUX: throw input.error('the file holds module data, which is not built');
      default: return false;
    }
  }

  readKey(type: number): void {
    const { input, options, database, expireAtMs, idleSeconds } = this;
    const key = input.text();
    const value = readValue(input, type, this.keyspace.limits);
    this.expireAtMs = NO_EXPIRY;
    this.idleSeconds = NO_IDLE;
    this.inSlice++;
    // Redis too passes over a collection without members.
    if (value === null) {
      this.empty.count++;
      if (this.empty.count <= EMPTY_KEYS_NAMED) this.empty.first.push(detach(key));
      return;
    }
    if (options.skipExpiredBeforeMs !== null && expireAtMs !== NO_EXPIRY && expireAtMs < options.skipExpiredBeforeMs) {
      this.expired++;
      options.expired?.(database.id, detach(key));
      return;
    }
    if (options.merges === true) database.remove(key);
    const entry = database.add(key, value);
    if (entry === null) throw input.error('the same key twice');
    if (expireAtMs !== NO_EXPIRY) database.setExpiry(entry, expireAtMs);
    if (idleSeconds !== NO_IDLE) entry.accessedMs -= idleSeconds * 1000;
    this.keys++;
  }
}

/** The signature and the version. */
export const readHeader = (input: RdbInput): void => {
  const magic = input.take(RDB_MAGIC.length + 4);
  const version = magic.slice(RDB_MAGIC.length);
  if (!magic.startsWith(RDB_MAGIC) || !/^[0-9]{4}$/.test(version)) throw input.error('wrong signature');
  const number = Number(version);
  if (number < 1 || number > RDB_VERSION_READ_MAX) throw input.error(`cannot handle RDB format version ${number}`);
  input.version = number;
};
