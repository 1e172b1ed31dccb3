/**
 * Shrinking: from a run that fails to the smallest plan, workload and deployment that still fail in the same way: the same check,
 * the same class of cause, for a loss also just as permitted, or as much of a bug.
 *
 *     const { scenario, seed, check, cause } = shrink(failing, 17, null, (smaller, at) => runScenario(smaller, at));
 *
 * What always holds: every accepted step failed in the same way, so the result does; it has no more
 * entries, processes and clients than what was given, and takes no longer.
 * The same scenario, seed and bound give the same result: the bound counts runs, never time.
 */
import { ConfigError, ScenarioError } from '../../engine/core/errors.ts';
import { expandScenario } from '../fault/expandPlan.ts';
import type { RunReport, StrikeReport } from '../report.ts';
import type { ExpandedScenario, Expectations, PlanEntry, ResolvedScenario } from '../scenario.ts';
import { type FailureClass, errorClass, failureClasses, sameFailure } from './failureClass.ts';
import {
  earlierTimes, fewerEntries, plainTimes, plainerParameters, plainerTargets, rounderTimes,
} from './shrinkPlan.ts';
import { fewerClients, fewerNodes, plainerClients, shorterRun, shorterSettling } from './shrinkWorld.ts';

/** How a scenario is run: with planted bugs, own checks, whatever the failure needs. */
export type Run = (scenario: ExpandedScenario, seed: number) => RunReport;

export interface ShrinkOptions {
  /** At most so many runs; `SHRINK_RUNS_MAX` when absent. */
  readonly runsMax?: number;
  readonly onProgress?: (step: ShrinkStep) => void;
}

/** Something that could go. */
export interface ShrinkStep {
  /** What was done: `fewer entries`. */
  readonly pass: string;
  /** Runs so far, and what is left. */
  readonly runs: number;
  readonly entries: number;
  readonly processes: number;
  readonly clients: number;
}

export interface Shrunk extends FailureClass {
  readonly scenario: ExpandedScenario;
  readonly seed: number;
  readonly traceHash: string;
  /** The report's line about the failure. */
  readonly detail: string;
  /** Those that were accepted. */
  readonly steps: readonly ShrinkStep[];
  readonly runs: number;
}

export const SHRINK_RUNS_MAX = 400;
/** A pass may make room for an earlier one. */
const ROUNDS_MAX = 4;

/** What a pass sees. */
export interface Shrinking {
  /** The smallest that failed so far. */
  readonly scenario: ExpandedScenario;
  /** What its plan did. */
  readonly strikes: readonly StrikeReport[];
  /** The failure was seen at an event in the run's course. */
  readonly isOnline: boolean;
  /** Runs it; true where it fails in the same way, and then it is the smallest. False when there are no runs left. */
  attempt(scenario: ExpandedScenario): boolean;
}

const PASSES: readonly (readonly [string, (shrinking: Shrinking) => void])[] = [
  ['fewer entries', fewerEntries],
  ['shorter settling', shorterSettling],
  ['shorter run', shorterRun],
  ['fewer clients', fewerClients],
  ['fewer nodes', fewerNodes],
  ['plain times', plainTimes],
  ['earlier times', earlierTimes],
  ['shorter run', shorterRun],
  ['rounder times', rounderTimes],
  ['plainer targets', plainerTargets],
  ['plainer parameters', plainerParameters],
  ['plainer clients', plainerClients],
];

/**
 * `failure`: the way in which it fails; null: the first one, which is nearest to the root. Throws `ScenarioError` where the run
 * does not fail, or not in this way.
 */
export const shrink = (
  scenario: ResolvedScenario, seed: number, failure: FailureClass | null, run: Run, options: ShrinkOptions = {},
): Shrunk => {
  const work = new Work(expandScenario(scenario, seed), seed, failure, run, options);
  work.narrow();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = work.steps.length;
    for (const [name, pass] of PASSES) work.pass(name, pass);
    if (work.steps.length === before || work.isSpent) break;
  }
  return work.result();
};

class Work implements Shrinking {
  scenario: ExpandedScenario;
  readonly steps: ShrinkStep[] = [];
  private outcome: Outcome;
  private readonly target: FailureClass;
  private readonly seed: number;
  private readonly run: Run;
  private readonly runsMax: number;
  private readonly onProgress: (step: ShrinkStep) => void;
  private runs = 1;
  private name = '';
  /** What was tried already, as JSON: passes come back to the same scenario. */
  private readonly tried: Set<string> = new Set();

