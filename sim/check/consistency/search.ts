/**
 * The search for an order in which all calls of one key make sense: each call takes effect at one instant between its invocation
 * and its answer; an open one at any instant from its invocation on, or never.
 *
 * Depth first over (set of calls done, state), each visited once. The set is named by the first call that is not done, the few
 * beyond it that are, and the open calls taken. Two things save most of the work and lose no order: a call that fits and leaves the
 * state as it is comes at once, and of open calls that are alike the earlier one comes first.
 *
 * Always holds: the budget counts steps and states, never time; the same calls in any order give the same verdict.
 * Sources: Wing and Gong, "Testing and Verifying Concurrent Objects" (1993); Lowe, "Testing for Linearizability" (2017).
 */
import type { Call } from '../../client/call.ts';
import { type Model, byInvocation, endOf, isOk, isOpen } from './model.ts';

export interface SearchBudget {
  /** Calls tried in all. */
  readonly steps: number;
  /** Positions remembered. */
  readonly states: number;
}

export const BUDGET: SearchBudget = { steps: 600_000, states: 250_000 };

export type SearchVerdict = 'ok' | 'illegal' | 'unknown';

export interface SearchResult {
  readonly verdict: SearchVerdict;
  readonly steps: number;
  readonly states: number;
}

/** `calls` of one key, in any order. */
export const search = (model: Model, calls: readonly Call[], budget: SearchBudget = BUDGET): SearchResult =>
  new Search(model, [...model.essential(calls)].sort(byInvocation), budget).run();

/** What was done at one depth: enough to undo it, and to go on behind it. */
interface Frame {
  /** Place of the call: those that are over first, then the open ones. */
  readonly place: number;
  readonly state: string;
  /** No other order need be tried from here. */
  readonly isCertain: boolean;
}

class Search {
  private readonly model: Model;
  private readonly budget: SearchBudget;
  /** By invocation: calls that are over, then open ones. */
  private readonly calls: readonly Call[];
  private readonly ends: readonly number[];
  /** How many are over. */
  private readonly over: number;
  private readonly isDone: boolean[];
  /** For open calls: the place of the one before it that is alike; -1: there is none. */
  private readonly before: readonly number[];
  /** The first call that is over and not done. */
  private low = 0;
  private readonly seen: Set<string> = new Set();
  private readonly follows: ((later: Call, earlier: Call) => boolean) | null;
  private steps = 0;

  constructor(model: Model, sorted: readonly Call[], budget: SearchBudget) {
    this.model = model;
    this.budget = budget;
    const over = sorted.filter(isOk);
    const open = sorted.filter(isOpen);
    this.calls = [...over, ...open];
    this.ends = this.calls.map(endOf);
    this.over = over.length;
    this.isDone = this.calls.map(() => false);
    this.before = beforeOf(model, this.calls, over.length);
    this.follows = model.order(this.calls);
  }

  run(): SearchResult {
    const stack: Frame[] = [];
    let state = this.model.initial;
    let from = 0;
    for (;;) {
      if (this.low === this.over) return this.result('ok');
      const found = this.next(state, from);
      if (this.steps > this.budget.steps || this.seen.size > this.budget.states) return this.result('unknown');
      if (found !== null) {
        const { place, state: after } = found;
        stack.push({ place, state, isCertain: place < this.over && after === state });
        state = after;
        from = 0;
        continue;
      }
      let frame = stack.pop();
      while (frame !== undefined) {
        this.undo(frame.place);
        if (!frame.isCertain) break;
        frame = stack.pop();
      }
      if (frame === undefined) return this.result('illegal');
      state = frame.state;
      from = frame.place + 1;
    }
  }

  private result(verdict: SearchVerdict): SearchResult {
    return { verdict, steps: this.steps, states: this.seen.size };
  }

  /** Does the next call, from that place on, that may come now, makes sense, and leads somewhere new. */
  private next(state: string, from: number): { readonly place: number; readonly state: string } | null {
    const limit = this.limit();
    for (let place = from; place < this.calls.length; place++) {
      const call = this.calls[place] as Call;
      if (call.invokedAt > limit) {
        if (place >= this.over) return null;
        place = this.over - 1;
        continue;
      }
      if (this.isDone[place] === true || place < this.low) continue;
      const before = this.before[place] as number;
      if (before >= 0 && this.isDone[before] === false) continue;
      this.steps++;
      if (this.mustWait(call, place, limit)) continue;
      const after = this.model.step(state, call);
      if (after === null || (place >= this.over && after === state)) continue;
      this.do(place);
      const name = this.name(after);
      if (!this.seen.has(name)) {
        this.seen.add(name);
        return { place, state: after };
      }
      this.undo(place);
    }
    return null;
  }

  /** The first answer to a call that is not done: what was asked later cannot come yet. */
  private limit(): number {
    let limit = Infinity;
    for (let place = this.low; place < this.over; place++) {
      if ((this.calls[place] as Call).invokedAt > limit) break;
      if (this.isDone[place] === false) limit = Math.min(limit, this.ends[place] as number);
    }
    return limit;
  }

  /** Another call that may come now must come before this one. */
  private mustWait(call: Call, place: number, limit: number): boolean {
    const { follows, calls } = this;
    if (follows === null || place >= this.over) return false;
    for (let other = this.low; other < this.over; other++) {
      const earlier = calls[other] as Call;
      if (earlier.invokedAt > limit) return false;
      if (other !== place && this.isDone[other] === false && follows(call, earlier)) return true;
    }
    return false;
  }

  private do(place: number): void {
    this.isDone[place] = true;
    while (this.low < this.over && this.isDone[this.low] === true) this.low++;
  }

  private undo(place: number): void {
    this.isDone[place] = false;
    if (place < this.low) this.low = place;
  }

  private name(state: string): string {
    const { low, over, calls, isDone } = this;
    let name = `${low}`;
    const end = this.ends[low] ?? Infinity;
    for (let place = low + 1; place < over && (calls[place] as Call).invokedAt <= end; place++) {
      if (isDone[place] === true) name += `,${place - low}`;
    }
    for (let place = over; place < calls.length; place++) if (isDone[place] === true) name += `;${place - over}`;
    return `${name}|${state}`;
  }
}

const beforeOf = (model: Model, calls: readonly Call[], over: number): readonly number[] => {
  const last = new Map<string, number>();
  return calls.map((call, place) => {
    const alike = place < over ? null : model.alike(call);
    if (alike === null) return -1;
    const before = last.get(alike) ?? -1;
    last.set(alike, place);
    return before;
  });
};
