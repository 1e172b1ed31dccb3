/**
 * Smaller plans: fewer entries, earlier and rounder times, plainer targets and parameters.
 *
 * Each pass asks `attempt` whether the scenario that it has in mind still fails in the same way, and goes on from there if so.
 */
import type { StrikeReport } from '../report.ts';
import type { ExpandedScenario, PlanEntry, PlanTime, PlanValue } from '../scenario.ts';
import { minimise } from './minimise.ts';
import { rounderBelow, rounderMs, rounderMsBelow } from './roundNumbers.ts';
import type { Shrinking } from './shrink.ts';

const MICROS_PER_MS = 1000;

const timeMs = (when: PlanTime): number | null => {
  if ('atMs' in when) return when.atMs;
  return 'atMicros' in when ? when.atMicros / MICROS_PER_MS : null;
};

const withEntry = (scenario: ExpandedScenario, place: number, entry: PlanEntry): ExpandedScenario =>
  ({ ...scenario, plan: scenario.plan.map((known, index) => (index === place ? entry : known)) });

/** First all that struck nobody at once, then by delta debugging. */
export const fewerEntries = (shrinking: Shrinking): void => {
  const struck = shrinking.strikes.filter(({ resolved }) => resolved !== null).map(({ entry }) => entry);
  if (struck.length < shrinking.scenario.plan.length) shrinking.attempt({ ...shrinking.scenario, plan: struck });
  const base = shrinking.scenario;
  minimise(base.plan, (plan) => shrinking.attempt({ ...base, plan }));
};

/** Entries that wait for an event strike at the time at which they did; others at whole milliseconds. */
export const plainTimes = (shrinking: Shrinking): void => {
  shrinking.strikes.forEach(({ entry: { when }, atMs }: StrikeReport, place: number) => {
    const entry = shrinking.scenario.plan[place];
    if ('atMs' in when || atMs === null || entry === undefined) return;
    for (const ms of [Math.floor(atMs), Math.ceil(atMs)]) {
      if (shrinking.attempt(withEntry(shrinking.scenario, place, { ...entry, when: { atMs: ms } }))) return;
    }
  });
};

/** All entries move towards the start together, then what follows moves towards what is before it. */
export const earlierTimes = (shrinking: Shrinking): void => {
  const order = (): readonly number[] => [...new Set(shrinking.scenario.plan.flatMap(({ when }) => timeMs(when) ?? []))]
    .sort((left, right) => left - right);
  for (let place = 0; place < order().length; place++) {
    const times = order();
    const from = times[place] as number;
    const before = place === 0 ? 0 : times[place - 1] as number;
    for (const gap of rounderMsBelow(from - before)) {
      if (moveFrom(shrinking, from, before + gap - from)) break;
    }
  }
};

/** Moves every entry at `fromMs` or later by `byMs`. */
const moveFrom = (shrinking: Shrinking, fromMs: number, byMs: number): boolean => shrinking.attempt({
  ...shrinking.scenario,
  plan: shrinking.scenario.plan.map((entry) => {
    const ms = timeMs(entry.when);
    return ms === null || ms < fromMs ? entry : { ...entry, when: { atMs: Math.max(0, Math.floor(ms + byMs)) } };
  }),
});

/** Each time and each length becomes rounder, lengths shorter as well. */
export const rounderTimes = (shrinking: Shrinking): void => {
  for (let place = 0; place < shrinking.scenario.plan.length; place++) {
    const { when, forMs } = shrinking.scenario.plan[place] as PlanEntry;
    const ms = timeMs(when);
    if (ms !== null) tryEach(shrinking, place, rounderMs(ms), (entry, atMs) => ({ ...entry, when: { atMs } }));
    if (forMs === undefined) continue;
    // A fault that ends with the run is the plainest of all.
    tryEach(shrinking, place, [undefined, ...rounderMsBelow(forMs), ...rounderMs(forMs)], (entry, shorter) => {
      const { forMs: _, ...rest } = entry;
      return shorter === undefined ? rest : shorter === 0 ? entry : { ...rest, forMs: shorter };
    });
  }
};

/** Takes the first of the values with which the scenario still fails. */
const tryEach = <Value>(
  shrinking: Shrinking, place: number, values: readonly Value[], change: (entry: PlanEntry, value: Value) => PlanEntry,
): void => {
  for (const value of values) {
    const entry = shrinking.scenario.plan[place] as PlanEntry;
    if (shrinking.attempt(withEntry(shrinking.scenario, place, change(entry, value)))) return;
  }
};

/** From what is plainest: a role that everybody knows, then one of several. */
const PLAINER: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^the (?:primary as .+ believes)$/, ['the primary']],
  [/^(?:replica \d+|the (?:most|least) advanced replica)$/, ['a replica']],
  [/^(?:sentinel \d+|the sentinel leader)$/, ['a sentinel']],
  [/^(?:the sentinels|a (?:minority|majority) of the sentinels)$/, ['a sentinel', 'a minority of the sentinels']],
];

/** Targets by plainer roles; a name by the role that it had, if that is the primary's. */
export const plainerTargets = (shrinking: Shrinking): void => {
  for (let place = 0; place < shrinking.scenario.plan.length; place++) {
    const { target } = shrinking.scenario.plan[place] as PlanEntry;
    if (target === undefined || target === 'the primary') continue;
    const roles = PLAINER.find(([pattern]) => pattern.test(target))?.[1] ?? (target.startsWith('a ') ? [] : ['the primary']);
    tryEach(shrinking, place, roles.filter((role) => role !== target), (entry, role) => ({ ...entry, target: role }));
  }
};

/** Rounder numbers, fewer names in lists, and no parameter at all where the kind does without. */
export const plainerParameters = (shrinking: Shrinking): void => {
  for (let place = 0; place < shrinking.scenario.plan.length; place++) {
    for (const name of Object.keys((shrinking.scenario.plan[place] as PlanEntry).with ?? {})) {
      plainerParameter(shrinking, place, name);
    }
  }
};

const plainerParameter = (shrinking: Shrinking, place: number, name: string): void => {
  const value = (shrinking.scenario.plan[place] as PlanEntry).with?.[name];
  const set = (entry: PlanEntry, changed: PlanValue): PlanEntry => ({ ...entry, with: { ...entry.with, [name]: changed } });
  if (typeof value === 'number') {
    const sign = value < 0 ? -1 : 1;
    tryEach(shrinking, place, rounderBelow(Math.abs(value)).map((round) => round * sign), set);
  } else if (isGroups(value)) {
    value.forEach((_, index) => {
      const groups = (): readonly (readonly string[])[] => (shrinking.scenario.plan[place] as PlanEntry).with?.[name] as string[][];
      const base = groups();
      const others = base[index] ?? [];
      minimise(others, (members) => members.length > 0 && shrinking.attempt(withEntry(
        shrinking.scenario, place,
        set(shrinking.scenario.plan[place] as PlanEntry, groups().map((group, at) => (at === index ? members : group))))));
    });
  }
};

const isGroups = (value: PlanValue | undefined): value is readonly (readonly string[])[] =>
  Array.isArray(value) && value.length > 0 && value.every((group) => Array.isArray(group));
