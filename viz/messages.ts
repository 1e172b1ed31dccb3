/** What page and worker say to each other: plain data, copied on the way. */
import type { RunReport } from '../sim/report.ts';
import type { Lane } from './laneBuilder.ts';

export interface RunRequest {
  /** Counts the requests; the answer repeats it. */
  readonly id: number;
  readonly scenario: string;
  readonly seed: number;
}

export interface RunResult {
  readonly report: RunReport;
  readonly lanes: readonly Lane[];
}

export type RunAnswer =
  | { readonly id: number; readonly ok: true; readonly result: RunResult }
  | { readonly id: number; readonly ok: false; readonly message: string };
