/** The places of a run that a lesson speaks of: strikes of the plan, and records that match a pattern. Found by one walk. */
import type { LessonAnchor } from '../../scenarios/lessons/lesson.ts';
import type { EventPattern } from '../../sim/scenario.ts';
import type { TraceDetail } from '../../sim/trace/traceEvent.ts';
import { KIND } from '../../sim/time/kinds.ts';
import type { Recording } from './recording.ts';

export interface FoundAnchor {
  readonly row: number;
  /** Virtual microseconds. */
  readonly at: number;
  readonly node: string;
}

/** Value of `b` in the record of a plan entry that struck: see `sim/fault/planRunner.ts`. */
const STRUCK = 1;

/** One for each anchor; null where the run has no such place. */
export const findAnchors = (recording: Recording, anchors: readonly LessonAnchor[]): readonly (FoundAnchor | null)[] => {
  const found: (FoundAnchor | null)[] = anchors.map(() => null);
  const awaited = anchors.map((anchor) => ('strike' in anchor ? 1 : anchor.nth ?? 1));
  for (let row = 0; row < recording.count; row++) {
    anchors.forEach((anchor, index) => {
      if (awaited[index] === 0 || !isAt(recording, row, anchor)) return;
      awaited[index] = (awaited[index] as number) - 1;
      if (awaited[index] === 0) found[index] = { row, at: recording.rows.at[row] as number, node: recording.nodeName(row) };
    });
  }
  return found;
};

const isAt = (recording: Recording, row: number, anchor: LessonAnchor): boolean => {
  if (!('strike' in anchor)) return matches(recording, row, anchor.event);
  const kind = recording.rows.kind[row];
  return (kind === KIND.fault || kind === KIND.action) && recording.rows.a[row] === anchor.strike && recording.rows.b[row] === STRUCK;
};

/** `note.role` is a note of that kind, any other kind a record of it; fields are compared as text, as in a plan. */
const matches = (recording: Recording, row: number, { kind, node, fields = {} }: EventPattern): boolean => {
  const isNote = recording.rows.kind[row] === KIND.note;
  if (isNote ? kind !== `note.${recording.word(row)}` : kind !== recording.kindName(row)) return false;
  if (node !== undefined && node !== recording.nodeName(row)) return false;
  const detail = recording.detail(row);
  const said = isNote ? detail?.['note'] as TraceDetail | undefined : detail;
  return Object.entries(fields).every(([name, value]) => said !== undefined && said !== null && String(said[name]) === value);
};
