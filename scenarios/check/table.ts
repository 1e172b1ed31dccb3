/**
 * The table of what a deployment survives: a row for each cell, from its runs over seeds.
 *
 * Always holds: a row is as bad as its worst run, and names the seed that shows it.
 */
import type { Topology } from '../../sim/topology/topology.ts';
import type { Availability, CellOutcome } from './cellRun.ts';
import type { ComponentKind } from './components.ts';
import type { Cell } from './failures.ts';

export type CheckVerdict = 'serves on' | 'recovers' | 'needs a hand' | 'loses data';

export interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export interface CheckRow {
  /** The component, or both of a pair with ` + ` between them. */
  readonly component: string;
  readonly kinds: readonly ComponentKind[];
  readonly fault: string;
  /** The worst that can be said: lost data before an outage that does not end before a shorter one. */
  readonly verdict: CheckVerdict;
  /** The worst run's, whatever was lost. */
  readonly availability: Availability;
  /** Of so many runs, how many served on or recovered while the failure stood. */
  readonly runs: number;
  readonly recovered: number;
  /** Of the acknowledged writes, 0 to 1. */
  readonly lostShare: Spread;
  /** Writes of unknown fate in the worst run: nobody serves them. */
  readonly unknownMax: number;
  /** Virtual ms without writes, and without reads, in the best-placed zone while the failure stands. */
  readonly outageMs: Spread;
  readonly readOutageMs: Spread;
  /** The run that shows the worst. */
  readonly seed: number;
  readonly cell: string;
  /** What went wrong with the check itself. */
  readonly problems: readonly string[];
}

const AVAILABILITIES: readonly Availability[] = ['serves on', 'recovers', 'when repaired', 'not even repaired'];

export const rowOf = ({ name, failures }: Cell, outcomes: readonly CellOutcome[]): CheckRow => {
  const [worst] = [...outcomes].sort(byHarm);
  if (worst === undefined) throw new RangeError('a row needs a run');
  const availability = AVAILABILITIES[Math.max(...outcomes.map((outcome) => AVAILABILITIES.indexOf(outcome.availability)))] ?? 'serves on';
  const verdict = outcomes.some(({ lost }) => lost > 0) ? 'loses data'
    : availability === 'when repaired' || availability === 'not even repaired' ? 'needs a hand' : availability;
  return {
    component: failures.map(({ component }) => component.name).join(' + '), kinds: failures.map(({ component }) => component.kind),
    fault: failures.map(({ fault }) => fault).join(' + '), verdict, availability, runs: outcomes.length,
    recovered: outcomes.filter(isRecovered).length,
    lostShare: spreadOf(outcomes.map(lostShareOf)), unknownMax: Math.max(...outcomes.map(({ unknown }) => unknown)),
    outageMs: spreadOf(outcomes.map(({ writeOutageMs }) => writeOutageMs)),
    readOutageMs: spreadOf(outcomes.map(({ readOutageMs }) => readOutageMs)),
    seed: worst.seed, cell: name,
    problems: [...new Set(outcomes.flatMap(({ seed, problems }) => problems.map((problem) => `seed ${seed}: ${problem}`)))],
  };
};

const isRecovered = ({ availability }: CellOutcome): boolean => availability === 'serves on' || availability === 'recovers';

const lostShareOf = ({ acknowledged, lost }: CellOutcome): number => (acknowledged === 0 ? 0 : lost / acknowledged);

/** What was lost counts most, then how long nothing could be written; of equals the first seed. */
const byHarm = (left: CellOutcome, right: CellOutcome): number =>
  lostShareOf(right) - lostShareOf(left)
  || AVAILABILITIES.indexOf(right.availability) - AVAILABILITIES.indexOf(left.availability)
  || right.writeOutageMs - left.writeOutageMs || left.seed - right.seed;

const PER_CENT = 100;

/** Nearest rank. */
const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (percent: number): number => sorted[Math.max(0, Math.ceil((sorted.length * percent) / PER_CENT) - 1)] ?? 0;
  return { median: at(50), p99: at(99), max: at(100) };
};

export interface CheckReport {
  readonly topology: string;
  readonly warnings: readonly string[];
  /** What was assumed: the version that is modelled, where things run. */
  readonly notes: readonly string[];
  /** Virtual ms that each failure stands: recovering by itself means within this. */
  readonly withinMs: number;
  readonly seeds: { readonly singles: number; readonly pairs: number };
  readonly faults: readonly CheckRow[];
}

/** How many of a row's runs are needed so that its figures mean something is the caller's decision. */
export const checkReport = (
  topology: Topology, withinMs: number, seeds: CheckReport['seeds'], faults: readonly CheckRow[],
): CheckReport => ({ topology: topology.name, warnings: topology.warnings, notes: topology.notes ?? [], withinMs, seeds, faults });
