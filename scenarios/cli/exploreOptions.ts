/** The values of the flags of `explore` and `shrink`: each is checked, and what is wrong is a `ConfigError` of one line. */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';
import { NO_ENGINE_BUGS } from '../../sim/node/serverProgram.ts';
import { OBJECTIVES, type Objective } from '../../sim/explore/objectives.ts';
import { type Shard, WORKERS_MAX, parseCount, parseSeed, parseShard } from './options.ts';

/** Flags of `explore`, as commander hands them over. */
export interface ExploreFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly workers?: string;
  readonly budget?: string;
  readonly shard?: string;
  readonly resume?: string;
  readonly junit?: string;
  readonly github?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly objective?: string;
  readonly out?: string;
  readonly plant?: string;
  readonly module?: readonly string[];
  /** False with `--no-shrink`. */
  readonly shrink?: boolean;
  /** False with `--no-mutate`. */
  readonly mutate?: boolean;
}

export interface ExploreOptions {
  readonly seed: number;
  /** Runs of all shards together. */
  readonly seeds: number;
  readonly shard: Shard;
  readonly workers: number;
  /** Wall time after which no further round begins; null: none. */
  readonly budgetMs: number | null;
  readonly resume: string | null;
  readonly junit: string | null;
  readonly github: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly objective: Objective | null;
  readonly out: string;
  readonly planted: readonly string[];
  readonly modules: readonly string[];
  readonly shrinks: boolean;
  readonly mutates: boolean;
}

const SEEDS_DEFAULT = 200;
const SEEDS_MAX = 10_000_000;
const BUDGET_MS_MAX = 7 * 24 * 3_600_000;
export const OUT_DEFAULT = 'faultline-failures';
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h`, `500ms` as milliseconds. */
export const parseBudget = (text: string): number => {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  const ms = Number(match?.[1] ?? 0) * (UNITS_MS[match?.[2] ?? ''] ?? 0);
  if (ms < 1 || ms > BUDGET_MS_MAX) throw new ConfigError(`--budget: '${text}' is not a time such as 500ms, 60s, 5m or 1h (a week at most)`);
  return ms;
};

const parseObjective = (text: string): Objective => {
  const found = OBJECTIVES.find((objective) => objective === text);
  if (found === undefined) throw new ConfigError(`--objective: '${text}' is none of ${OBJECTIVES.join(', ')}`);
  return found;
};

/** Names separated by commas. */
export const parsePlanted = (text: string | undefined): readonly string[] => {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(NO_ENGINE_BUGS, name));
  if (unknown !== undefined) throw new ConfigError(`--plant: no bug is called '${unknown}'; there are ${Object.keys(NO_ENGINE_BUGS).join(', ')}`);
  return names;
};

export const parseExploreFlags = (flags: ExploreFlags): ExploreOptions => {
  const seed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  const budgetMs = flags.budget === undefined ? null : parseBudget(flags.budget);
  const most = budgetMs === null ? SEEDS_DEFAULT : SEEDS_MAX;
  const seeds = flags.seeds === undefined ? most : parseCount(flags.seeds, '--seeds', SEEDS_MAX);
  if (!Number.isSafeInteger(seed + seeds)) throw new ConfigError(`--seed: ${seed} leaves no room for ${seeds} seeds`);
  const shard = flags.shard === undefined ? { index: 1, count: 1 } : parseShard(flags.shard);
  if (shard.index > seeds) throw new ConfigError(`--shard: has no seed of ${seeds}`);
  return {
    seed, seeds, shard, budgetMs,
    workers: flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX),
    resume: flags.resume ?? null, junit: flags.junit ?? null, github: flags.github === true, json: flags.json === true,
    quiet: flags.quiet === true, objective: flags.objective === undefined ? null : parseObjective(flags.objective),
    out: flags.out ?? OUT_DEFAULT, planted: parsePlanted(flags.plant), modules: flags.module ?? [],
    shrinks: flags.shrink !== false, mutates: flags.mutate !== false,
  };
};
