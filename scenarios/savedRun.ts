/**
 * A saved run: everything that `faultline replay` and the browser need to run it again, bit for bit, the hash it must come to, and
 * for a failure the way in which it fails. It is plain JSON and may come from strangers, so it is validated like any scenario.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { FailureClass } from '../sim/explore/failureClass.ts';
import type { ResolvedScenario } from '../sim/scenario.ts';
import { checkText, has, readInteger, readList, readObject, readText, valueOf } from '../sim/topology/fields.ts';
import { validateScenario } from '../sim/validateScenario.ts';

/** Version of the format; raised when an older file could no longer be read. */
export const SAVED_RUN_VERSION: number = 1;
const PLANTED_MAX = 64;

/** What a saved run may say besides. */
export interface SavedExtras {
  /** The way in which it failed when it was saved. */
  readonly failure?: FailureClass;
  /** Bugs that were planted in the engine. */
  readonly planted?: readonly string[];
}

export interface SavedRun extends SavedExtras {
  readonly faultline: number;
  readonly seed: number;
  readonly traceHash: string;
  readonly scenario: ResolvedScenario;
}

export const saveRun = (
  scenario: ResolvedScenario, seed: number, traceHash: string, { failure, planted = [] }: SavedExtras = {},
): SavedRun => ({
  faultline: SAVED_RUN_VERSION, seed, traceHash,
  ...(failure === undefined ? {} : { failure: { check: failure.check, cause: failure.cause } }),
  ...(planted.length === 0 ? {} : { planted }),
  scenario,
});

/** True where a JSON value says of itself that it is a saved run. */
export const isSavedRun = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'faultline');

/** Throws `ScenarioError`. */
export const readSavedRun = (value: unknown, origin: string): SavedRun => {
  try {
    return readFields(value);
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScenarioError(`${origin}: ${error.message}`);
    throw error;
  }
};

const readFields = (value: unknown): SavedRun => {
  const fields = readObject(value, '', ['faultline', 'seed', 'traceHash', 'failure', 'planted', 'scenario']);
  const scenario = validateScenario(valueOf(fields, 'scenario'), 'scenario');
  const { topology } = scenario;
  if ('file' in topology) throw new ScenarioError('scenario.topology: a saved run holds its topology itself');
  return {
    faultline: readInteger(fields, 'faultline', SAVED_RUN_VERSION, SAVED_RUN_VERSION),
    seed: readInteger(fields, 'seed', 0, Number.MAX_SAFE_INTEGER),
    traceHash: readText(fields, 'traceHash'),
    ...(has(fields, 'failure') ? { failure: readFailure(valueOf(fields, 'failure')) } : {}),
    ...(has(fields, 'planted') ? { planted: readList(fields, 'planted', PLANTED_MAX, checkText) } : {}),
    scenario: { ...scenario, topology },
  };
};

const readFailure = (value: unknown): FailureClass => {
  const fields = readObject(value, 'failure', ['check', 'cause']);
  return { check: readText(fields, 'check'), cause: readText(fields, 'cause') };
};
