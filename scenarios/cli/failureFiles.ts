/**
 * What a failure is written as: a saved run, which `faultline replay` and `faultline run` take, and beside it a regression test. The
 * names follow from scenario, seed and check, so the same search writes the same files.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../../engine/core/errors.ts';
import type { FailureClass } from '../../sim/explore/failureClass.ts';
import type { ExpandedScenario } from '../../sim/scenario.ts';
import { saveRun } from '../index.ts';
import { regressionTestText } from '../regressionTest.ts';
import { writeTextFile } from './files.ts';
import { quoteArgument } from './replayLine.ts';
import type { RunWith } from './runWith.ts';

export interface SavedFailure extends FailureClass {
  readonly scenario: ExpandedScenario;
  readonly seed: number;
  readonly traceHash: string;
  readonly detail: string;
}

export interface FailureFiles {
  /** The saved run. */
  readonly file: string;
  readonly test: string;
  readonly replay: string;
}

const safe = (text: string): string => text.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);

/** Writes both into `directory`, which it makes. `ordinal` tells failures of the same check and seed apart; 0: none. */
export const writeFailure = (
  directory: string, failure: SavedFailure, { planted, modules }: RunWith, ordinal: number = 0,
): FailureFiles => {
  const { scenario, seed, traceHash } = failure;
  makeDirectory(directory);
  const name = `${safe(scenario.name)}-seed${seed}-${safe(failure.check)}${ordinal === 0 ? '' : `-${ordinal + 1}`}`;
  const file = join(directory, `${name}.json`);
  const test = join(directory, `${name}.test.ts`);
  const replay = replayFile(file, modules);
  writeTextFile(file, JSON.stringify(saveRun(scenario, seed, traceHash, { failure, planted }), null, 2));
  writeTextFile(test, regressionTestText({ ...failure, planted, replay }));
  return { file, test, replay };
};

/** A run that is worth seeing again, and did not fail. */
export const writeInteresting = (
  directory: string, name: string, scenario: ExpandedScenario, seed: number, traceHash: string, { planted }: RunWith,
): string => {
  makeDirectory(directory);
  const file = join(directory, `${safe(scenario.name)}-${name}.json`);
  writeTextFile(file, JSON.stringify(saveRun(scenario, seed, traceHash, { planted }), null, 2));
  return file;
};

export const replayFile = (file: string, modules: readonly string[] = []): string =>
  ['npx faultline replay', quoteArgument(file), ...modules.map((path) => `--module ${quoteArgument(path)}`)].join(' ');

const makeDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be made';
    throw new ScenarioError(`${directory}: not a directory that can be written (${code})`);
  }
};
