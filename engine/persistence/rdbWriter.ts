/**
 * Writes a snapshot as an RDB file, version 10, in chunks. The walk may be left and taken up between turns: the snapshot
 * stays the instant at which it was opened. Source: rdb.c of Redis 7.0 (rdbSaveRio), for the format.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { Crc64 } from '../core/crc64.ts';
import type { Snapshot, SnapshotItem } from '../keyspace/snapshot.ts';
import { littleEndian64 } from './byteOrder.ts';
import {
  AUX_NOTE_ID, AUX_NOTE_POSITION, OPCODE_AUX, OPCODE_EOF, OPCODE_EXPIRE_MS, OPCODE_FUNCTION2, OPCODE_RESIZE_DB, OPCODE_SELECT_DB, RDB_MAGIC,
  RDB_VERSION, type ReplicationInfo, type SnapshotParts,
} from './rdbFormat.ts';
import { encodeLength } from './rdbLength.ts';
import { type ValueWriteOptions, ValueWriter } from './rdbValueWriter.ts';

export interface RdbWriteOptions extends ValueWriteOptions {
  readonly redisVersion: string;
  readonly createdUnixSeconds: number;
  readonly usedMemory: number;
  /** The snapshot is the base of an append-only file. */
  readonly isAofBase: boolean;
  readonly parts: SnapshotParts;
  /** Null for a snapshot that takes part in no replication. */
  readonly replication: ReplicationInfo | null;
  /** So that whoever takes the chunks can wait for each key. */
  readonly chunkForEachKey: boolean;
  /** With `rdbchecksum no` the checksum is eight zero bytes. */
  readonly checksum: boolean;
  /** The place in the tree of histories that notes name, where anybody reads notes: an unknown field to others. */
  readonly notePosition: { readonly id: Bytes; readonly position: number } | null;
}

/** Chunks of about this size are handed out. */
const CHUNK_BYTES = 16384;

/** The whole file as chunks. Closes the snapshot at its end, and when it is abandoned. */
export function* writeRdb(snapshot: Snapshot, options: RdbWriteOptions): Generator<Bytes, void> {
  const crc = new Crc64();
  const values = new ValueWriter(options);
  const { hasKeys, hasFunctions } = options.parts;
  const libraries = hasFunctions ? snapshot.libraries : [];
  let text = header(options, values) + libraries.map((code) => opcode(OPCODE_FUNCTION2) + values.string(code)).join('');
  try {
    for (const { database, keys, expiring } of snapshot.sizes) {
      if (keys === 0 || !hasKeys) continue;
      text += opcode(OPCODE_SELECT_DB) + encodeLength(database)
        + opcode(OPCODE_RESIZE_DB) + encodeLength(keys) + encodeLength(expiring);
      for (const item of snapshot.items(database)) {
        text += encodeItem(item, values);
        if (text.length < CHUNK_BYTES && !options.chunkForEachKey) continue;
        crc.update(bytes(text));
        yield bytes(text);
        text = '';
      }
    }
  } finally {
    snapshot.close();
  }
  text += opcode(OPCODE_EOF);
  crc.update(bytes(text));
  yield bytes(text + (options.checksum ? crc.digest() : '\0'.repeat(8)));
}

const header = (options: RdbWriteOptions, values: ValueWriter): string => {
  const auxiliary = (name: string, value: string): string =>
    opcode(OPCODE_AUX) + values.string(bytes(name)) + values.string(bytes(value));
  let text = RDB_MAGIC + String(RDB_VERSION).padStart(4, '0')
    + auxiliary('redis-ver', options.redisVersion) + auxiliary('redis-bits', '64')
    + auxiliary('ctime', String(options.createdUnixSeconds)) + auxiliary('used-mem', String(options.usedMemory));
  if (options.replication !== null) {
    text += auxiliary('repl-stream-db', String(options.replication.streamDatabase))
      + auxiliary('repl-id', options.replication.id)
      + auxiliary('repl-offset', String(options.replication.offset));
  }
  if (options.notePosition !== null) {
    text += auxiliary(AUX_NOTE_ID, options.notePosition.id)
      + auxiliary(AUX_NOTE_POSITION, String(options.notePosition.position));
  }
  return text + auxiliary('aof-base', options.isAofBase ? '1' : '0');
};

const opcode = (code: number): string => String.fromCharCode(code);

const encodeItem = ({ key, value, expireAtMs }: SnapshotItem, values: ValueWriter): string =>
  (expireAtMs < 0 ? '' : opcode(OPCODE_EXPIRE_MS) + littleEndian64(expireAtMs))
  + opcode(values.type(value)) + values.string(key) + values.value(value);
