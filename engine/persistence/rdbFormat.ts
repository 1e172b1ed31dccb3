/** Constants of the RDB file format, version 10. Source: rdb.h of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';

export const RDB_VERSION = 10;
/** The newest version that is read; 11 is what Redis 7.2 writes. */
export const RDB_VERSION_READ_MAX = 11;
export const RDB_MAGIC = 'REDIS';

export const OPCODE_FUNCTION2 = 245;
export const OPCODE_FUNCTION_PRE_GA = 246;
export const OPCODE_MODULE_AUX = 247;
export const OPCODE_IDLE = 248;
export const OPCODE_FREQ = 249;
export const OPCODE_AUX = 250;
export const OPCODE_RESIZE_DB = 251;
export const OPCODE_EXPIRE_MS = 252;
export const OPCODE_EXPIRE_SECONDS = 253;
export const OPCODE_SELECT_DB = 254;
export const OPCODE_EOF = 255;

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_ZSET_2 = 5;
export const TYPE_HASH_ZIPMAP = 9;
export const TYPE_LIST_ZIPLIST = 10;
export const TYPE_SET_INTSET = 11;
export const TYPE_ZSET_ZIPLIST = 12;
export const TYPE_HASH_ZIPLIST = 13;
export const TYPE_LIST_QUICKLIST = 14;
export const TYPE_STREAM_LISTPACKS = 15;
export const TYPE_HASH_LISTPACK = 16;
export const TYPE_ZSET_LISTPACK = 17;
export const TYPE_LIST_QUICKLIST_2 = 18;
export const TYPE_STREAM_LISTPACKS_2 = 19;
/** From version 11 on. */
export const TYPE_SET_LISTPACK = 20;
export const TYPE_STREAM_LISTPACKS_3 = 21;

/** Types that are known but not built, by what they hold. */
export const TYPES_NOT_BUILT: ReadonlyMap<number, string> = new Map([[6, 'module data'], [7, 'module data']]);

/** How a node of a quicklist stands in the file. */
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;

/** Flags of an entry in a stream's listpack. */
export const STREAM_ENTRY_DELETED = 1;
export const STREAM_ENTRY_SAME_FIELDS = 2;

export const LENGTH_6_BIT = 0;
export const LENGTH_14_BIT = 1;
export const LENGTH_32_BIT = 0x80;
export const LENGTH_64_BIT = 0x81;
export const LENGTH_ENCODED = 3;

export const ENCODED_INT8 = 0;
export const ENCODED_INT16 = 1;
export const ENCODED_INT32 = 2;
export const ENCODED_LZF = 3;

/** Auxiliary fields of ours, which Redis passes over as it does all that it does not know. */
export const AUX_NOTE_ID = 'faultline-id';
export const AUX_NOTE_POSITION = 'faultline-position';

/** What a snapshot says of the replication history it was taken from. */
export interface ReplicationInfo {
  readonly id: Bytes;
  readonly offset: number;
  /** The database that the stream had selected; -1 where that is not known. */
  readonly streamDatabase: number;
}

/** What of a data set a snapshot holds. */
export interface SnapshotParts {
  readonly hasKeys: boolean;
  readonly hasFunctions: boolean;
}

export const WHOLE: SnapshotParts = { hasKeys: true, hasFunctions: true };

export const areSameParts = (left: SnapshotParts, right: SnapshotParts): boolean =>
  left.hasKeys === right.hasKeys && left.hasFunctions === right.hasFunctions;
