/**
 * `faultline claims`: runs what the operator's notes say, and prints for each statement whether it holds, with the figures that say
 * so and the command that shows it again. Writes the page of docs, and holds a page against a new run.
 *
 * Exit status 1 where a verdict is another than the record expects, or where the page says something else than the run.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../engine/core/errors.ts';
import type { ClaimResult } from '../claims/claim.ts';
import { claims } from '../claims/index.ts';
import { claimsPage, firstDifference } from './claimsPage.ts';
import { claimsText } from './claimsText.ts';
import { readTextFile, writeTextFile } from './files.ts';
import { WORKERS_MAX, parseCount } from './options.ts';
import { progressBar } from './progress.ts';
import { styleFor } from './tables.ts';
import { runJobs } from './workerPool.ts';

export interface ClaimsFlags {
  readonly only?: string;
  readonly page?: string;
  readonly check?: string;
  readonly workers?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const claimsCommand = async (flags: ClaimsFlags): Promise<number> => {
  const workers = flags.workers === undefined ? availableParallelism() : parseCount(flags.workers, '--workers', WORKERS_MAX);
  const numbers = flags.only === undefined ? claims.map(({ n }) => n) : parseNumbers(flags.only);
  if (flags.only !== undefined && (flags.page !== undefined || flags.check !== undefined)) {
    throw new ConfigError('--only: --page and --check are about all claims');
  }
  if (flags.check !== undefined && !existsSync(flags.check)) throw new ConfigError(`${flags.check}: no such file; --page writes it`);
  const bar = progressBar(numbers.length, flags.quiet === true, 'claims');
  const results = await runJobs<number, ClaimResult>({
    program: new URL('./claimsWorker.js', import.meta.url), setup: null, jobs: numbers, workers, onProgress: (done) => bar.update(done),
  }).finally(() => bar.stop());
  if (flags.page !== undefined) writeTextFile(flags.page, claimsPage(results));
  const differs = flags.check === undefined ? null : firstDifference(readTextFile(flags.check), claimsPage(results));
  const asExpected = results.every(({ verdict, expected }) => verdict === expected);
  process.stdout.write(
    `${flags.json === true ? JSON.stringify(results, null, 2) : claimsText(styleFor(process.stdout), results, flags.quiet === true)}\n`
  );
  if (flags.check !== undefined && differs !== null) {
    process.stderr.write(`${flags.check}: line ${differs.line} differs from what was run just now\n`
      + `  page: ${differs.page}\n  run:  ${differs.run}\n`
      + `again: npx faultline claims --page ${flags.check}\n`);
  }
  return asExpected && differs === null ? 0 : 1;
};

/** `3,11`: each the number of a claim. */
const parseNumbers = (text: string): readonly number[] => {
  const numbers = text.split(',').map((word) => (/^\d{1,3}$/.test(word.trim()) ? Number(word) : 0));
  const unknown = numbers.findIndex((number) => !claims.some(({ n }) => n === number));
  if (unknown >= 0) throw new ConfigError(`--only: '${text.split(',')[unknown]}' is not the number of a claim, 1 to ${claims.length}`);
  return [...new Set(numbers)].sort((left, right) => left - right);
};
