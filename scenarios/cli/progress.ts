/** Progress bars on standard error, only where that is a terminal. */
import { type Options, Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

const newBar = (format: string): SingleBar =>
  new SingleBar({ stream: process.stderr, format, clearOnComplete: true } satisfies Options, Presets.shades_classic);

const isShown = (quiet: boolean): boolean => !quiet && process.stderr.isTTY === true;

export const progressBar = (total: number, quiet: boolean, noun = 'seeds'): Progress => {
  if (!isShown(quiet)) return SILENT;
  const bar = newBar(`{bar} {value}/{total} ${noun}, {eta_formatted} to go`);
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};

const MS_PER_SECOND = 1000;

/** What a search shows while it runs: how far it is, how fast, and how many runs failed. */
export class ExploreProgress {
  private readonly shown: boolean;
  private bar: SingleBar | null = null;
  private startedAt = 0;
  /** Runs that were there when the bar began: a search that goes on did not make them now. */
  private runsBefore: number | null = null;
  private budgetMs: number | null = null;

  constructor(quiet: boolean) {
    this.shown = isShown(quiet);
  }

  /** With a budget the bar counts its seconds, otherwise the runs. */
  start(scenario: string, runs: number, budgetMs: number | null): void {
    if (!this.shown) return;
    this.startedAt = performance.now();
    this.runsBefore = null;
    this.budgetMs = budgetMs;
    this.bar = newBar(budgetMs === null ? `${scenario} {bar} {value}/{total} runs, {rate} a second, {found} failed, {eta_formatted} to go`
      : `${scenario} {bar} {value}/{total} s, {runs} runs, {rate} a second, {found} failed`);
    this.bar.start(budgetMs === null ? runs : Math.ceil(budgetMs / MS_PER_SECOND), 0, { runs: 0, rate: '-', found: 0 });
  }

  startShrinking(failures: number): void {
    if (!this.shown || failures === 0) return;
    this.budgetMs = null;
    this.bar = newBar('shrinking {bar} {value}/{total} failures');
    this.bar.start(failures, 0);
  }

  update(runs: number, failed: number): void {
    if (this.bar === null) return;
    const elapsedMs = Math.max(1, performance.now() - this.startedAt);
    this.runsBefore ??= runs - 1;
    const rate = (((runs - this.runsBefore) * MS_PER_SECOND) / elapsedMs).toFixed(1);
    this.bar.update(this.budgetMs === null ? runs : Math.floor(elapsedMs / MS_PER_SECOND), { runs, rate, found: failed });
  }

  stop(): void {
    this.bar?.stop();
    this.bar = null;
  }
}
