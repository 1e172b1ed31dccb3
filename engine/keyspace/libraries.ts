/**
 * The code of function libraries, as snapshots and files keep it. Who runs functions stands above; the keyspace only holds the list, since
 * libraries go where the data go. Source: rdbSaveFunctions in rdb.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';

export interface LibraryCodes {
  /** The source of each library, in the order in which they were loaded. */
  codes(): readonly Bytes[];
  /** These take the place of all that there are. A text: why one of them cannot. */
  replaceAll(codes: readonly Bytes[]): string | null;
}

export const NO_LIBRARIES: LibraryCodes = { codes: () => [], replaceAll: () => null };
