/**
 * What `run` and `replay` are given: the name of a scenario, or a file: a deployment file (which gets the plan of the
 * main job), a scenario as JSON, or a saved run.
 */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ScenarioError } from '../../engine/core/errors.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { importDeployment } from '../../sim/topology/importDeployment.ts';
import { validateScenario } from '../../sim/validateScenario.ts';
import { findScenario, isSavedRun, readSavedRun, resolve, scenarioFor, scenarios } from '../index.ts';
import type { SavedRun } from '../index.ts';
import { readerIn, readTextFile } from './files.ts';
import { nearest } from './nearest.ts';

export interface Input {
  readonly scenario: ResolvedScenario;
  /** As the user named it: what the replay command names. */
  readonly argument: string;
  /** The seed that a saved run brings along. */
  readonly seed: number | null;
}

/** Throws `ScenarioError`. */
export const loadInput = (argument: string): Input => {
  const scenario = findScenario(argument);
  if (scenario !== null) return { scenario: resolve(scenario, readerIn(null)), argument, seed: null };
  if (/\.(?:ya?ml|json)$/.test(argument) || existsSync(argument)) return loadFile(argument);
  const names = nearest(argument, scenarios.map(({ name }) => name));
  const hint = names.length === 0 ? "'faultline list' shows what there is" : `did you mean ${names.join(' or ')}?`;
  throw new ScenarioError(`unknown scenario '${argument}': ${hint}`);
};

const loadFile = (path: string): Input => {
  const text = readTextFile(path);
  if (!path.endsWith('.json')) {
    return { scenario: scenarioFor(importDeployment(text, basename(path))), argument: path, seed: null };
  }
  const value = parseJson(text, path);
  if (isSavedRun(value)) {
    const saved = readSavedRun(value, path);
    return { scenario: saved.scenario, argument: path, seed: saved.seed };
  }
  return { scenario: resolve(validateScenario(value, path), readerIn(dirname(path))), argument: path, seed: null };
};

/** Reads a saved run. Throws `ScenarioError` for anything else. */
export const loadSavedRun = (path: string): SavedRun => {
  const value = parseJson(readTextFile(path), path);
  if (!isSavedRun(value)) throw new ScenarioError(`${path}: not a saved run; 'faultline run --save FILE' writes one`);
  return readSavedRun(value, path);
};

const parseJson = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ScenarioError(`${path}: not JSON: ${error.message.replaceAll('\n', ' ')}`);
    throw error;
  }
};
