/**
 * What a sequential object is to the linearizability checker: a state, what each call makes of it, and which calls a history can
 * do without. `models.ts` has the five.
 *
 * Always holds: `essential` and `without` are sound: a history that is legal stays legal when they take something away, so what is
 * refuted after them was refuted before.
 */
import type { Call, DataModel } from '../../client/call.ts';

export interface Model {
  readonly name: DataModel;
  readonly initial: string;
  /** The state after the call; null: it cannot have answered so in this state. Of an open call no answer is known. */
  step(state: string, call: Call): string | null;
  /** Without calls that were not executed, open ones that change nothing, and those that nobody noticed. */
  essential(calls: readonly Call[]): readonly Call[];
  /** Open calls of equal name are interchangeable: the earlier one may as well come first. Null: this one is like no other. */
  alike(call: Call): string | null;
  /** Whether one call that is over can only come after another one, as far as later answers tell; null: nothing is known. */
  order(calls: readonly Call[]): ((later: Call, earlier: Call) => boolean) | null;
  /** A model that permits more and can do without more calls, if it is one for this history: refutations are looked for in it first. */
  weaker(calls: readonly Call[]): Model | null;
  /** The history without those of `victims` that can be left out, and what must go with them. Results may be cut down too. */
  without(calls: readonly Call[], victims: ReadonlySet<Call>): readonly Call[];
}

/** Its answer came, and said that it was executed. */
export const isOk = ({ outcome }: Call): boolean => outcome === 'ok';

/** It may take effect at any time from its invocation on, or never. */
export const isOpen = ({ outcome }: Call): boolean => outcome === 'unknown' || outcome === 'pending';

/** When a call has surely taken effect, if ever. */
export const endOf = (call: Call): number => (call.outcome === 'ok' ? call.completedAt ?? Infinity : Infinity);

/** One call was answered before the other was asked. */
export const isBefore = (first: Call, second: Call): boolean => endOf(first) < second.invokedAt;

export const byInvocation = (left: Call, right: Call): number => left.invokedAt - right.invokedAt || left.index - right.index;

/** In the order in which each name first comes; what has none is left out. */
export const grouped = <Name, Item>(items: readonly Item[], nameOf: (item: Item) => Name | undefined): ReadonlyMap<Name, readonly Item[]> => {
  const groups = new Map<Name, Item[]>();
  for (const item of items) {
    const name = nameOf(item);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
};
