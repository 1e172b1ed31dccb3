/**
 * `REPLCONF rdb-only` and `rdb-filter-only`: who asks for a snapshot may want nothing else, and only parts of it; redis-cli does.
 * Source: replication.c of Redis 7.0 (replconfCommand).
 */
import type { Bytes } from '../core/bytes.ts';
import type { SnapshotParts } from '../persistence/rdbFormat.ts';
import { type Reply, error } from '../protocol/reply.ts';
import { splitArguments } from '../protocol/splitArguments.ts';

/** Nothing is in the snapshot but what the value names. */
export const filteredParts = (value: Bytes): SnapshotParts | { readonly problem: string } => {
  const names = splitArguments(value);
  if (names === null) return { problem: 'ERR Missing rdb-filter-only values' };
  for (const name of names) {
    if (name.toLowerCase() !== 'functions') return { problem: `ERR Unsupported rdb-filter-only option: ${name}` };
  }
  return { hasKeys: false, hasFunctions: names.length > 0 };
};

/** What is said to a value that is neither 0 nor 1. */
export const refusedSwitch = (value: Bytes): Reply => error(/^-?[1-9][0-9]{0,17}$/.test(value)
  ? 'ERR value is out of range, value must between 0 and 1' : 'ERR value is not an integer or out of range');
