/**
 * In which way a run failed: the check, and the class of its cause. Two runs fail in the same way when these are equal: names,
 * numbers and places of one run do not count, since the same failure has others in the next one.
 */
import type { RunReport, VerdictReport } from '../report.ts';

export interface FailureClass {
  /** A check, the name of a bound (`lost writes`), or `plan` for an entry that struck nobody. */
  readonly check: string;
  readonly cause: string;
}

export const sameFailure = (left: FailureClass, right: FailureClass): boolean =>
  left.check === right.check && left.cause === right.cause;

/** The check of a run that ended in an error of our own. */
export const INTERNAL_CHECK = 'internal-error';

/** The class of an error that ended a run. */
export const errorClass = (error: unknown): FailureClass =>
  ({ check: INTERNAL_CHECK, cause: messageOf(error).replace(/\d+/g, '*').slice(0, CAUSE_LENGTH_MAX) });

/** An error's class and message, in one line. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replace(/\s*\n\s*/g, ' ');

/** The check that stands for entries of the plan that struck nobody. */
export const PLAN_CHECK = 'plan';
const LEDGER_CHECK = 'ledger-no-bugs';
const CAUSE_LENGTH_MAX = 160;
const LOSS_BOUNDS: readonly string[] = ['lost writes', 'lost writes that WAIT had acknowledged'];

/**
 * Every way in which the run failed, each once. First what was violated first, as far as checks can say when; so the first one is
 * nearest to the root. Then the others in the order of the report; what the plan did not exercise comes last.
 */
export const failureClasses = (report: RunReport): readonly FailureClass[] => {
  const found = report.failures.flatMap((text, order) => {
    const verdict = verdictOf(report, text);
    const rank = verdict?.verdict === 'violated' && verdict.event !== undefined ? verdict.event : Number.MAX_SAFE_INTEGER;
    return classesOf(report, text, verdict).map((failure) => ({ failure, order, rank, isPlan: failure.check === PLAN_CHECK }));
  });
  found.sort((left, right) => Number(left.isPlan) - Number(right.isPlan) || left.rank - right.rank || left.order - right.order);
  const distinct: FailureClass[] = [];
  for (const { failure } of found) if (!distinct.some((known) => sameFailure(known, failure))) distinct.push(failure);
  return distinct;
};

/** The verdict that a line of `failures` is about. */
const verdictOf = ({ verdicts }: RunReport, text: string): VerdictReport | undefined =>
  verdicts.find(({ name, verdict }) => text.startsWith(`${name}: ${verdict}`));

const classesOf = (report: RunReport, text: string, verdict: VerdictReport | undefined): readonly FailureClass[] => {
  if (verdict !== undefined) {
    const { name: check } = verdict;
    if (check === LEDGER_CHECK && report.ledger.bugs > 0) {
      const bugs = new Set(report.ledger.lostWrites.filter(({ permitted }) => !permitted).map(({ cause }) => cause));
      return [...bugs].sort().map((cause) => ({ check, cause: `bug: ${cause}` }));
    }
    const what = withoutNames(verdict.detail, report);
    return [{ check, cause: verdict.verdict === 'violated' ? what : `${verdict.verdict}: ${what}` }];
  }
  const bound = /^([^:]+): (\d+), expected (\d+) to /.exec(text);
  if (bound !== null) {
    const check = bound[1] as string;
    const side = Number(bound[2]) < Number(bound[3]) ? 'fewer than expected' : 'more than expected';
    return [{ check, cause: LOSS_BOUNDS.includes(check) ? `${side}${mostOf(report)}` : side }];
  }
  const entry = /^plan entry '([^']+)'/.exec(text);
  if (entry !== null) return [{ check: PLAN_CHECK, cause: `${entry[1] as string} was not exercised` }];
  return [{ check: 'scenario', cause: withoutNames(text, report) }];
};

/** Why most of the lost writes were lost, and whether a rule permits it. */
const mostOf = ({ ledger }: RunReport): string => {
  const counts = new Map<string, number>();
  for (const { cause, permitted } of ledger.lostWrites) {
    const name = `${cause}, ${permitted ? 'permitted' : 'a bug'}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([left, first], [right, second]) => second - first || (left < right ? -1 : 1));
  return most === undefined ? '' : `: mostly ${most[0]}`;
};

/** The first thing that the detail says, with `*` for whatever is a name, a number, an identifier, a place or a list of these. */
const withoutNames = (detail: string, report: RunReport): string => {
  const names = [...report.nodes, ...(report.sentinels ?? [])].map(({ name }) => name)
    .sort((left, right) => right.length - left.length);
  let text = detail.replace(/ \(and \d+ more\)$/, '').split('; ')[0] ?? '';
  for (const name of names) text = text.split(new RegExp(`(?<![\\w.:-])${name.replaceAll('.', '\\.')}(?![\\w-])`)).join('*');
  return text.replace(/[\w.:+-]*\d[\w.:+-]*/g, '*').replace(/\*(?:(?:, | and | )\*)+/g, '*').slice(0, CAUSE_LENGTH_MAX);
};
