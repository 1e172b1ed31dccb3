/**
 * The campaign behind `docs/fidelity.md`: many real runs of many scenarios, several at a time, each written down as soon as it is over.
 *
 * Always holds: the next run is one of the scenario and world that has the fewest, so that a campaign which is ended early has
 * about as many of each.
 */
import { loadavg } from 'node:os';
import type { Input } from '../inputs.ts';
import { measured } from '../compareCommand.ts';
import { type FidelityState, type RunKind, digestOf } from './fidelityState.ts';
import type { Programs } from './programs.ts';
import type { RealReport } from './realReport.ts';
import { Interrupted, RealRunner } from './realRunner.ts';

/** A run is made at most so many times for each that counts. */
const ATTEMPTS_PER_RUN = 2;
const MS_PER_SECOND = 1000;

export interface FidelityWorld {
  readonly name: string;
  readonly programs: Programs;
  /** Runs of each scenario. */
  readonly runs: number;
}

export interface CampaignOptions {
  readonly inputs: readonly Input[];
  readonly worlds: readonly FidelityWorld[];
  readonly state: FidelityState;
  /** Runs at the same time. */
  readonly parallel: number;
  /** No run begins after this, by `performance.now`; null: all are made. */
  readonly beginUntilMs: number | null;
  /** Seconds of runs that are over or under way. */
  onProgress(seconds: number): void;
}

/** The runs of one scenario in one world. */
interface Series {
  readonly input: Input;
  readonly world: FidelityWorld;
  readonly digest: string;
  underWay: number;
}

/** Seconds that all runs together take. */
export const campaignSeconds = (inputs: readonly Input[], worlds: readonly FidelityWorld[]): number =>
  inputs.reduce((sum, input) => sum + lengthSeconds(input), 0) * worlds.reduce((sum, { runs }) => sum + runs, 0);

const lengthSeconds = ({ scenario: { durationMs, settlingMs } }: Input): number => Math.ceil((durationMs + settlingMs) / MS_PER_SECOND);

/** Rejects with `Interrupted` when the user ends it; what is over by then stands in the state. */
export const runCampaign = async (options: CampaignOptions): Promise<void> => {
  const { inputs, worlds, state, parallel, beginUntilMs } = options;
  const series = inputs.flatMap((input) => worlds.map((world): Series =>
    ({ input, world, digest: digestOf(input.scenario), underWay: 0 })));
  const count = (one: Series, kind: RunKind): number => state.of(one.input.scenario.name, one.digest, one.world.name, kind).length;
  const begun = (one: Series): number => count(one, 'counted') + one.underWay;
  const next = (): Series | undefined => {
    if (beginUntilMs !== null && performance.now() > beginUntilMs) return undefined;
    const open = series.filter((one) => begun(one) < one.world.runs
      && begun(one) + count(one, 'disturbed') + count(one, 'failed') < one.world.runs * ATTEMPTS_PER_RUN);
    return open.toSorted((left, right) => begun(left) / left.world.runs - begun(right) / right.world.runs)[0];
  };
  const runner = new RealRunner();
  const progress = new Map<object, number>();
  const work = async (): Promise<void> => {
    for (let one = next(); one !== undefined; one = next()) {
      one.underWay++;
      const token = {};
      await record(runner, one, state, (ms) => {
        progress.set(token, ms / MS_PER_SECOND);
        const doneSeconds = series.reduce((sum, other) => sum + count(other, 'counted') * lengthSeconds(other.input), 0);
        options.onProgress(Math.floor(doneSeconds + [...progress.values()].reduce((sum, seconds) => sum + seconds, 0)));
      });
      progress.delete(token);
      one.underWay--;
    }
  };
  const workers = Array.from({ length: parallel }, work);
  try {
    await Promise.all(workers);
  } finally {
    runner.stop();
    await Promise.allSettled(workers);
    runner.close();
  }
};

/** One run, and its line in the state. Rejects only when the campaign is to end. */
const record = async (runner: RealRunner, { input, world, digest }: Series, state: FidelityState, onProgress: (ms: number) => void): Promise<void> => {
  const { scenario, argument } = input;
  const common = (): Pick<Parameters<FidelityState['add']>[0], 'scenario' | 'digest' | 'world' | 'version' | 'endedAt' | 'load'> => ({
    scenario: scenario.name, digest, world: world.name, version: world.programs.versions.server, endedAt: new Date().toISOString(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  });
  try {
    const report = await runner.run({
      scenario, seed: 1, programs: world.programs, network: 'namespaces', replay: `npx faultline run ${argument} --world real`, onProgress,
    });
    state.add({ ...common(), stallMs: report.stallMs, run: measured(report), details: detailsOf(report) });
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    state.add({ ...common(), stallMs: 0, run: null, details: { failed: error instanceof Error ? error.message : String(error) } });
  }
};

const detailsOf = ({ verdicts, failures }: RealReport): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(verdicts.filter(({ verdict }) => verdict === 'violated').map(({ name, detail }) => [name, detail])),
  ...(failures.length === 0 ? {} : { failures: failures.join('; ') }),
});

