/**
 * How many entries of a stream came before an ID, where that can be told: the read counter and the lag of a group.
 * Source: t_stream.c of Redis 7.0 (streamRangeHasTombstones, streamEstimateDistanceFromFirstEverEntry, streamReplyWithCGLag),
 * for behaviour.
 */
import { ENTRIES_READ_UNKNOWN, type StreamGroup } from './streamGroup.ts';
import { type StreamId, type Wide, compareIds, difference, isZeroId, plusSigned } from './streamId.ts';
import type { StreamValue } from './streamValue.ts';

/** Whether XDEL took an entry from `start` on, as far as the stream remembers: it knows the highest only. */
export const hasTombstonesFrom = (stream: Readonly<StreamValue>, start: StreamId): boolean => {
  const { maxDeletedId } = stream;
  if (stream.size === 0 || isZeroId(maxDeletedId) || compareIds(stream.firstId, maxDeletedId) > 0) return false;
  return compareIds(start, maxDeletedId) <= 0;
};

/** The number of entries up to an ID, of all that were ever added; `ENTRIES_READ_UNKNOWN` where gaps make it a guess. */
export const entriesUpTo = (stream: Readonly<StreamValue>, id: StreamId): Wide => {
  const { entriesAdded, size, firstId, lastId, maxDeletedId } = stream;
  if (entriesAdded === 0) return 0;
  const toLast = compareIds(id, lastId);
  if (size === 0 && toLast <= 0) return entriesAdded;
  if (toLast === 0) return entriesAdded;
  if (toLast > 0) return ENTRIES_READ_UNKNOWN;
  if (!isZeroId(maxDeletedId) && compareIds(maxDeletedId, firstId) >= 0) return ENTRIES_READ_UNKNOWN;
  const toFirst = compareIds(id, firstId);
  if (toFirst > 0) return ENTRIES_READ_UNKNOWN;
  return plusSigned(entriesAdded, toFirst < 0 ? -size : 1 - size);
};

/** Entries that the group has not been given yet; null where that cannot be told. */
export const lagOf = (stream: Readonly<StreamValue>, group: Readonly<StreamGroup>): Wide | null => {
  if (stream.entriesAdded === 0) return 0;
  if (group.entriesRead !== ENTRIES_READ_UNKNOWN && !hasTombstonesFrom(stream, group.lastId)) {
    return difference(group.entriesRead, stream.entriesAdded);
  }
  const read = entriesUpTo(stream, group.lastId);
  return read === ENTRIES_READ_UNKNOWN ? null : difference(read, stream.entriesAdded);
};

/** The group has been given an entry: its place and its counter move on. */
export const advance = (stream: Readonly<StreamValue>, group: StreamGroup, id: StreamId): void => {
  if (group.entriesRead !== ENTRIES_READ_UNKNOWN && !hasTombstonesFrom(stream, id)) {
    group.entriesRead = plusSigned(group.entriesRead, 1);
  } else if (stream.entriesAdded !== 0) group.entriesRead = entriesUpTo(stream, id);
  group.lastId = id;
};
