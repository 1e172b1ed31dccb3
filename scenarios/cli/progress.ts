/** A progress bar on standard error, only where that is a terminal. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

export const progressBar = (total: number, quiet: boolean, noun = 'seeds'): Progress => {
  if (quiet || process.stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { stream: process.stderr, format: `{bar} {value}/{total} ${noun}, {eta_formatted} to go`, clearOnComplete: true },
    Presets.shades_classic);
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};
