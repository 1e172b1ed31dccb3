/** Faults and actions of the plan as spans: from the strike to its end, with what they stood on. */
import type { StrikeReport } from '../../sim/report.ts';
import type { RunReport } from '../../sim/report.ts';
import { KIND } from '../../sim/time/kinds.ts';
import { findKind } from '../../sim/fault/kinds.ts';
import { NONE, type Recording } from './recording.ts';

export interface FaultSpan {
  /** Place in the plan. */
  readonly ordinal: number;
  readonly kind: string;
  readonly isAction: boolean;
  /** Names that the target resolved to; of a partition every machine of it. */
  readonly names: readonly string[];
  /** Sides of a partition, as names of machines; empty for all others. */
  readonly groups: readonly (readonly string[])[];
  readonly isOneWay: boolean;
  /** Virtual microseconds; equal for what lasts no time. */
  readonly from: number;
  readonly to: number;
  readonly row: number;
  readonly outcome: string;
}

/** Values of `b` in the records of plan entries: see `sim/fault/planRunner.ts`. */
const STRUCK = 1;
const ENDED = 2;
/** What lasts until something else undoes it: these are not drawn as spans. */
const INSTANT: readonly string[] = ['kill', 'clockJump', 'bitRot', 'heal'];

export const buildFaults = (recording: Recording, { strikes }: RunReport): readonly FaultSpan[] => {
  const begun = new Map<number, number>();
  const ended = new Map<number, number>();
  for (let row = 0; row < recording.count; row++) {
    const kind = recording.rows.kind[row];
    if (kind !== KIND.fault && kind !== KIND.action) continue;
    const ordinal = recording.rows.a[row] as number;
    if (recording.rows.b[row] === STRUCK) begun.set(ordinal, row);
    else if (recording.rows.b[row] === ENDED) ended.set(ordinal, row);
  }
  return strikes.flatMap((strike, ordinal) => {
    const row = begun.get(ordinal);
    return row === undefined ? [] : [spanOf(strike, ordinal, row, ended.get(ordinal) ?? NONE, recording)];
  });
};

const spanOf = (
  { entry, resolved, outcome }: StrikeReport, ordinal: number, row: number, endRow: number, recording: Recording,
): FaultSpan => {
  const from = recording.rows.at[row] as number;
  const isAction = findKind(entry.do)?.isFault === false;
  const isInstant = isAction || INSTANT.includes(entry.do);
  const groups = entry.do === 'partition' ? (resolved ?? '').split(' | ').map((side) => side.split(' ')) : [];
  return {
    ordinal, kind: entry.do, isAction, names: groups.length > 0 ? groups.flat() : (resolved ?? '').split(' '), groups,
    isOneWay: entry.with?.['oneWay'] === true, from,
    to: endRow !== NONE ? recording.rows.at[endRow] as number : isInstant ? from : recording.endAt, row, outcome,
  };
};
