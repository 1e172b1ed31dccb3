/** The figures of a run that lessons speak of, read from what the page is told of it; and whether a claim holds of them. */
import type { LessonClaim, LessonFigure } from '../../scenarios/lessons/lesson.ts';
import type { RunView } from './theatre.ts';

type Figured = Pick<RunView, 'report' | 'moments' | 'names'>;

/** What became of a failover that came to its end: see `FailoverReport` and `ClusterFailoverReport`. */
const SUCCEEDED: readonly string[] = ['switched', 'serves'];

/** A count, virtual ms for `unavailable`, or a name for `chosen`; null there: nobody was promoted. */
export const figureOf = ({ report, moments, names }: Figured, figure: LessonFigure): number | string | null => {
  const succeeded = (report.failovers ?? []).filter(({ outcome }) => SUCCEEDED.includes(outcome));
  switch (figure) {
    case 'acknowledged': return report.ledger.acknowledged;
    case 'lost': return report.ledger.lost;
    case 'waitedLost': return report.ledger.waited.lost;
    case 'unavailable': return report.unavailableMs;
    case 'odown': return moments.filter(({ kind, label }) => kind === 'odown' && label.startsWith('+')).length;
    case 'leaders': return moments.filter(({ kind }) => kind === 'leader').length;
    case 'failovers': return succeeded.length;
    case 'chosen': {
      const last = succeeded.at(-1);
      if (last === undefined) return null;
      const place = 'sentinel' in last ? last.chosen : last.replica;
      return names.find(([known]) => known === place)?.[1] ?? place;
    }
  }
};

export const claimHolds = (run: Figured, { figure, min, max, is }: LessonClaim): boolean => {
  const value = figureOf(run, figure);
  if (is !== undefined) return value === is;
  return typeof value === 'number' && value >= (min ?? 0) && (max === undefined || value <= max);
};
