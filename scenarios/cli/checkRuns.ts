/** Runs of `faultline check` on worker threads: scenarios over seeds, in shares, whose results come back in their order. */
import type { ResolvedScenario } from '../../sim/scenario.ts';
import type { CellOutcome } from '../check/cellRun.ts';
import type { CheckJob } from './checkWorker.ts';
import { progressBar } from './progress.ts';
import { WorkerPool } from './workerPool.ts';

/** Small enough that no worker waits for another at the end. */
const SEEDS_PER_JOB = 4;

export interface Wanted {
  readonly scenario: ResolvedScenario;
  readonly seeds: number;
}

export class CheckRuns {
  private readonly pool: WorkerPool<CheckJob, readonly CellOutcome[]>;
  private readonly firstSeed: number;
  private readonly quiet: boolean;

  constructor(workers: number, firstSeed: number, quiet: boolean) {
    this.pool = new WorkerPool({ program: new URL('./checkWorker.js', import.meta.url), setup: null, workers });
    this.firstSeed = firstSeed;
    this.quiet = quiet;
  }

  /** The outcomes of each, by seed. `noun` is what the bar counts. */
  async run(wanted: readonly Wanted[], noun: string): Promise<readonly (readonly CellOutcome[])[]> {
    const jobs = wanted.flatMap(({ scenario, seeds }, owner) => Array.from({ length: Math.ceil(seeds / SEEDS_PER_JOB) }, (_, share) => ({
      owner, job: { scenario, firstSeed: this.firstSeed + share * SEEDS_PER_JOB, seeds: Math.min(SEEDS_PER_JOB, seeds - share * SEEDS_PER_JOB) },
    })));
    const total = wanted.reduce((sum, { seeds }) => sum + seeds, 0);
    const bar = progressBar(total, this.quiet, noun);
    const results = await this.pool.run(jobs.map(({ job }) => job), (done) => bar.update(Math.min(total, done * SEEDS_PER_JOB)))
      .finally(() => bar.stop());
    const outcomes = wanted.map((): CellOutcome[] => []);
    for (const [index, { owner }] of jobs.entries()) outcomes[owner]?.push(...results[index] ?? []);
    return outcomes;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
