/**
 * The values of flags. Each parser takes what stands on the command line and answers with the value, or throws a
 * `ConfigError` of one line that names the flag.
 */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';

/** Most runs of one campaign. */
const RUNS_MAX = 10_000_000;
export const WORKERS_MAX = 256;

/** Flags of `run`, as commander hands them over. */
export interface RunFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly shard?: string;
  readonly workers?: string;
  readonly verify?: boolean;
  readonly trace?: string;
  readonly save?: string;
  readonly html?: string;
  readonly world?: string;
  readonly network?: string;
  readonly server?: string;
  readonly sentinelServer?: string;
  /** Of `replay`. */
  readonly module?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

export interface RunOptions {
  readonly seed: number;
  /** Number of runs of a campaign; null for a single run. */
  readonly seeds: number | null;
  readonly shard: Shard;
  readonly workers: number;
  readonly verify: boolean;
  readonly trace: string | null;
  readonly save: string | null;
  readonly html: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
}

const DEFAULT_SEED = 1;

/** A decimal non-negative integer below 2^53. */
export const parseSeed = (text: string, flag: string = '--seed'): number => {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (value < 0 || !Number.isSafeInteger(value)) {
    throw new ConfigError(`${flag}: '${text}' is not a decimal whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return value;
};

/** A whole number from 1 to `max`. */
export const parseCount = (text: string, flag: string, max: number): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new ConfigError(`${flag}: '${text}' is not a whole number from 1 to ${max}`);
  return value;
};

export const parseShard = (text: string): Shard => {
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const index = Number(match?.[1] ?? 0);
  const count = Number(match?.[2] ?? 0);
  if (index < 1 || index > count) {
    throw new ConfigError(`--shard: '${text}' is not I/N with I from 1 to N, such as 1/4`);
  }
  return { index, count };
};

/** Checks the flags of `run` one by one and against each other. */
export const parseRunFlags = (flags: RunFlags): RunOptions => {
  const seeds = flags.seeds === undefined ? null : parseCount(flags.seeds, '--seeds', RUNS_MAX);
  if (seeds === null && flags.shard !== undefined) throw new ConfigError('--shard: needs --seeds');
  if (seeds === null && flags.workers !== undefined) throw new ConfigError('--workers: needs --seeds');
  for (const name of ['trace', 'save', 'html'] as const) {
    if (seeds !== null && flags[name] !== undefined) throw new ConfigError(`--${name}: is for one run, not for --seeds`);
  }
  const seed = flags.seed === undefined ? DEFAULT_SEED : parseSeed(flags.seed);
  if (seeds !== null && !Number.isSafeInteger(seed + seeds)) {
    throw new ConfigError(`--seed: ${seed} leaves no room for ${seeds} seeds`);
  }
  return {
    seed,
    seeds,
    shard: flags.shard === undefined ? { index: 1, count: 1 } : parseShard(flags.shard),
    workers: flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX),
    verify: flags.verify === true,
    trace: flags.trace ?? null,
    save: flags.save ?? null,
    html: flags.html ?? null,
    json: flags.json === true,
    quiet: flags.quiet === true,
  };
};
