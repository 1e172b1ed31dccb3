/** A length in an RDB file. Source: rdbSaveLen in rdb.c of Redis 7.0, for the format. */
import { bigEndian } from './byteOrder.ts';
import { LENGTH_32_BIT, LENGTH_64_BIT } from './rdbFormat.ts';

/** A length in the shortest of the four forms. */
export const encodeLength = (length: number): string => {
  if (length < 64) return String.fromCharCode(length);
  if (length < 16384) return String.fromCharCode(0x40 | (length >> 8), length & 0xff);
  if (length <= 0xffffffff) return String.fromCharCode(LENGTH_32_BIT) + bigEndian(length, 4);
  return String.fromCharCode(LENGTH_64_BIT) + bigEndian(length, 8);
};
