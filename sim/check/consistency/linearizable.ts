/**
 * The check `linearizable`: every key by itself, with what was found in the end as one more read. An asynchronous failover does not
 * keep it, so it judges only where a scenario names it.
 */
import { type Call, describeCall, describeResult } from '../../client/call.ts';
import type { History } from '../../client/history.ts';
import type { Check, CheckResult } from '../check.ts';
import { Findings } from './findings.ts';
import { type KeyHistory, keyHistories } from './keyHistories.ts';
import { judge } from './linearizability.ts';
import { isOk } from './model.ts';
import { modelOf } from './models.ts';
import { BUDGET } from './search.ts';

/** Calls tried for all keys of a run together. */
const STEPS_MAX = 3_000_000;

export class Linearizable implements Check {
  readonly name = 'linearizable';
  readonly isSafety = false;
  private readonly history: History;

  constructor(history: History) {
    this.history = history;
  }

  finish(): CheckResult {
    const findings = new Findings();
    const undecided: string[] = [];
    let judged = 0;
    let steps = 0;
    for (const { key, model, calls } of keyHistories(this.history).filter(isTelling)) {
      const { verdict, refutation, steps: taken } = judge(
        modelOf(model), calls, { ...BUDGET, steps: Math.min(BUDGET.steps, STEPS_MAX - steps) });
      steps += taken;
      judged += calls.length;
      if (verdict === 'illegal') findings.add(`${key}: ${inWords(refutation, calls.length)}`, refutation);
      if (verdict === 'unknown') undecided.push(key);
    }
    const result = findings.result(judged, 'calls have an order that explains every answer');
    if (result.verdict !== 'holds' || undecided.length === 0) return result;
    return { verdict: 'unknown', detail: `gave up after ${steps} steps over ${undecided.join(', ')}`, comparisons: judged };
  }
}

/** Something was ever found there. */
const isTelling = ({ calls }: KeyHistory): boolean =>
  calls.some((call) => isOk(call) && call.what !== 'write' && call.what !== 'add' && call.what !== 'push');

const inWords = (refutation: readonly Call[], all: number): string => {
  const last = [...refutation].sort((left, right) => (left.completedAt ?? 0) - (right.completedAt ?? 0)).at(-1);
  const end = last === undefined || last.outcome !== 'ok' ? '' : `, as ${last.client} had ${describeResult(last.result)} for ${describeCall(last)}`;
  return `no order explains ${refutation.length} of its ${all} calls${end}`;
};
