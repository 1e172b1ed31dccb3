/** RDB files made and read by our writer and reader, in memory. */
import { WHOLE } from '../../engine/persistence/rdbFormat.ts';
import { type Bytes, bytes, join } from '../../engine/core/bytes.ts';
import type { Keyspace } from '../../engine/keyspace/keyspace.ts';
import type { RdbSource } from '../../engine/persistence/rdbInput.ts';
import { type RdbContents, readRdb } from '../../engine/persistence/rdbReader.ts';
import { writeRdb } from '../../engine/persistence/rdbWriter.ts';

export const saveRdb = (keyspace: Keyspace, compression = true): Bytes => join([...writeRdb(keyspace.openSnapshot(), {
  redisVersion: '7.0.15', createdUnixSeconds: 1_700_000_000, usedMemory: 1048576, isAofBase: false, parts: WHOLE, replication: null,
  checksum: true, chunkForEachKey: false, notePosition: null, compression, listMaxListpackSize: keyspace.limits.listMaxListpackSize,
})]);

export const sourceOf = (file: Bytes): RdbSource =>
  ({ size: file.length, read: (from, length) => bytes(file.slice(from, from + length)) });

/** Reads it all. Throws `RdbError`. */
export const loadRdb = (file: Bytes, keyspace: Keyspace, checksum = true): RdbContents => {
  const slices = readRdb(sourceOf(file), keyspace, { skipExpiredBeforeMs: null, checksum });
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
  }
};
