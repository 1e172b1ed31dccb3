/**
 * An RDB file as a sequence of fields: bytes, lengths, strings. Read in blocks, with the checksum of what went by.
 * Source: rdb.c of Redis 7.0, for the format.
 */
import { type Bytes, EMPTY, bytes, detach } from '../core/bytes.ts';
import { Crc64 } from '../core/crc64.ts';
import { assert } from '../core/errors.ts';
import { narrow } from '../core/integers.ts';
import { storedMs } from '../commands/expireTime.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Wide } from '../keyspace/streamId.ts';
import { readLittleEndian, readSigned, readSigned64 } from './byteOrder.ts';
import { decompressLzf } from './lzf.ts';
import {
  ENCODED_INT16, ENCODED_INT32, ENCODED_INT8, ENCODED_LZF, LENGTH_14_BIT, LENGTH_32_BIT, LENGTH_64_BIT, LENGTH_6_BIT,
  LENGTH_ENCODED,
} from './rdbFormat.ts';

const BLOCK_BYTES = 65536;
/** No length in a file may ask for more than this. */
const STRING_BYTES_MAX = 536870912;

/** A file that cannot be loaded. `offset` is where reading stopped, in bytes. */
export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}

/** The bytes end inside a field: of a snapshot that is still on its way, that is no error. */
export class RdbEndError extends RdbError {
  constructor(offset: number) {
    super('unexpected end of file', offset);
  }
}

/** Where the bytes come from: `read` gives up to `length` bytes from `from`, fewer only at the end. */
export interface RdbSource {
  readonly size: number;
  read(from: number, length: number): Bytes;
}

/** A place between two items. */
interface Mark {
  readonly position: number;
  readonly block: Bytes;
  readonly blockAt: number;
  readonly blocks: number;
  readonly crc: Crc64 | null;
}

/** The file as a sequence of fields, read in blocks; keeps the checksum of what went by. */
export class RdbInput {
  version = 0;
  position = 0;
  private readonly source: RdbSource;
  private crc: Crc64 | null;
  private block: Bytes = EMPTY;
  private blockAt = 0;
  /** Blocks so far: the checksum changes with them only. */
  private blocks = 0;
  private marked: Mark | null = null;
  /** There was no checksum to compare with. */
  isUnchecked = false;

  constructor(source: RdbSource, checksum: boolean) {
    this.source = source;
    this.crc = checksum ? new Crc64() : null;
  }

  /** Remembers this place, between two items, for `rewind`. Returns the first byte that may be read again. */
  mark(): number {
    const { position, block, blockAt, blocks } = this;
    const crc = this.marked !== null && this.marked.blocks === blocks ? this.marked.crc : this.crc?.copy() ?? null;
    this.marked = { position, block, blockAt, blocks, crc };
    return position - blockAt + block.length;
  }

  /** Goes back to the mark, checksum included. */
  rewind(): void {
    assert(this.marked !== null, 'a place was marked');
    this.position = this.marked.position;
    this.block = this.marked.block;
    this.blockAt = this.marked.blockAt;
    this.blocks++;
    this.crc = this.marked.crc?.copy() ?? null;
  }

  error(message: string): RdbError {
    return new RdbError(message, this.position);
  }

  take(count: number): Bytes {
    const from = this.blockAt;
    if (from + count <= this.block.length) {
      this.blockAt = from + count;
      this.position += count;
      return this.block.slice(from, from + count) as Bytes;
    }
    if (count > this.source.size - this.position) throw new RdbEndError(this.position);
    const parts: string[] = [];
    for (let rest = count; rest > 0;) {
      if (this.blockAt === this.block.length) this.nextBlock(this.position + count - rest);
      const part = this.block.slice(this.blockAt, this.blockAt + rest);
      this.blockAt += part.length;
      rest -= part.length;
      parts.push(part);
    }
    this.position += count;
    return parts.join('') as Bytes;
  }

  byte(): number {
    if (this.blockAt === this.block.length) {
      if (this.position >= this.source.size) throw new RdbEndError(this.position);
      this.nextBlock(this.position);
    }
    this.position++;
    return this.block.charCodeAt(this.blockAt++);
  }

  private nextBlock(position: number): void {
    this.crc?.update(this.block);
    this.blocks++;
    this.block = this.source.read(position, BLOCK_BYTES);
    this.blockAt = 0;
    if (this.block.length === 0) throw new RdbEndError(this.position);
  }

  littleEndian(width: number): number {
    return readLittleEndian(this.take(width), 0, width);
  }

  /** A time in ms as the keyspace keeps it: what lies beyond its numbers is as good as never, or long past. */
  expireTime(): number {
    const when = readSigned64(this.take(8), 0);
    return when === -1n ? NO_EXPIRY : storedMs(when);
  }

  /** A time in ms as it stands there. */
  milliseconds(): number {
    return Number(readSigned64(this.take(8), 0));
  }

  /** A plain length; an encoded string in its place is an error. */
  length(): number {
    const first = this.byte();
    if (first >> 6 === LENGTH_ENCODED) throw this.error('unexpected encoding of a length');
    return this.lengthFrom(first);
  }

  /** An unsigned integer of up to 64 bits, in the form of a length. */
  wideLength(): Wide {
    const first = this.byte();
    if (first >> 6 === LENGTH_ENCODED) throw this.error('unexpected encoding of a length');
    if (first !== LENGTH_64_BIT) return this.lengthFrom(first);
    const text = this.take(8);
    let value = 0n;
    for (let index = 0; index < text.length; index++) value = value * 256n + BigInt(text.charCodeAt(index));
    return narrow(value);
  }

  /** A string to be read and let go; see `ownText`. */
  text(): Bytes {
    const first = this.byte();
    return first >> 6 === LENGTH_ENCODED ? this.encodedText(first) : this.take(this.lengthFrom(first));
  }

  /** A string that stays: it keeps no block alive. What was encoded has a text of its own already. */
  ownText(): Bytes {
    const first = this.byte();
    return first >> 6 === LENGTH_ENCODED ? this.encodedText(first) : detach(this.take(this.lengthFrom(first)));
  }

  private encodedText(first: number): Bytes {
    const kind = first & 0x3f;
    if (kind === ENCODED_INT8) return bytes(String(readSigned(this.take(1), 0, 1)));
    if (kind === ENCODED_INT16) return bytes(String(readSigned(this.take(2), 0, 2)));
    if (kind === ENCODED_INT32) return bytes(String(readSigned(this.take(4), 0, 4)));
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
    this.isUnchecked = expected !== null && found === '\0'.repeat(8);
    if (expected === null || this.isUnchecked) return;
    if (found !== expected) throw this.error('wrong checksum');
  }

  private crcHere(): Bytes | null {
    if (this.crc === null) return null;
    this.crc.update(this.block.slice(0, this.blockAt) as Bytes);
    this.blocks++;
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
