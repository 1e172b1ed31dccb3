/**
 * Value types. A string value is a bare `Bytes`; the others are classes with Redis's encodings as named states, a digest
 * of their own and an independent copy. No collection but a stream stays in a database when it has become empty.
 */
import type { Bytes } from '../core/bytes.ts';
import { HashValue } from './hashValue.ts';
import { ListValue } from './listValue.ts';
import { laneHi, laneLo } from './runningDigest.ts';
import { SetValue } from './setValue.ts';
import type { SortedSetValue } from './sortedSetValue.ts';
import { StreamValue } from './streamValue.ts';

export type Collection = ListValue | SetValue | HashValue | SortedSetValue | StreamValue;
export type Value = Bytes | Collection;

export type TypeName = 'string' | 'list' | 'set' | 'hash' | 'zset' | 'stream';

export const typeName = (value: Value): TypeName => {
  if (typeof value === 'string') return 'string';
  if (value instanceof SetValue) return 'set';
  if (value instanceof HashValue) return 'hash';
  if (value instanceof ListValue) return 'list';
  return value instanceof StreamValue ? 'stream' : 'zset';
};

/** Up to which size the small encodings are kept: the directives of the same names. */
export interface EncodingLimits {
  setMaxIntsetEntries: number;
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  /** Elements in a node of a list; below 0: 4, 8, 16, 32 or 64 KiB for -1 to -5. */
  listMaxListpackSize: number;
  /** Bytes and entries in a node of a stream; 0: no limit of its own. */
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
  /** A HyperLogLog that would be longer becomes dense. */
  hllSparseMaxBytes: number;
}

/** As Redis has them. */
export const ENCODING_LIMITS_DEFAULT: Readonly<EncodingLimits> = {
  setMaxIntsetEntries: 512, hashMaxListpackEntries: 512, hashMaxListpackValue: 64, zsetMaxListpackEntries: 128,
  zsetMaxListpackValue: 64, listMaxListpackSize: -2, streamNodeMaxBytes: 4096, streamNodeMaxEntries: 100, hllSparseMaxBytes: 3000,
};

/** An independent copy; a string is immutable. */
export const copyValue = (value: Value): Value => (typeof value === 'string' ? value : value.copy());

export const valueDigestLo = (value: Value): number =>
  typeof value === 'string' ? laneLo(value) : value.digestLo;

export const valueDigestHi = (value: Value): number =>
  typeof value === 'string' ? laneHi(value) : value.digestHi;
