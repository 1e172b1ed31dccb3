/**
 * The part of an illegal history that is enough to refute it, for people to read: first the shortest beginning, then without
 * whatever can be left out, in ever smaller pieces.
 *
 * Always holds: what comes out is illegal, and soundly so: whoever finds an order for the whole has one for every such part.
 */
import { type Micros, micros } from '../../../engine/index.ts';
import type { Call } from '../../client/call.ts';
import { type Model, byInvocation, isOk } from './model.ts';
import { search } from './search.ts';

/** Calls tried in all, and for one part. */
const STEPS_MAX = 3_000_000;
const PART_BUDGET = { steps: 300_000, states: 60_000 } as const;

/** `calls` are illegal. By invocation. */
export const refute = (model: Model, calls: readonly Call[]): readonly Call[] => new Refutation(model, calls).run();

class Refutation {
  private model: Model;
  private part: readonly Call[];
  private steps = 0;

  constructor(model: Model, calls: readonly Call[]) {
    this.model = model;
    this.part = [...model.essential(calls)].sort(byInvocation);
  }

  run(): readonly Call[] {
    this.shorten();
    const weaker = this.model.weaker(this.part);
    if (weaker !== null && this.isIllegal(this.part, weaker)) this.model = weaker;
    let size = Math.ceil(this.part.length / 2);
    while (size >= 1) {
      const isSmaller = this.thin(size);
      if (!isSmaller || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2);
      if (this.steps > STEPS_MAX) break;
    }
    return this.part;
  }

  /** The shortest beginning that is illegal already. A longer one is no better. */
  private shorten(): void {
    const ends = [...new Set(this.part.filter(isOk).map(({ completedAt }) => completedAt as Micros))].sort((left, right) => left - right);
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.isIllegal(beginning(this.part, ends[middle] as Micros), this.model)) high = middle;
      else low = middle + 1;
    }
    const cut = ends[low];
    if (cut === undefined) return;
    const begun = this.model.essential(beginning(this.part, cut));
    if (this.isIllegal(begun, this.model)) this.part = begun;
  }

  /** Leaves out what it can, `size` calls at a time. True: something went. */
  private thin(size: number): boolean {
    const before = this.part;
    for (let from = 0; from < this.part.length && this.steps <= STEPS_MAX;) {
      const smaller = this.model.without(this.part, new Set(this.part.slice(from, from + size)));
      if (smaller.length < this.part.length && this.isIllegal(smaller, this.model)) this.part = smaller;
      else from += size;
    }
    return this.part !== before;
  }

  private isIllegal(calls: readonly Call[], model: Model): boolean {
    const { verdict, steps } = search(model, calls, PART_BUDGET);
    this.steps += steps;
    return verdict === 'illegal';
  }
}

/** What was known at that time: later answers had not come yet. */
const beginning = (calls: readonly Call[], at: number): readonly Call[] => calls.flatMap((call): readonly Call[] => {
  if (call.invokedAt > at) return [];
  if (!isOk(call) || (call.completedAt ?? Infinity) <= at) return [call];
  return [{ ...call, outcome: 'unknown', completedAt: micros(call.completedAt ?? 0), result: call.what === 'cas' ? call.result : null }];
});
