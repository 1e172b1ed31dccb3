/** What a failed exploration says: enough to see what happened, and to see it again. */
import type { PlanEntry, PlanTime } from '../../sim/scenario.ts';
import { describeTarget } from '../describeEntry.ts';

/** A run that was not as it must be. */
export interface FailedRun {
  readonly seed: number;
  /** As its seed drew it. */
  readonly plan: readonly PlanEntry[];
  /** What was wrong, one line each. */
  readonly failures: readonly string[];
  /** The command that runs it again; null: it was not saved. */
  readonly replay: string | null;
  /** Functions took part (checks, workloads, a property), which that command does not know. */
  readonly hasOwn: boolean;
}

interface Told {
  readonly scenario: string;
  readonly runs: number;
  readonly failed: readonly FailedRun[];
  readonly notes: readonly string[];
}

/** Runs that are told in full; of the others only the seeds. */
const TOLD_MAX = 3;

export const failureText = ({ scenario, runs, failed, notes }: Told): string => {
  const rest = failed.slice(TOLD_MAX).map(({ seed }) => seed);
  return [
    `${scenario}: ${failed.length} of ${runs} runs are not as they must be`,
    ...failed.slice(0, TOLD_MAX).flatMap(runLines),
    ...(rest.length === 0 ? [] : ['', `and with the seeds ${rest.join(', ')}`]),
    ...notes.map((note) => `(${note})`),
  ].join('\n');
};

const runLines = ({ seed, plan, failures, replay, hasOwn }: FailedRun): readonly string[] => [
  '', `seed ${seed}`,
  ...failures.map((failure) => `  ${failure}`),
  '  the plan:', ...plan.map((entry) => `    ${planLine(entry)}`),
  ...(replay === null ? [] : [`  again: ${replay}`]),
  ...(hasOwn || replay === null ? [`  again, in this test, with what is your own: seeds: [${seed}]`] : []),
];

const planLine = (entry: PlanEntry): string => `${timeText(entry.when)}  ${entry.do}  ${describeTarget(entry)}`;

const timeText = (when: PlanTime): string => {
  if ('atMs' in when) return `${when.atMs / MS_PER_SECOND} s`;
  if ('atMicros' in when) return `${when.atMicros / MICROS_PER_SECOND} s`;
  const { after, nth = 1, delayMs = 0 } = when;
  return `after ${after.kind}${after.node === undefined ? '' : ` of ${after.node}`} (${nth}.)${delayMs === 0 ? '' : ` + ${delayMs} ms`}`;
};

const MS_PER_SECOND = 1000;
const MICROS_PER_SECOND = 1_000_000;
