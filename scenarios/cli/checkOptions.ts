/** The flags of `faultline check`. */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';
import { type Requirements, needsPairs, parseRequirements } from '../check/requirements.ts';
import { WORKERS_MAX, parseCount, parseSeed } from './options.ts';

export interface CheckFlags {
  readonly seeds?: string;
  readonly seed?: string;
  readonly pairs?: boolean;
  readonly pairSeeds?: string;
  readonly within?: string;
  readonly require?: string;
  readonly place?: string;
  readonly only?: string;
  readonly show?: string;
  readonly findings?: boolean;
  readonly fix?: boolean;
  readonly workers?: string;
  readonly html?: string;
  readonly save?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface CheckOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Of pairs of failures; 0: they are not run. */
  readonly pairSeeds: number;
  /** Null: as the deployment's configuration needs. */
  readonly withinMs: number | null;
  readonly requirements: Requirements | null;
  readonly place: string | null;
  /** Only cells in whose names this stands. */
  readonly only: string | null;
  /** Look for what is wrong, and prove it. */
  readonly findings: boolean;
  /** Write the mended files beside the originals. */
  readonly fix: boolean;
  readonly workers: number;
  readonly html: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
}

const SEEDS_DEFAULT = 12;
const PAIR_SEEDS_DEFAULT = 4;
const SEEDS_MAX = 100_000;
const WITHIN_MS_MAX = 3_600_000;
const MS_PER: Readonly<Record<string, number>> = { s: 1000, m: 60_000 };

/** Throws `ConfigError` that names the flag. */
export const parseCheckFlags = (flags: CheckFlags): CheckOptions => {
  const requirements = flags.require === undefined ? null : parseRequirements(flags.require);
  const wantsPairs = flags.pairs === true || flags.pairSeeds !== undefined || (requirements !== null && needsPairs(requirements));
  const firstSeed = flags.seed === undefined ? 1 : parseSeed(flags.seed);
  const seeds = flags.seeds === undefined ? SEEDS_DEFAULT : parseCount(flags.seeds, '--seeds', SEEDS_MAX);
  if (!Number.isSafeInteger(firstSeed + SEEDS_MAX)) throw new ConfigError(`--seed: ${firstSeed} leaves no room for more seeds`);
  if (flags.save !== undefined && flags.show === undefined) throw new ConfigError('--save: saves one run, so it goes with --show');
  if (flags.fix === true && flags.findings === false) throw new ConfigError('--fix: mends what is found, so it does not go with --no-findings');
  return {
    firstSeed, seeds,
    pairSeeds: wantsPairs ? flags.pairSeeds === undefined ? PAIR_SEEDS_DEFAULT : parseCount(flags.pairSeeds, '--pair-seeds', SEEDS_MAX) : 0,
    withinMs: flags.within === undefined ? null : parseTime(flags.within, '--within'),
    requirements, place: flags.place ?? null, only: flags.only ?? null,
    findings: flags.findings !== false, fix: flags.fix === true,
    workers: flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX),
    html: flags.html ?? null, json: flags.json === true, quiet: flags.quiet === true,
  };
};

const parseTime = (text: string, flag: string): number => {
  const match = /^(\d{1,6})(s|m)$/.exec(text);
  const ms = Number(match?.[1] ?? 0) * (MS_PER[match?.[2] ?? ''] ?? 0);
  if (ms < 1000 || ms > WITHIN_MS_MAX) throw new ConfigError(`${flag}: '${text}' is not a time from 1s to 60m, such as 90s`);
  return ms;
};
