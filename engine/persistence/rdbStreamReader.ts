/**
 * Reads a snapshot into a keyspace while it is still on its way. An item (an opcode, or a key with its value) that has not
 * come whole is left, and read again from its first byte once more is there; nothing of it has reached the keyspace.
 *
 * What always holds: bytes behind the last whole item are kept, those before are let go; an item is tried again only when
 * what has come of it has doubled (or all has come), so that a large value is not read once for each chunk of it.
 * Source: rdb.c of Redis 7.0 (rdbLoadRioWithLoadingCtx), for the format.
 */
import type { Bytes } from '../core/bytes.ts';
import { ChunkList } from '../core/chunkList.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { OPCODE_EOF } from './rdbFormat.ts';
import { RdbEndError, RdbInput, type RdbSource } from './rdbInput.ts';
import { type RdbContents, type RdbReadOptions, Reading, readHeader } from './rdbReader.ts';

/** So few that a connection is not kept from being read for long. */
const KEYS_PER_SLICE = 4096;

/**
 * `more`: there are whole items left. `waits`: for bytes that have not come. `done`: the snapshot has been read to its end.
 * `keys`: how many this slice read.
 */
export type StreamSlice =
  | { readonly state: 'more' | 'waits'; readonly keys: number }
  | { readonly state: 'done'; readonly keys: number; readonly contents: RdbContents };

export class RdbStreamReader {
  private readonly arrived: Arrived = new Arrived();
  private readonly input: RdbInput;
  private readonly reading: Reading;
  private hasHeader = false;
  /** Bytes that must have come before the item that was left is tried again. */
  private neededBytes = 0;

  constructor(keyspace: Keyspace, options: RdbReadOptions) {
    this.input = new RdbInput(this.arrived, options.checksum);
    this.reading = new Reading(this.input, keyspace, options);
  }

  /** How many bytes have come, what stands behind the snapshot included. */
  get size(): number {
    return this.arrived.size;
  }

  append(chunk: Bytes): void {
    this.arrived.list.append(chunk);
  }

  /** Reads what it can. `isWhole`: nothing more will come, so an item that ends early throws. Throws `RdbError`. */
  slice(isWhole: boolean): StreamSlice {
    const { input, reading } = this;
    if (!isWhole && this.size < this.neededBytes) return { state: 'waits', keys: 0 };
    reading.inSlice = 0;
    while (reading.inSlice < KEYS_PER_SLICE) {
      this.arrived.list.dropBefore(input.mark());
      const from = input.position;
      try {
        if (this.readItem()) return { state: 'done', keys: reading.inSlice, contents: this.contents() };
      } catch (failure) {
        if (!(failure instanceof RdbEndError) || isWhole) throw failure;
        input.rewind();
        this.neededBytes = Math.max(this.size + 1, from + 2 * (this.size - from));
        return { state: 'waits', keys: reading.inSlice };
      }
    }
    return { state: 'more', keys: reading.inSlice };
  }

  /** True at the end of the snapshot. */
  private readItem(): boolean {
    const { input, reading } = this;
    if (!this.hasHeader) {
      readHeader(input);
      this.hasHeader = true;
      return false;
    }
    const code = input.byte();
    if (code === OPCODE_EOF) {
      input.checkTrailer();
      return true;
    }
    if (!reading.readOpcode(code)) reading.readKey(code);
    return false;
  }

  private contents(): RdbContents {
    const { keys, expired, empty, auxiliary, libraries, input } = this.reading;
    return { keys, expired, empty, isUnchecked: input.isUnchecked, auxiliary, libraries, end: input.position };
  }
}

/** What has come so far, as a file that grows. */
class Arrived implements RdbSource {
  readonly list: ChunkList = new ChunkList();

  get size(): number {
    return this.list.end;
  }

  read(from: number, length: number): Bytes {
    return this.list.read(from, Math.min(this.list.end, from + length));
  }
}
