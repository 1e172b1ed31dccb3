/**
 * Reads an RDB file into a keyspace, in slices. Anything that is not a sound file ends with an `RdbError` that names the
 * offset; what was read by then stays in the keyspace, and the caller throws it away.
 * Source: rdb.c of Redis 7.0 (rdbLoadRioWithLoadingCtx), for the format.
 */
import { type Bytes, EMPTY, bytes, detach } from '../core/bytes.ts';
import { Crc64 } from '../core/crc64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { SetValue } from '../keyspace/setValue.ts';
import type { Value } from '../keyspace/value.ts';
import { decompressLzf } from './lzf.ts';
import {
  ENCODED_INT16, ENCODED_INT32, ENCODED_INT8, ENCODED_LZF, LENGTH_14_BIT, LENGTH_32_BIT, LENGTH_64_BIT, LENGTH_6_BIT,
  LENGTH_ENCODED, OPCODE_AUX, OPCODE_EOF, OPCODE_EXPIRE_MS, OPCODE_EXPIRE_SECONDS, OPCODE_FREQ, OPCODE_FUNCTION2,
  OPCODE_IDLE, OPCODE_MODULE_AUX, OPCODE_RESIZE_DB, OPCODE_SELECT_DB, RDB_MAGIC, RDB_VERSION_READ_MAX, TYPE_SET,
  TYPE_SET_INTSET, TYPE_STRING,
} from './rdbFormat.ts';

/** A file that cannot be loaded. `offset` is where reading stopped, in bytes. */
export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}

/** Where the bytes come from: `read` gives up to `length` bytes from `from`, fewer only at the end. */
export interface RdbSource {
  readonly size: number;
  read(from: number, length: number): Bytes;
}

export interface RdbReadOptions {
  /** A primary skips keys whose time has come; a replica and an AOF preamble keep them. */
  readonly skipExpiredBeforeMs: number | null;
  /** Hears of every key that was left out for that. */
  readonly expired?: (database: number, key: Bytes) => void;
  readonly checksum: boolean;
}

export interface RdbContents {
  readonly keys: number;
  readonly expired: number;
  /** Auxiliary fields by name: `repl-id`, `repl-offset`, `repl-stream-db`, … */
  readonly auxiliary: ReadonlyMap<Bytes, Bytes>;
  /** Where the file ended: an AOF may go on behind it. */
  readonly end: number;
}

/** Keys between two pauses. */
const KEYS_PER_SLICE = 512;
const BLOCK_BYTES = 65536;
/** No length in a file may ask for more than this. */
const STRING_BYTES_MAX = 536870912;

/** Runs to the end; every `next()` loads one slice and yields the number of keys in it. */
export function* readRdb(
  source: RdbSource, keyspace: Keyspace, options: RdbReadOptions,
): Generator<number, RdbContents> {
  const input = new RdbInput(source, options.checksum);
  readHeader(input);
  const auxiliary = new Map<Bytes, Bytes>();
  let database = keyspace.database(0);
  let expireAtMs = -1;
  let keys = 0;
  let expired = 0;
  let inSlice = 0;
  for (;;) {
    const code = input.byte();
    if (code === OPCODE_EOF) break;
    if (code === OPCODE_EXPIRE_MS) expireAtMs = input.littleEndian64();
    else if (code === OPCODE_EXPIRE_SECONDS) expireAtMs = input.littleEndian(4) * 1000;
    else if (code === OPCODE_FREQ) input.byte();
    else if (code === OPCODE_IDLE) input.length();
    else if (code === OPCODE_RESIZE_DB) {
      input.length();
      input.length();
    } else if (code === OPCODE_AUX) {
      const name = input.text();
      auxiliary.set(detach(name), detach(input.text()));
    } else if (code === OPCODE_SELECT_DB) {
      const id = input.length();
      if (id >= keyspace.databases.length) throw input.error(`database number ${id} out of range`);
      database = keyspace.database(id);
    } else if (code === OPCODE_FUNCTION2 || code === OPCODE_MODULE_AUX) {
      throw input.error(code === OPCODE_FUNCTION2
        ? 'the file holds functions, which are not supported yet' : 'the file holds module data');
    } else {
      const key = input.text();
      const value = readValue(input, code, keyspace);
      if (options.skipExpiredBeforeMs !== null && expireAtMs !== -1 && expireAtMs < options.skipExpiredBeforeMs) {
        expired++;
        options.expired?.(database.id, detach(key));
      } else {
        if (database.peek(key) !== undefined) throw input.error('the same key twice');
        const entry = database.put(key, value);
        if (expireAtMs !== -1) database.setExpiry(entry, expireAtMs);
        keys++;
      }
      expireAtMs = -1;
      if (++inSlice === KEYS_PER_SLICE) {
        yield inSlice;
        inSlice = 0;
      }
    }
  }
  input.checkTrailer();
  yield inSlice;
  return { keys, expired, auxiliary, end: input.position };
}

const readHeader = (input: RdbInput): void => {
  const magic = input.take(RDB_MAGIC.length + 4);
  const version = magic.slice(RDB_MAGIC.length);
  if (!magic.startsWith(RDB_MAGIC) || !/^[0-9]{4}$/.test(version)) throw input.error('wrong signature');
  const number = Number(version);
  if (number < 1 || number > RDB_VERSION_READ_MAX) throw input.error(`cannot handle RDB format version ${number}`);
  input.version = number;
};

