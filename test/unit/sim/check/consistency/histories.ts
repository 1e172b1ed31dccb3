/** Histories by hand for the tests of the consistency checkers, and the plainest checker there is to hold the others against. */
import { NO_CAUSE, bytes, micros } from '../../../../../engine/index.ts';
import type { Model } from '../../../../../sim/check/consistency/model.ts';
import type { Call, CallKind, CallResult, DataModel } from '../../../../../sim/client/call.ts';

export interface Line {
  readonly client?: string;
  readonly key?: string;
  readonly model: DataModel;
  readonly what: CallKind;
  readonly argument?: string | null;
  readonly result?: string | readonly string[] | null;
  readonly from: number;
  /** Null: no answer came. */
  readonly to: number | null;
  readonly outcome?: Call['outcome'];
  readonly leaseMs?: number;
}

export const resultOf = (result: Line['result']): CallResult => {
  if (result === undefined || result === null) return null;
  return typeof result === 'string' ? bytes(result) : result.map((item) => bytes(item));
};

export const callsOf = (lines: readonly Line[]): readonly Call[] => lines.map((line, index) => ({
  index, client: line.client ?? `C${index}`, process: 1, key: bytes(line.key ?? 'k'), model: line.model, what: line.what,
  argument: line.argument === undefined || line.argument === null ? null : bytes(line.argument), leaseMs: line.leaseMs ?? 0,
  invokedAt: micros(line.from), completedAt: line.to === null ? null : micros(line.to),
  outcome: line.outcome ?? (line.to === null ? 'unknown' : 'ok'), result: resultOf(line.result), completedBy: NO_CAUSE,
}));

/** Tries every order of every choice of open calls. For a handful of calls only. */
export const isLinearizable = (model: Model, calls: readonly Call[]): boolean => {
  const end = (call: Call): number => (call.outcome === 'ok' ? call.completedAt ?? Infinity : Infinity);
  const visit = (state: string, left: readonly Call[]): boolean => {
    if (left.every(({ outcome }) => outcome !== 'ok')) return true;
    const first = Math.min(...left.filter(({ outcome }) => outcome === 'ok').map(end));
    return left.some((call) => {
      if (call.invokedAt > first || call.outcome === 'failed') return false;
      // An open read, and an open call that changes nothing, need not be.
      if (call.outcome !== 'ok' && call.what === 'read') return false;
      const after = model.step(state, call);
      return after !== null && visit(after, left.filter((other) => other !== call));
    });
  };
  return visit(model.initial, calls);
};
