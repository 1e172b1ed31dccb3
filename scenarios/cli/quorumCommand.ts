/** `faultline quorum`: runs every cell of the availability table and prints it. Exit status 1 where a run differs from counting. */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';
import { type QuorumCell, SENTINELS_MAX, quorumCells } from '../quorum/cells.ts';
import { type QuorumRow, quorumReport } from '../quorum/table.ts';
import { WORKERS_MAX, parseCount, parseSeed } from './options.ts';
import { progressBar } from './progress.ts';
import { quorumText } from './quorumText.ts';
import type { QuorumSetup } from './quorumWorker.ts';
import { styleFor } from './tables.ts';
import { runJobs } from './workerPool.ts';

export interface QuorumFlags {
  readonly seeds?: string;
  readonly seed?: string;
  readonly sentinels?: string;
  readonly workers?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const SEEDS_DEFAULT = 20;
const SEEDS_MAX = 100_000;

export const quorumCommand = async (flags: QuorumFlags): Promise<number> => {
  const seeds = flags.seeds === undefined ? SEEDS_DEFAULT : parseCount(flags.seeds, '--seeds', SEEDS_MAX);
  const firstSeed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  if (!Number.isSafeInteger(firstSeed + seeds)) throw new ConfigError(`--seed: ${firstSeed} leaves no room for ${seeds} seeds`);
  const sentinels = flags.sentinels === undefined ? SENTINELS_MAX : parseCount(flags.sentinels, '--sentinels', SENTINELS_MAX);
  const workers = flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX);
  // The cells with most sentinels take longest: they come first, so that no worker is left with one at the end.
  const cells = [...quorumCells(sentinels)].reverse();
  const bar = progressBar(cells.length, flags.quiet === true, 'cells');
  const rows = await runJobs<QuorumCell, QuorumRow>({
    program: new URL('./quorumWorker.js', import.meta.url), setup: { firstSeed, seeds } satisfies QuorumSetup, jobs: cells, workers,
    onProgress: (done) => bar.update(done),
  }).finally(() => bar.stop());
  const report = quorumReport([...rows].reverse());
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...report, cluster: [], notBuilt: ['cluster'] }, null, 2)}\n`);
  } else process.stdout.write(`${quorumText(styleFor(process.stdout), report, seeds, flags.quiet === true)}\n`);
  return report.ok ? 0 : 1;
};