const readValue = (input: RdbInput, type: number, keyspace: Keyspace): Value => {
  if (type === TYPE_STRING) return detach(input.text());
  if (type !== TYPE_SET && type !== TYPE_SET_INTSET) throw input.error(`value type ${type} is not supported yet`);
  const set = new SetValue();
  if (type === TYPE_SET) {
    const size = input.length();
    if (size === 0) throw input.error('empty set');
    for (let index = 0; index < size; index++) {
      if (!set.add(input.text(), keyspace.limits)) throw input.error('the same set member twice');
    }
    return set;
  }
  for (const member of decodeIntset(input)) set.add(member, keyspace.limits);
  return set;
};

const decodeIntset = (input: RdbInput): Bytes[] => {
  const blob = input.text();
  const number = (at: number, width: number): bigint => {
    let value = 0n;
    for (let byte = width - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(blob.charCodeAt(at + byte));
    return value;
  };
  if (blob.length < 8) throw input.error('integrity check failed: intset');
  const width = Number(number(0, 4));
  const count = Number(number(4, 4));
  if ((width !== 2 && width !== 4 && width !== 8) || count === 0 || blob.length !== 8 + width * count) {
    throw input.error('integrity check failed: intset');
  }
  const members: Bytes[] = [];
  let last: bigint | null = null;
  for (let index = 0; index < count; index++) {
    const member = BigInt.asIntN(width * 8, number(8 + index * width, width));
    if (last !== null && member <= last) throw input.error('integrity check failed: intset not sorted');
    last = member;
    members.push(bytes(member.toString()));
  }
  return members;
};

/** The file as a sequence of fields, read in blocks; keeps the checksum of what went by. */
class RdbInput {
  version = 0;
  position = 0;
  private readonly source: RdbSource;
  private readonly crc: Crc64 | null;
  private block: Bytes = EMPTY;
  private blockAt = 0;

  constructor(source: RdbSource, checksum: boolean) {
    this.source = source;
    this.crc = checksum ? new Crc64() : null;
  }

  error(message: string): RdbError {
    return new RdbError(message, this.position);
  }

  take(count: number): Bytes {
    if (count > this.source.size - this.position) throw this.error('unexpected end of file');
    let text: string = '';
    while (text.length < count) {
      if (this.blockAt === this.block.length) {
        this.crc?.update(this.block);
        this.block = this.source.read(this.position + text.length, BLOCK_BYTES);
        this.blockAt = 0;
        if (this.block.length === 0) throw this.error('unexpected end of file');
      }
      const part = this.block.slice(this.blockAt, this.blockAt + count - text.length);
      this.blockAt += part.length;
      text = text === '' ? part : text + part;
    }
    this.position += count;
    return text as Bytes;
  }

  byte(): number {
    return this.take(1).charCodeAt(0);
  }

  littleEndian(width: number): number {
    const text = this.take(width);
    let value = 0;
    for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + text.charCodeAt(byte);
    return value;
  }

  littleEndian64(): number {
    const lo = this.littleEndian(4);
    const value = this.littleEndian(4) * 0x100000000 + lo;
    if (!Number.isSafeInteger(value)) throw this.error('time out of range');
    return value;
  }

  /** A plain length; an encoded string in its place is an error. */
  length(): number {
    const first = this.byte();
    if (first >> 6 === LENGTH_ENCODED) throw this.error('unexpected encoding of a length');
    return this.lengthFrom(first);
  }

  text(): Bytes {
    const first = this.byte();
    if (first >> 6 !== LENGTH_ENCODED) return this.take(this.lengthFrom(first));
    const kind = first & 0x3f;
    if (kind === ENCODED_INT8) return bytes(String((this.littleEndian(1) << 24) >> 24));
    if (kind === ENCODED_INT16) return bytes(String((this.littleEndian(2) << 16) >> 16));
    if (kind === ENCODED_INT32) return bytes(String(this.littleEndian(4) | 0));
    if (kind !== ENCODED_LZF) throw this.error(`unknown string encoding ${kind}`);
    const compressed = this.length();
    const length = this.length();
    if (length > STRING_BYTES_MAX) throw this.error('string too long');
    const text = decompressLzf(this.take(compressed), length);
    if (text === null) throw this.error('invalid LZF compressed string');
    return text;
  }

  /** From version 5 on a checksum follows the last opcode; all zero means that none was made. */
  checkTrailer(): void {
    if (this.version < 5) return;
    const expected = this.crcHere();
    const found = this.take(8);
    if (expected === null || found === '\0'.repeat(8)) return;
    if (found !== expected) throw this.error('wrong checksum');
  }

  private crcHere(): Bytes | null {
    if (this.crc === null) return null;
    this.crc.update(this.block.slice(0, this.blockAt) as Bytes);
    this.block = this.block.slice(this.blockAt) as Bytes;
    this.blockAt = 0;
    return this.crc.digest();
  }

  private lengthFrom(first: number): number {
    const kind = first >> 6;
    if (kind === LENGTH_6_BIT) return first & 0x3f;
    if (kind === LENGTH_14_BIT) return ((first & 0x3f) << 8) | this.byte();
    if (first !== LENGTH_32_BIT && first !== LENGTH_64_BIT) throw this.error('unknown length encoding');
    const text = this.take(first === LENGTH_32_BIT ? 4 : 8);
    let value = 0;
    for (let index = 0; index < text.length; index++) value = value * 256 + text.charCodeAt(index);
    if (!Number.isSafeInteger(value)) throw this.error('length out of range');
    return value;
  }
}