  constructor(scenario: ExpandedScenario, seed: number, failure: FailureClass | null, run: Run, options: ShrinkOptions) {
    this.scenario = scenario;
    this.seed = seed;
    this.run = run;
    this.runsMax = options.runsMax ?? SHRINK_RUNS_MAX;
    this.onProgress = options.onProgress ?? ((): void => undefined);
    this.outcome = this.outcomeOf(scenario);
    const { failures } = this.outcome;
    const target = failure === null ? failures[0] : failures.find((one) => sameFailure(one, failure));
    if (target === undefined) {
      const how = failure === null ? 'does not fail' : `does not fail at ${failure.check} (${failure.cause})`;
      throw new ScenarioError(`${scenario.name}: seed ${seed} ${how}`);
    }
    this.target = target;
  }

  get strikes(): readonly StrikeReport[] {
    return this.outcome.report?.strikes ?? [];
  }

  get isOnline(): boolean {
    return this.outcome.report?.verdicts.some(
      ({ name, verdict, event }) => name === this.target.check && verdict === 'violated' && event !== undefined) === true;
  }

  get isSpent(): boolean {
    return this.runs >= this.runsMax;
  }

  /** Expects nothing but what fails: the rest may well be different in a smaller world. */
  narrow(): void {
    this.name = 'expects only what fails';
    const { scenario } = this;
    const topology = { ...scenario.topology, warnings: [] };
    for (const expects of narrowed(scenario.expects, this.target.check)) {
      if (this.attempt({ ...scenario, topology, expects, plan: scenario.plan.map(struckOrNot) })) return;
    }
  }

  pass(name: string, pass: (shrinking: Shrinking) => void): void {
    this.name = name;
    pass(this);
  }

  attempt(scenario: ExpandedScenario): boolean {
    const text = JSON.stringify(scenario);
    if (this.isSpent || this.tried.has(text)) return false;
    this.tried.add(text);
    this.runs++;
    const outcome = this.outcomeOf(scenario);
    if (!outcome.failures.some((one) => sameFailure(one, this.target))) return false;
    this.scenario = scenario;
    this.outcome = outcome;
    const step: ShrinkStep = {
      pass: this.name, runs: this.runs, entries: scenario.plan.length, processes: scenario.topology.processes.length,
      clients: scenario.workload.clients.length,
    };
    this.steps.push(step);
    this.onProgress(step);
    return true;
  }

  result(): Shrunk {
    const { scenario, seed, target: { check, cause }, outcome: { report }, steps, runs } = this;
    const detail = report?.failures.find((line) => line.startsWith(check)) ?? `${check}: ${cause}`;
    return { scenario, seed, check, cause, detail, traceHash: report?.traceHash ?? '', steps, runs };
  }

  /** A scenario that cannot be set up does not fail: something that it needs was taken away. */
  private outcomeOf(scenario: ExpandedScenario): Outcome {
    try {
      const report = this.run(scenario, this.seed);
      return { report, failures: failureClasses(report) };
    } catch (error) {
      if (error instanceof ScenarioError || error instanceof ConfigError) {
        if (this.runs === 1) throw error;
        return { report: null, failures: [] };
      }
      return { report: null, failures: [errorClass(error)] };
    }
  }
}

/** Shrinking leaves no entry that strikes nobody: it need not say that it may. */
const struckOrNot = (entry: PlanEntry): PlanEntry => {
  const { mayMiss: _, ...plain } = entry;
  return plain;
};

/** What a run came to; without a report where it ended in an error. */
interface Outcome {
  readonly report: RunReport | null;
  readonly failures: readonly FailureClass[];
}

/** What could be expected instead, the least first: nothing (safety needs no mention), the check alone, the bounds alone. */
const narrowed = (expects: Expectations, check: string): readonly Expectations[] => {
  const { verdicts, ...bounds } = expects;
  const named = verdicts[check];
  return [
    { verdicts: {} },
    ...(named === undefined ? [] : [{ verdicts: { [check]: named } }]),
    ...Object.entries(bounds).map(([name, bound]): Expectations => ({ verdicts: {}, [name]: bound })),
  ];
};
