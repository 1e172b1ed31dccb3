/** Two runs fail in the same way when check and cause are equal, whatever the names, places and numbers. */
import { describe, expect, test } from 'vitest';
import { failureClasses } from '../../../../sim/explore/failureClass.ts';
import type { LostWrite, VerdictReport } from '../../../../sim/report.ts';
import { reportWith } from './reports.ts';

const violated = (name: string, detail: string, event?: number): VerdictReport =>
  ({ name, verdict: 'violated', expected: null, detail, ...(event === undefined ? {} : { event }) });

const classesOf = (verdicts: readonly VerdictReport[], more: Parameters<typeof reportWith>[1] = {}): ReturnType<typeof failureClasses> =>
  failureClasses(reportWith(verdicts.map(({ name, detail }) => `${name}: violated (${detail})`), { verdicts, ...more }));

describe('failureClasses', () => {
  test('names, places, identifiers and how many more do not count', () => {
    const first = classesOf([violated('history-prefix', 'n1 applied 80f0b629:4348, which its primary never produced', 7)]);
    const second = classesOf([violated('history-prefix', 'n3 applied fc1fdc9d:1, which its primary never produced (and 2 more)', 9)]);
    expect(first).toEqual([{ check: 'history-prefix', cause: '* applied *, which its primary never produced' }]);
    expect(second).toEqual(first);
  });

  test('lists of names are as long as they are', () => {
    const cause = (detail: string): string | undefined => classesOf([violated('convergence', detail)])[0]?.cause;
    expect(cause('n1, n2 and n3 differ; n1 is dead')).toBe('* differ');
    expect(cause('n1 differ')).toBe('* differ');
    expect(cause('redis-main and nobody differ')).not.toBe('* differ');
  });

  test('what was violated first comes first, what can be blamed on the plan last', () => {
    const report = reportWith(
      ["plan entry 'kill' was not exercised: its time never came", 'convergence: violated (apart)', 'late: violated (x)', 'early: violated (y)'],
      { verdicts: [violated('convergence', 'apart'), violated('late', 'x', 90), violated('early', 'y', 12)] });
    expect(failureClasses(report).map(({ check }) => check)).toEqual(['early', 'late', 'convergence', 'plan']);
  });

  test('a bug of the ledger by its cause, one class for each', () => {
    const lost = (cause: string, permitted: boolean): LostWrite =>
      ({ client: 'C1', operation: 'x', invokedMs: 0, acknowledgedMs: 0, position: null, acknowledgedBy: null, permitted, cause, chain: [] });
    const ledger = { ...reportWith([]).ledger, bugs: 2, lost: 3, lostWrites: [lost('b', false), lost('a', false), lost('c', true)] };
    expect(classesOf([violated('ledger-no-bugs', '2 lost')], { ledger })).toEqual([
      { check: 'ledger-no-bugs', cause: 'bug: a' }, { check: 'ledger-no-bugs', cause: 'bug: b' }]);
    const bound = failureClasses(reportWith(['lost writes: 9, expected 0 to 3'], { ledger: { ...ledger, lostWrites: [lost('c', true)] } }));
    expect(bound).toEqual([{ check: 'lost writes', cause: 'more than expected: mostly c, permitted' }]);
  });

  test('bounds say on which side', () => {
    expect(failureClasses(reportWith(['unavailable ms: 9, expected 10 to any', 'failovers: 3, expected 0 to 1']))).toEqual([
      { check: 'unavailable ms', cause: 'fewer than expected' }, { check: 'failovers', cause: 'more than expected' }]);
  });
});
