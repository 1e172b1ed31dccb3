/**
 * Is there one order of all calls to a key, each at an instant between its invocation and its answer, in which every answer is
 * right? `ok`, `illegal` with a small part that shows it, or `unknown` when the budget is used up.
 *
 *     judge(registerModel, calls)    // { verdict: 'illegal', refutation: [write a, write b, read a], … }
 *
 * Always holds: it does not depend on the order in which calls are given, nor on the time it takes. See `search.ts` for the search,
 * `fastPaths.ts` for what needs none, `refute.ts` for the part that is shown, `models.ts` for what keys can be.
 */
import type { Call } from '../../client/call.ts';
import { decideFast } from './fastPaths.ts';
import type { Model } from './model.ts';
import { refute } from './refute.ts';
import { type SearchBudget, type SearchVerdict, search } from './search.ts';

export interface Judgement {
  readonly verdict: SearchVerdict;
  /** Calls that have no such order, by invocation; none unless it is illegal. Results may be cut down to what matters. */
  readonly refutation: readonly Call[];
  /** What the search took; 0: it was not needed. */
  readonly steps: number;
  readonly states: number;
}

/** `calls` of one key that started as the model's initial state. */
export const judge = (model: Model, calls: readonly Call[], budget?: SearchBudget): Judgement => {
  const fast = decideFast(model.essential(calls));
  if (fast !== null) {
    return { verdict: fast.length === 0 ? 'ok' : 'illegal', refutation: fast.length === 0 ? [] : refute(model, fast), steps: 0, states: 0 };
  }
  const { verdict, steps, states } = search(model, calls, budget);
  return { verdict, refutation: verdict === 'illegal' ? refute(model, calls) : [], steps, states };
};
