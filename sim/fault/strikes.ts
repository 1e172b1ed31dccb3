/**
 * What kinds of a plan are made of: the row that describes one, what its strike leaves behind, and how the parameters of an entry
 * are read.
 *
 * Always holds: a strike on several targets is one strike, and ends for all of them at once.
 */
import { ScenarioError } from '../../engine/index.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { PlanEntry } from '../scenario.ts';
import type { Reach } from './hindrances.ts';
import { resolveMachines, resolveProcesses } from './target.ts';
import type { WorldParts } from './worldParts.ts';

export const MICROS_PER_MS = 1000;

/** What a strike did. Null: its target was nobody, so nothing was exercised. */
export interface Strike {
  /** What the target resolved to. */
  readonly resolved: string;
  readonly outcome: string;
  /** Ends the fault; nothing for what cannot be ended. */
  readonly undo?: () => void;
  /** What it acts on; nothing for what can keep nobody from answering. */
  readonly reach?: Reach;
}

/** Tells the outcome of an action that takes time. */
export type Report = (outcome: string) => void;

export interface KindRow {
  readonly name: string;
  readonly isFault: boolean;
  readonly needsTarget: boolean;
  /** Parameters that `with` must give. */
  readonly parameters: readonly string[];
  /** Throws `ScenarioError` for an entry whose parameters can never do, before anything runs. */
  check?(entry: PlanEntry): void;
  strike(parts: WorldParts, entry: PlanEntry, report: Report): Strike | null;
}

export const fault = (name: string, strike: KindRow['strike'], parameters: readonly string[] = [], needsTarget = true): KindRow =>
  ({ name, isFault: true, needsTarget, parameters, strike });

export const action = (name: string, strike: KindRow['strike'], parameters: readonly string[] = [], needsTarget = true): KindRow =>
  ({ name, isFault: false, needsTarget, parameters, strike });

export const textOf = (entry: PlanEntry, name: string): string => {
  const value = entry.with?.[name];
  if (typeof value !== 'string') throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as text`);
  return value;
};

export const numberOf = (entry: PlanEntry, name: string, otherwise: number | null = null): number => {
  const value = entry.with?.[name] ?? otherwise;
  if (typeof value !== 'number') throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as a number`);
  return value;
};

/** Nothing but clocks goes backwards. */
export const positiveOf = (entry: PlanEntry, name: string, otherwise: number | null = null): number => {
  const value = numberOf(entry, name, otherwise);
  if (value < 0) throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as a number that is not negative`);
  return value;
};

export const together = (strikes: readonly Strike[]): Strike | null => {
  const [first] = strikes;
  if (first === undefined || strikes.length === 1) return first ?? null;
  const undos = strikes.flatMap(({ undo }) => (undo === undefined ? [] : [undo]));
  const reaches = strikes.flatMap(({ reach }) => (reach === undefined ? [] : [reach]));
  return {
    resolved: strikes.map(({ resolved }) => resolved).join(' '),
    outcome: [...new Set(strikes.map(({ outcome }) => outcome))].join('; '),
    ...(undos.length === 0 ? {} : { undo: (): void => undos.forEach((undo) => undo()) }),
    ...(reaches.length === 0 ? {} : { reach: {
      processes: reaches.flatMap(({ processes }) => processes ?? []),
      machines: reaches.flatMap(({ machines }) => machines ?? []),
      stands: (): boolean => reaches.some(({ stands }) => stands?.() ?? true),
    } }),
  };
};

export const onProcess = (
  act: (process: SimProcess, entry: PlanEntry, parts: WorldParts) => Omit<Strike, 'resolved'>,
): KindRow['strike'] => (parts, entry) => together(resolveProcesses(parts, entry.target as string)
  .map((process) => ({ resolved: process.name, ...act(process, entry, parts) })));

export const onMachine = (
  act: (machine: Machine, entry: PlanEntry, parts: WorldParts) => Omit<Strike, 'resolved'>,
): KindRow['strike'] => (parts, entry) => together(resolveMachines(parts, entry.target as string)
  .map((machine) => ({ resolved: machine.name, ...act(machine, entry, parts) })));
