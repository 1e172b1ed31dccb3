/**
 * A campaign: one scenario, many seeds, on several worker threads.
 *
 * Always holds: results stand in the order of their seeds, whatever the number of workers and whoever finished first. A
 * run that ends in an internal error counts as a failed seed; it does not end the campaign.
 */
import type { ResolvedScenario } from '../../sim/scenario.ts';
import type { Shard } from './options.ts';
import { runJobs } from './workerPool.ts';

/** What a worker is started with. */
export interface CampaignSetup {
  readonly scenario: ResolvedScenario;
  readonly planted: readonly string[];
  readonly verify: boolean;
}

/** One run of a campaign. */
export interface CampaignRun {
  readonly seed: number;
  readonly ok: boolean;
  readonly lost: number;
  readonly bugs: number;
  readonly unavailableMs: number;
  readonly virtualMs: number;
  readonly traceHash: string;
  /** Why it is not ok, one line each. */
  readonly failures: readonly string[];
}

/** The seeds of a shard: every `count`-th of `seeds` seeds from `first`. */
export const campaignSeeds = (first: number, seeds: number, shard: Shard): readonly number[] =>
  Array.from({ length: seeds }, (_, index) => index)
    .filter((index) => index % shard.count === shard.index - 1)
    .map((index) => first + index);

export interface CampaignOptions extends CampaignSetup {
  readonly seeds: readonly number[];
  readonly workers: number;
  readonly onProgress: (done: number) => void;
}

/** Runs every seed. Rejects only when a worker itself breaks down. */
export const runCampaign = ({ scenario, planted, verify, seeds, workers, onProgress }: CampaignOptions): Promise<readonly CampaignRun[]> =>
  runJobs<number, CampaignRun>({
    program: new URL('./campaignWorker.js', import.meta.url), setup: { scenario, planted, verify } satisfies CampaignSetup, jobs: seeds,
    workers, onProgress,
  });
