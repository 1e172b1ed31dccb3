/**
 * Annotations: lines of an append-only file that begin with `#`, which Redis passes over when it loads.
 *
 *     #TS:<unix seconds>        Redis's own, with aof-timestamp-enabled
 *     #FL:<id>:<position>       ours, in worlds that read notes: where in the tree of histories the unit behind it ends
 *
 * A position stands before its unit, so that a file cut anywhere never claims more than it holds.
 * Source: aof.c of Redis 7.0 (genAofTimestampAnnotationIfNeeded), for the form.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { NotePosition } from './snapshotSaver.ts';

export const timestampAnnotation = (unixSeconds: number): Bytes => bytes(`#TS:${unixSeconds}\r\n`);

export const positionAnnotation = (at: NotePosition): Bytes => bytes(`#FL:${at.id}:${at.position}\r\n`);

/** The position of an annotation line; null for any other. */
export const parsePosition = (line: Bytes): NotePosition | null => {
  const fields = /^#FL:([0-9a-f]{40}):([0-9]{1,15})\r?$/.exec(line);
  return fields === null ? null : { id: bytes(fields[1] as string), position: Number(fields[2]) };
};
