/**
 * A node's place in the tree of histories: replication ID and offset, the second ID of before its promotion, and the
 * backlog of what it last produced or applied.
 *
 * What always holds: the backlog ends at `offset`; `secondId` is valid up to `secondOffset` and never beyond. Offsets are
 * counted in bytes of the stream; PSYNC speaks of the next byte wanted, which is one more.
 * Source: replication.c of Redis 7.0 (shiftReplicationId, masterTryPartialResynchronization, feedReplicationBuffer).
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ChunkList } from '../core/chunkList.ts';
import { assert } from '../core/errors.ts';
import { type ReplOffset, replOffset } from '../core/units.ts';
import type { Random } from '../core/random.ts';

export const NO_ID: Bytes = bytes('0'.repeat(40));
export const REPLICATION_ID_LENGTH = 40;

export class ReplicationHistory {
  id: Bytes;
  offset: ReplOffset = replOffset(0);
  secondId: Bytes = NO_ID;
  /** The second ID serves PSYNC requests up to this wanted byte; -1 for none. */
  secondOffset = -1;
  /** Positions count like `offset`. Null until somebody first replicates. */
  backlog: ChunkList | null = null;
  /** Bytes produced while there was no backlog: no offset counts them, notes do. */
  unlogged = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
    this.id = random.hex(REPLICATION_ID_LENGTH);
  }

  /** The position that notes use. */
  get position(): ReplOffset {
    return replOffset(this.offset + this.unlogged);
  }

  createBacklog(): void {
    assert(this.backlog === null, 'the backlog exists already');
    this.backlog = new ChunkList(this.offset);
  }

  /** A new ID for the same data, without memory of the old one. */
  newId(): void {
    this.id = this.random.hex(REPLICATION_ID_LENGTH);
    this.secondId = NO_ID;
    this.secondOffset = -1;
    this.unlogged = 0;
  }

  /** Promotion: the old ID stays valid for those who were at most as far as we are. */
  shiftId(): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = this.random.hex(REPLICATION_ID_LENGTH);
    this.unlogged = 0;
  }

  /** Our primary goes on under another ID. */
  followNewId(id: Bytes): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** Another node's history replaces ours. */
  adopt(id: Bytes, offset: ReplOffset): void {
    this.id = id;
    this.offset = offset;
    this.secondId = NO_ID;
    this.secondOffset = -1;
    this.unlogged = 0;
    this.backlog = null;
  }

  append(chunk: Bytes, backlogBytesMax: number): void {
    if (this.backlog === null) {
      this.unlogged += chunk.length;
      return;
    }
    this.backlog.append(chunk);
    this.offset = replOffset(this.offset + chunk.length);
    if (this.backlog.length > backlogBytesMax) this.backlog.dropBefore(this.offset - backlogBytesMax);
    assert(this.backlog.end === this.offset, 'the backlog must end at the offset');
  }

  /**
   * What a replica at `id`, wanting the byte `wanted` (offset + 1), still has to get; null when only a snapshot helps.
   * A position that our history shares but the backlog no longer holds is refused as well.
   */
  continuation(id: Bytes, wanted: number): Bytes | null {
    const known = id === this.id || (id === this.secondId && wanted <= this.secondOffset);
    if (!known || this.backlog === null) return null;
    const from = wanted - 1;
    if (from < this.backlog.start || from > this.backlog.end) return null;
    return this.backlog.read(from);
  }
}
