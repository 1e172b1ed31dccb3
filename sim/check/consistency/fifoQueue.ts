/**
 * Queues of unique elements, decided without a search by the patterns that no queue shows: an element taken before it was put, or taken
 * twice; two elements put in one order and taken in the other; an answer that the queue was empty at a time when it cannot have been.
 * What lies there in the end is taken, one after the other, after everything else.
 *
 * An element that nobody is known to have taken may be the booty of a pop that was never answered. Which pop took which is a matter of
 * deadlines: whatever was put later and is known to be taken must not have gone before it. The earliest deadline gets the earliest pop,
 * which works out if anything does. Only where pops found nothing and others were never answered is a search needed.
 *
 * Always holds: the witness that comes back is illegal by itself.
 * Source: Henzinger, Sezgin and Vafeiadis, "Aspect-Oriented Linearizability Proofs" (2013), for the patterns.
 */
import type { Bytes } from '../../../engine/index.ts';
import type { Call } from '../../client/call.ts';
import { byInvocation, endOf, grouped, isOk, isOpen } from './model.ts';
import { elementOf, itemsOf } from './models.ts';

/** Later than any time of a run. */
const IN_THE_END = 2_251_799_813_685_248;

/** An element, who put it, and when it was taken: at least so late, and at most. */
interface Element {
  readonly push: Call;
  /** The pop, or the last read; null: nobody is known to have taken it. */
  readonly taker: Call | null;
  readonly takenFrom: number;
  readonly takenTo: number;
}

interface Deadline {
  readonly element: Element;
  readonly before: number;
  /** What was put later and taken then; null: nothing, but it does not lie there in the end. */
  readonly by: Element | null;
}

/** Calls that refute the history; none: it is linearizable. Null: this needs a search. */
export const decideQueue = (calls: readonly Call[]): readonly Call[] | null => {
  const pushes = grouped(calls, (call) => (call.what === 'push' ? call.argument ?? undefined : undefined));
  for (const sameElement of pushes.values()) if (sameElement.length > 1) return null;
  const reads = calls.filter((call) => call.what === 'read');
  const [last] = reads;
  if (reads.length > 1 || (last !== undefined && !calls.every((call) => call === last || isBeforeRead(call, last)))) return null;
  const pops = calls.filter((call) => call.what === 'pop' && isOk(call));
  const takers = grouped(pops, (call) => elementOf(call) ?? undefined);
  const impossible = takenWrongly(pushes, takers, last);
  if (impossible !== null) return impossible;
  const elements = elementsOf(pushes, takers, last);
  const taken = elements.filter(({ taker }) => taker !== null);
  const crossed = crossing(taken);
  if (crossed !== null) return crossed;
  const open = calls.filter((call) => call.what === 'pop' && isOpen(call)).sort(byInvocation);
  const assigned = assign(elements, taken, open, last);
  if ('refutation' in assigned) return assigned.refutation;
  for (const pop of pops) {
    const full = pop.result === null ? neverEmpty(pop, assigned.elements) : null;
    if (full !== null) return open.length > 0 ? null : full;
  }
  return [];
};

const isBeforeRead = (call: Call, read: Call): boolean => call.invokedAt < read.invokedAt && (!isOk(call) || endOf(call) < read.invokedAt);

const takenWrongly = (
  pushes: ReadonlyMap<Bytes, readonly Call[]>, takers: ReadonlyMap<Bytes, readonly Call[]>, last: Call | undefined,
): readonly Call[] | null => {
  for (const [element, [taker, second]] of takers) {
    const push = pushes.get(element)?.[0];
    if (taker === undefined) continue;
    if (push === undefined) return [taker];
    if (second !== undefined) return [push, taker, second];
    if (endOf(taker) < push.invokedAt) return [push, taker];
  }
  const left = new Set<Bytes>();
  for (const element of itemsOf(last?.result ?? null)) {
    const [push] = pushes.get(element) ?? [];
    const [taker] = takers.get(element) ?? [];
    if (last !== undefined && (push === undefined || left.has(element))) return push === undefined ? [last] : [push, last];
    if (last !== undefined && push !== undefined && taker !== undefined) return [push, taker, about(last, [element])];
    left.add(element);
  }
  return null;
};

/** A read as far as it is about these. */
const about = (read: Call, elements: readonly (Bytes | null)[]): Call => (
  { ...read, result: itemsOf(read.result).filter((item) => elements.includes(item)) });

const elementsOf = (
  pushes: ReadonlyMap<Bytes, readonly Call[]>, takers: ReadonlyMap<Bytes, readonly Call[]>, last: Call | undefined,
): readonly Element[] => {
  const places = new Map(itemsOf(last?.result ?? null).map((item, place) => [item, IN_THE_END + place]));
  return [...pushes].flatMap(([element, [push]]): readonly Element[] => {
    if (push === undefined) return [];
    const [taker] = takers.get(element) ?? [];
    if (taker !== undefined) return [{ push, taker, takenFrom: taker.invokedAt, takenTo: endOf(taker) }];
    const place = places.get(element);
    if (place !== undefined && last !== undefined) return [{ push, taker: last, takenFrom: place, takenTo: place }];
    return [{ push, taker: null, takenFrom: Infinity, takenTo: Infinity }];
  });
};

