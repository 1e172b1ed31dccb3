/**
 * A campaign of `faultline explore` over worker threads: round after round until the seeds or the budget are used up, the state saved
 * after each round; then one run of each group of failures is shrunk.
 *
 * Always holds: the state file is whole, and is that of the last finished round. Wall time decides only after which round a budget
 * ends; it never enters what a round runs.
 */
import { existsSync } from 'node:fs';
import { ConfigError } from '../../engine/core/errors.ts';
import { Campaign, type CampaignSetup } from '../../sim/explore/campaign.ts';
import {
  CAMPAIGN_VERSION, type CampaignFile, type CampaignState, type FailedRun, type FailureGroup, NEW_CAMPAIGN, readCampaignFile, setupDigest,
} from '../../sim/explore/campaignState.ts';
import type { Shrunk } from '../../sim/explore/shrink.ts';
import type { ExploreOptions } from './exploreOptions.ts';
import type { ExploreJob, ExploreResult, ExploreSetup } from './exploreWorker.ts';
import { readTextFile, writeTextFile } from './files.ts';
import type { Input } from './inputs.ts';
import { parseJson } from './inputs.ts';
import type { ExploreProgress } from './progress.ts';
import { WorkerPool } from './workerPool.ts';

/** Most groups of failures that are shrunk: who has more of them mends some first. */
export const SHRUNK_GROUPS_MAX = 12;

/** One campaign, at its end. */
export interface Explored {
  readonly input: Input;
  readonly setup: CampaignSetup;
  readonly state: CampaignState;
  /** One for each group of failures, in the same order. */
  readonly failures: readonly ExploredFailure[];
}

export interface ExploredFailure {
  readonly group: FailureGroup;
  /** The run that stands for the group: fewest entries first, then the earliest. */
  readonly run: FailedRun;
  readonly shrunk: Shrunk | null;
}

export class Exploration {
  private readonly inputs: readonly Input[];
  private readonly options: ExploreOptions;
  private readonly progress: ExploreProgress;
  private readonly setups: readonly CampaignSetup[];
  private readonly campaigns: readonly Campaign[];
  private readonly pool: WorkerPool<ExploreJob, ExploreResult>;

  /** Throws `ScenarioError` or `ConfigError` for a state file that is none, or is one of something else. */
  constructor(inputs: readonly Input[], options: ExploreOptions, progress: ExploreProgress) {
    this.inputs = inputs;
    this.options = options;
    this.progress = progress;
    this.setups = inputs.map(({ scenario }) => ({
      scenario, firstSeed: options.seed, shard: options.shard.index - 1, shards: options.shard.count, objective: options.objective,
      mutates: options.mutates,
    }));
    const saved = options.resume !== null && existsSync(options.resume)
      ? readCampaignFile(parseJson(readTextFile(options.resume), options.resume), options.resume) : null;
    this.campaigns = this.setups.map((setup) => new Campaign(setup, saved === null ? NEW_CAMPAIGN : this.stateIn(saved, setup)));
    this.pool = new WorkerPool({
      program: new URL('./exploreWorker.js', import.meta.url), workers: options.workers,
      setup: { scenarios: inputs.map(({ scenario }) => scenario), planted: options.planted, modules: options.modules } satisfies ExploreSetup,
    });
  }

  /** Runs that are finished, of all campaigns. */
  get runs(): number {
    return this.campaigns.reduce((sum, campaign) => sum + campaign.state.runs, 0);
  }

  async run(): Promise<readonly Explored[]> {
    // A file that cannot be written is found now, not after the first round.
    this.save();
    try {
      const explored: Explored[] = [];
      for (const [place, campaign] of this.campaigns.entries()) {
        await this.explore(place, campaign, (this.options.budgetMs ?? 0) / this.campaigns.length);
        const { state } = campaign;
        const failures = await this.shrinkAll(place, state);
        explored.push({ input: this.inputs[place] as Input, setup: this.setups[place] as CampaignSetup, state, failures });
      }
      return explored;
    } finally {
      await this.close();
    }
  }

  /** Ends the workers, whatever they do. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private async explore(place: number, campaign: Campaign, budgetMs: number): Promise<void> {
    const { options } = this;
    const { index, count } = options.shard;
    // Of all runs those whose number falls to this shard.
    const runsMax = Math.floor((options.seeds - index) / count) + 1;
    const started = performance.now();
    this.progress.start(this.inputs[place]?.scenario.name ?? '', runsMax, options.budgetMs === null ? null : budgetMs);
    while (options.budgetMs === null || performance.now() - started < budgetMs) {
      const before = campaign.state;
      const round = campaign.nextRound(runsMax);
      if (round.length === 0) break;
      const results = await this.pool.run(
        round.map((candidate): ExploreJob => ({ kind: 'run', scenario: place, candidate })),
        (done) => this.progress.update(before.runs + done, before.failedRuns));
      campaign.absorb(round, results.map((result) => (result as Extract<ExploreResult, { kind: 'run' }>).summary));
      this.save();
    }
    this.progress.stop();
  }

  private async shrinkAll(place: number, { groups }: CampaignState): Promise<readonly ExploredFailure[]> {
    const chosen = groups.map((group) => ({ group, run: simplest(group) }));
    const jobs = (this.options.shrinks ? chosen.slice(0, SHRUNK_GROUPS_MAX) : []).map(({ group, run }): ExploreJob => ({
      kind: 'shrink', scenario: place, candidate: run, failure: { check: group.check, cause: group.cause },
    }));
    this.progress.startShrinking(jobs.length);
    const results = await this.pool.run(jobs, (done) => this.progress.update(done, 0));
    this.progress.stop();
    return chosen.map((failure, index) => {
      const result = results[index];
      return { ...failure, shrunk: result?.kind === 'shrink' ? result.shrunk : null };
    });
  }

  private save(): void {
    if (this.options.resume === null) return;
    const file: CampaignFile = {
      explore: CAMPAIGN_VERSION,
      campaigns: this.campaigns.map((campaign, place) => {
        const setup = this.setups[place] as CampaignSetup;
        return { scenario: setup.scenario.name, digest: this.digest(setup), state: campaign.state };
      }),
    };
    writeTextFile(this.options.resume, JSON.stringify(file));
  }

  private digest(setup: CampaignSetup): string {
    return setupDigest(setup, [...this.options.planted, ...this.options.modules]);
  }

  private stateIn(file: CampaignFile, setup: CampaignSetup): CampaignState {
    const { name } = setup.scenario;
    const saved = file.campaigns.find(({ scenario }) => scenario === name);
    if (saved === undefined) {
      const known = file.campaigns.map(({ scenario }) => scenario).join(', ');
      throw new ConfigError(`--resume: ${this.options.resume ?? ''} is of ${known === '' ? 'nothing' : known}, not of ${name}`);
    }
    if (saved.digest !== this.digest(setup)) {
      throw new ConfigError(`--resume: ${this.options.resume ?? ''} is of another search of ${name}: the scenario, --seed, --shard, `
        + '--objective, --no-mutate, --plant or --module differ');
    }
    return saved.state;
  }
}

const simplest = ({ runs }: FailureGroup): FailedRun =>
  runs.reduce((least, run) => (run.entries < least.entries ? run : least), runs[0] as FailedRun);
