/**
 * The order of events on nodes that play the same part: which sentinel leads differs from run to run, what a leader goes through
 * does not.
 */
import { SENTINEL_EVENT } from '../../../engine/index.ts';

/** The orders of all nodes that played one part. */
export interface PartOrders {
  readonly part: string;
  /** One for each node and run. */
  readonly orders: readonly (readonly string[])[];
  /** For each run, what some node in that part logged. */
  readonly perRun: readonly ReadonlySet<string>[];
  /** The commonest order. */
  readonly usual: readonly string[];
}

/** What makes a part, the first that fits: an event that only it has. */
const PARTS: readonly (readonly [string, string])[] = [
  [SENTINEL_EVENT.electedLeader, 'leading sentinel'], ['election-won', 'elected replica'], ['promoted', 'promoted replica'],
];
const SENTINEL = /^[+-]/;

const partOf = (order: readonly string[]): string =>
  PARTS.find(([event]) => order.includes(event))?.[1] ?? (order.some((event) => SENTINEL.test(event)) ? 'other sentinel' : 'other node');

/** Fewer observations of a pair say nothing about its order. */
const OBSERVATIONS_MIN = 3;

export const partsOf = (runs: readonly Readonly<Record<string, readonly string[]>>[]): readonly PartOrders[] => {
  const orders = new Map<string, (readonly string[])[]>();
  const perRun = new Map<string, Set<string>[]>();
  for (const [place, run] of runs.entries()) {
    for (const order of Object.values(run)) {
      const part = partOf(order);
      orders.set(part, [...orders.get(part) ?? [], order]);
      const sets = perRun.get(part) ?? runs.map(() => new Set<string>());
      perRun.set(part, sets);
      for (const event of order) sets[place]?.add(event);
    }
  }
  return [...orders].map(([part, all]) => ({ part, orders: all, perRun: perRun.get(part) ?? [], usual: commonest(all) }));
};

const commonest = (orders: readonly (readonly string[])[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const order of orders) counts.set(order.join(' '), (counts.get(order.join(' ')) ?? 0) + 1);
  const [best = ''] = [...counts].sort(([left, one], [right, other]) => other - one || (left < right ? -1 : 1))[0] ?? [];
  return best === '' ? [] : best.split(' ');
};

/** What one world has and the other contradicts, a line each. */
export const orderDifferences = (left: readonly PartOrders[], right: readonly PartOrders[]): readonly string[] =>
  left.flatMap((one) => {
    const other = right.find(({ part }) => part === one.part);
    return other === undefined ? [] : [...contradictions(one, other), ...missing(one, other), ...missing(other, one)];
  });

const contradictions = (left: PartOrders, right: PartOrders): readonly string[] => {
  const events = [...new Set(left.orders.flat())].sort();
  return events.flatMap((first, index) => events.slice(index + 1).flatMap((second) => {
    const here = precedence(left, first, second);
    const there = precedence(right, first, second);
    if (here === null || there === null || here === there) return [];
    return [`${left.part}: ${first} comes ${here} ${second} in the one, ${there} it in the other`];
  }));
};

/** `before` or `after` in every run; null: either, or too seldom seen together. */
const precedence = ({ orders }: PartOrders, first: string, second: string): 'before' | 'after' | null => {
  const both = orders.filter((order) => order.includes(first) && order.includes(second));
  const before = both.filter((order) => order.indexOf(first) < order.indexOf(second)).length;
  if (both.length < OBSERVATIONS_MIN || (before > 0 && before < both.length)) return null;
  return before > 0 ? 'before' : 'after';
};

/** Events that every run of one world has, and none of the other. */
const missing = (having: PartOrders, lacking: PartOrders): readonly string[] => {
  if (having.perRun.length < OBSERVATIONS_MIN || lacking.perRun.length < OBSERVATIONS_MIN) return [];
  const all = [...having.perRun[0] ?? []].filter((event) => having.perRun.every((run) => run.has(event)));
  return all.filter((event) => lacking.perRun.every((run) => !run.has(event)))
    .map((event) => `${having.part}: ${event} comes in every run of the one and in none of the other`);
};