const callsOf = (...elements: readonly Element[]): readonly Call[] => {
  const items = elements.map(({ push }) => push.argument);
  const reads = elements.filter(({ taker }) => taker?.what === 'read').slice(0, 1).map(({ taker }) => about(taker as Call, items));
  return [...elements.map(({ push }) => push), ...elements.flatMap(({ taker }) => (taker === null || taker.what === 'read' ? [] : [taker])), ...reads];
};

/** For each element the elements that were put before it was, folded in the order of time. */
const eachWithEarlier = (elements: readonly Element[], put: readonly Element[], earlier: (one: Element) => void, visit: (one: Element) => void): void => {
  const over = [...put].sort((left, right) => endOf(left.push) - endOf(right.push));
  const begun = [...elements].sort((left, right) => left.push.invokedAt - right.push.invokedAt);
  let next = 0;
  for (const element of begun) {
    while (next < over.length && endOf((over[next] as Element).push) < element.push.invokedAt) earlier(over[next++] as Element);
    visit(element);
  }
};

/** Two elements put in one order and taken in the other. */
const crossing = (taken: readonly Element[]): readonly Call[] | null => {
  let latest: Element | null = null;
  let found: readonly Call[] | null = null;
  eachWithEarlier(taken, taken, (one) => {
    if (latest === null || one.takenFrom > latest.takenFrom) latest = one;
  }, (one) => {
    if (found === null && latest !== null && one.takenTo < latest.takenFrom) found = callsOf(latest, one);
  });
  return found;
};

/** Gives the elements that must have gone to pops that were never answered. */
const assign = (
  elements: readonly Element[], taken: readonly Element[], open: readonly Call[], last: Call | undefined,
): { readonly elements: readonly Element[] } | { readonly refutation: readonly Call[] } => {
  const deadlines = deadlinesOf(elements, taken, last);
  const pops = new Map<Element, Call>();
  for (const [place, { element, before }] of deadlines.entries()) {
    const pop = open[place];
    if (pop === undefined || pop.invokedAt > before) {
      const tight = deadlines.slice(0, place + 1);
      const read = last !== undefined && tight.some(({ by }) => by === null) ? [last] : [];
      const those = [...new Set(tight.flatMap((one) => (one.by === null ? [one.element] : [one.element, one.by])))];
      return { refutation: [...callsOf(...those).filter((call) => read.length === 0 || call.what !== 'read'),
        ...read.map((call) => about(call, those.map(({ push }) => push.argument))), ...open.filter((one) => one.invokedAt <= before)] };
    }
    pops.set(element, pop);
  }
  return { elements: elements.map((element) => {
    const pop = pops.get(element);
    return pop === undefined ? element : { ...element, taker: pop, takenFrom: pop.invokedAt };
  }) };
};

/** Elements that nobody is known to have taken and that cannot still be there, by deadline. */
const deadlinesOf = (elements: readonly Element[], taken: readonly Element[], last: Call | undefined): readonly Deadline[] => {
  const missing = new Set(elements.filter(({ taker }) => taker === null));
  const deadlines: Deadline[] = [];
  // From the last one put on: what was put after each, taken first.
  const begun = [...taken].sort((left, right) => right.push.invokedAt - left.push.invokedAt);
  let first: Element | null = null;
  let next = 0;
  for (const element of [...missing].sort((left, right) => endOf(right.push) - endOf(left.push))) {
    for (; next < begun.length && endOf(element.push) < (begun[next] as Element).push.invokedAt; next++) {
      const later = begun[next] as Element;
      if (first === null || later.takenTo < first.takenTo) first = later;
    }
    if (first !== null && first.takenTo < Infinity) deadlines.push({ element, before: first.takenTo, by: first });
    else if (last !== undefined && isOk(element.push)) deadlines.push({ element, before: last.invokedAt, by: null });
  }
  return deadlines.sort((left, right) => left.before - right.before || byInvocation(left.element.push, right.element.push));
};

/** What was surely there all the time while a pop found nothing: one after the other was put before the one before it was taken. */
const neverEmpty = (pop: Call, elements: readonly Element[]): readonly Call[] | null => {
  const beginning = ({ push, takenTo }: Element): number => Math.min(endOf(push), takenTo);
  const sorted = [...elements].sort((left, right) => beginning(left) - beginning(right));
  const links: Element[] = [];
  let until = pop.invokedAt as number;
  for (const element of sorted) {
    if (beginning(element) >= until) break;
    const end = Math.max(element.push.invokedAt, element.takenFrom);
    if (end <= until) continue;
    links.push(element);
    until = end;
    if (until > endOf(pop)) return [...callsOf(...links), pop];
  }
  return null;
};
