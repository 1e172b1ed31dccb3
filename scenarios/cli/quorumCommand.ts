/** `faultline quorum`: runs every cell of the availability tables and prints them. Exit status 1 where a run differs from counting. */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';
import { PRIMARIES_MAX, clusterCells } from '../quorum/clusterCells.ts';
import { SENTINELS_MAX, quorumCells } from '../quorum/cells.ts';
import { quorumReport } from '../quorum/table.ts';
import { clusterText } from './clusterText.ts';
import { WORKERS_MAX, parseCount, parseSeed } from './options.ts';
import { progressBar } from './progress.ts';
import { quorumText } from './quorumText.ts';
import type { QuorumJob, QuorumResult, QuorumSetup } from './quorumWorker.ts';
import { styleFor } from './tables.ts';
import { runJobs } from './workerPool.ts';

export interface QuorumFlags {
  readonly seeds?: string;
  readonly seed?: string;
  readonly sentinels?: string;
  readonly primaries?: string;
  readonly only?: string;
  readonly workers?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const SEEDS_DEFAULT = 20;
const SEEDS_MAX = 100_000;
/** Of the seeds for a sentinel's cell, one in so many is run for a cluster's. */
const CLUSTER_SEEDS_SHARE = 5;
const TABLES = ['sentinel', 'cluster'] as const;

export const quorumCommand = async (flags: QuorumFlags): Promise<number> => {
  const seeds = flags.seeds === undefined ? SEEDS_DEFAULT : parseCount(flags.seeds, '--seeds', SEEDS_MAX);
  const firstSeed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  if (!Number.isSafeInteger(firstSeed + seeds)) throw new ConfigError(`--seed: ${firstSeed} leaves no room for ${seeds} seeds`);
  const sentinels = flags.sentinels === undefined ? SENTINELS_MAX : parseCount(flags.sentinels, '--sentinels', SENTINELS_MAX);
  const primaries = flags.primaries === undefined ? PRIMARIES_MAX : parseCount(flags.primaries, '--primaries', PRIMARIES_MAX);
  const workers = flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX);
  const tables = TABLES.filter((table) => flags.only === undefined || flags.only === table);
  if (tables.length === 0) throw new ConfigError(`--only: '${flags.only ?? ''}' is neither ${TABLES.join(' nor ')}`);
  // The cells with most processes take longest: they come first, so that no worker is left with one at the end.
  const jobs: readonly QuorumJob[] = [
    ...(tables.includes('cluster') ? clusterCells(primaries).map((cell): QuorumJob => ({ kind: 'cluster', cell })) : []).reverse(),
    ...(tables.includes('sentinel') ? quorumCells(sentinels).map((cell): QuorumJob => ({ kind: 'sentinel', cell })) : []).reverse(),
  ];
  const clusterSeeds = Math.ceil(seeds / CLUSTER_SEEDS_SHARE);
  const bar = progressBar(jobs.length, flags.quiet === true, 'cells');
  const results = await runJobs<QuorumJob, QuorumResult>({
    program: new URL('./quorumWorker.js', import.meta.url), setup: { firstSeed, seeds, clusterSeeds } satisfies QuorumSetup, jobs,
    workers, onProgress: (done) => bar.update(done),
  }).finally(() => bar.stop());
  const inOrder = [...results].reverse();
  const report = quorumReport(inOrder.flatMap((result) => (result.kind === 'sentinel' ? [result.row] : [])));
  const cluster = inOrder.flatMap((result) => (result.kind === 'cluster' ? [result.row] : []));
  const ok = report.ok && cluster.every(({ differs }) => differs.length === 0);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...report, cluster, ok }, null, 2)}\n`);
  } else {
    const style = styleFor(process.stdout);
    const texts = [
      ...(tables.includes('sentinel') ? [quorumText(style, report, seeds, flags.quiet === true)] : []),
      ...(tables.includes('cluster') ? [clusterText(style, cluster, clusterSeeds, flags.quiet === true)] : []),
    ];
    process.stdout.write(`${texts.join(flags.quiet === true ? '\n' : '\n\n')}\n`);
  }
  return ok ? 0 : 1;
};
