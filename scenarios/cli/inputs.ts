/**
 * What `run` and `replay` are given: the name of a scenario, or a file: a deployment file (which gets the plan of the
 * main job), a scenario as JSON, or a saved run.
 */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ScenarioError } from '../../engine/core/errors.ts';
import type { FailureClass } from '../../sim/explore/failureClass.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { importDeployment } from '../../sim/topology/importDeployment.ts';
import { validateScenario } from '../../sim/validateScenario.ts';
import { findScenario, isSavedRun, readSavedRun, resolve, scenarioFor, scenarios } from '../index.ts';
import type { SavedRun } from '../index.ts';
import { readerBeside, readerIn, readTextFile } from './files.ts';
import { nearest } from './nearest.ts';

export interface Input {
  readonly scenario: ResolvedScenario;
  /** As the user named it: what the replay command names. */
  readonly argument: string;
  /** The seed that a saved run brings along. */
  readonly seed: number | null;
  /** Bugs that a saved run was made with. */
  readonly planted: readonly string[];
  /** The way in which a saved run failed; null: it is none, or did not. */
  readonly failure: FailureClass | null;
  /** The command that runs it again, without its seed, where that is not `faultline run`. */
  readonly again?: string;
}

/** As a scenario that is no saved run comes. */
const FRESH = { seed: null, planted: [], failure: null } as const;

export const savedInput = ({ scenario, seed, planted, failure }: SavedRun, argument: string): Input =>
  ({ scenario, argument, seed, planted: planted ?? [], failure: failure ?? null });

/** Throws `ScenarioError`. */
export const loadInput = (argument: string): Input => {
  const scenario = findScenario(argument);
  if (scenario !== null) return { scenario: resolve(scenario, readerIn(null)), argument, ...FRESH };
  if (/\.(?:ya?ml|json)$/.test(argument) || existsSync(argument)) return loadFile(argument);
  const names = nearest(argument, scenarios.map(({ name }) => name));
  const hint = names.length === 0 ? "'faultline list' shows what there is" : `did you mean ${names.join(' or ')}?`;
  throw new ScenarioError(`unknown scenario '${argument}': ${hint}`);
};

const loadFile = (path: string): Input => {
  const text = readTextFile(path);
  if (!path.endsWith('.json')) {
    return { scenario: scenarioFor(importDeployment([{ file: basename(path), text }], readerBeside(dirname(path)))), argument: path, ...FRESH };
  }
  const value = parseJson(text, path);
  if (isSavedRun(value)) return savedInput(readSavedRun(value, path), path);
  return { scenario: resolve(validateScenario(value, path), readerIn(dirname(path))), argument: path, ...FRESH };
};

/** Reads a saved run. Throws `ScenarioError` for anything else. */
export const loadSavedRun = (path: string): SavedRun => {
  const value = parseJson(readTextFile(path), path);
  if (!isSavedRun(value)) throw new ScenarioError(`${path}: not a saved run; 'faultline run --save FILE' writes one`);
  return readSavedRun(value, path);
};

export const parseJson = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ScenarioError(`${path}: not JSON: ${error.message.replaceAll('\n', ' ')}`);
    throw error;
  }
};
