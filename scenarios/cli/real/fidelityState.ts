/**
 * The state file of a campaign of real runs: a line of JSON for each run that is over, written at once, so that a campaign that was
 * interrupted goes on where it was.
 *
 * Always holds: nothing is taken out. A run that a busy machine disturbed, or that came to nothing, stays in it and is counted.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { ConfigError } from '../../../engine/core/errors.ts';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import type { MeasuredRun } from './comparison.ts';

/** One run of a campaign. */
export interface FinishedRun {
  readonly scenario: string;
  /** Of what the scenario does: a run of another one is none of this. */
  readonly digest: string;
  readonly world: string;
  /** As the server says it. */
  readonly version: string;
  /** ISO 8601. */
  readonly endedAt: string;
  /** Load average of the last minute when it ended. */
  readonly load: number;
  /** Longest time for which the switch and the clients stood still. */
  readonly stallMs: number;
  /** Null: it came to nothing. */
  readonly run: MeasuredRun | null;
  /** What each check said, or why it came to nothing. */
  readonly details: Readonly<Record<string, string>>;
}

/** A run whose switch stood still for longer than figures may differ says nothing of Redis. */
export const STALL_MS_MAX = 500;

const DIGEST_LENGTH = 16;

/** Words for people: a scenario does the same with others, or none. */
const WORDS: readonly string[] = ['teaches', 'origin', 'warnings', 'notes'];

export const digestOf = (scenario: ResolvedScenario): string => createHash('sha256')
  .update(JSON.stringify(scenario, (name, value: unknown) => (WORDS.includes(name) ? undefined : value))).digest('hex').slice(0, DIGEST_LENGTH);

export type RunKind = 'counted' | 'disturbed' | 'failed';

export const kindOf = ({ run, stallMs }: FinishedRun): RunKind => {
  if (run === null) return 'failed';
  return stallMs > STALL_MS_MAX ? 'disturbed' : 'counted';
};

export class FidelityState {
  readonly runs: FinishedRun[] = [];
  private readonly file: string;

  /** Throws `ConfigError` for a file that is none of ours, or that is there though nobody goes on with it. */
  constructor(file: string, isResumed: boolean) {
    this.file = file;
    if (!existsSync(file)) return;
    if (!isResumed) throw new ConfigError(`${file} has runs already: --resume goes on with them, --state names another file`);
    const text = readFileSync(file, 'utf8');
    // What stands behind the last end of a line was cut off while it was written.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
    for (const [index, line] of whole.split('\n').slice(0, -1).entries()) {
      const run = readRun(line);
      if (run === null) throw new ConfigError(`${file}: line ${index + 1} is no run of a campaign`);
      this.runs.push(run);
    }
  }

  add(run: FinishedRun): void {
    this.runs.push(run);
    appendFileSync(this.file, `${JSON.stringify(run)}\n`);
  }

  /** Runs of a scenario as it stands now, in one world. */
  of(scenario: string, digest: string, world: string, kind: RunKind): readonly FinishedRun[] {
    return this.runs.filter((run) => run.scenario === scenario && run.digest === digest && run.world === world && kindOf(run) === kind);
  }
}

/** Null: the line is no run. */
const readRun = (line: string): FinishedRun | null => {
  try {
    const value = JSON.parse(line) as Partial<FinishedRun> | null;
    return typeof value?.scenario === 'string' && typeof value.world === 'string' && value.run !== undefined ? value as FinishedRun : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
