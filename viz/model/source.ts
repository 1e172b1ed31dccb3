/**
 * What a person opens: a file or a link's text becomes a scenario and a seed, or a trace. Everything comes from strangers, so all of
 * it is validated and bounded; what is wrong is one line.
 *
 *   a saved run or a failure      its scenario and seed, and the hash that it must come to
 *   a report (`run --json`)       the scenario of that name with the report's plan and seed, and its hash
 *   a trace (`run --trace`)       the same, and every record is compared; not one of our scenarios: shown from its records
 *   a scenario                    as it is, with the page's seed
 *   a Compose file, Helm values,
 *   a redis.conf, a nodes.conf    the main job for that deployment
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { findScenario, isSavedRun, readSavedRun, resolve, scenarioFor } from '../../scenarios/index.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { importDeployment, noOtherFiles } from '../../sim/topology/importDeployment.ts';
import type { ReadText } from '../../sim/topology/topology.ts';
import { validateScenario } from '../../sim/validateScenario.ts';
import { type TraceFile, readTraceHeader } from './traceFile.ts';

/** Characters of a file. */
export const SOURCE_LENGTH_MAX = 268_435_456;

export interface Source {
  /** Null: the trace names none of ours. */
  readonly scenario: ResolvedScenario | null;
  readonly seed: number;
  /** What the run must come to, where the file says. */
  readonly traceHash: string | null;
  readonly trace: TraceFile | null;
}

/** Throws `ScenarioError`. */
export const namedScenario = (name: string, readText: ReadText): ResolvedScenario => {
  const scenario = findScenario(name);
  if (scenario === null) throw new ScenarioError(`unknown scenario '${name.slice(0, 80)}'`);
  return resolve(scenario, readText);
};

/** `seed`: for what brings none along. Throws `ScenarioError`. */
export const readSource = (text: string, name: string, seed: number, readText: ReadText): Source => {
  if (text.length > SOURCE_LENGTH_MAX) throw new ScenarioError(`${name}: larger than ${SOURCE_LENGTH_MAX} characters`);
  const trace = readTraceHeader(text, name);
  if (trace !== null) return { scenario: planned(trace.scenario, trace.plan, name, readText), seed: trace.seed, traceHash: null, trace };
  if (/\.(?:ya?ml|conf)$/i.test(name)) return fresh(scenarioFor(importDeployment([{ file: name, text }], noOtherFiles)), seed);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScenarioError(`${name}: not JSON`);
  }
  if (isSavedRun(value)) return fromSavedRun(value, name);
  const report = fromReport(value, name, readText);
  return report ?? fresh(resolve(validateScenario(value, name), readText), seed);
};

const fresh = (scenario: ResolvedScenario, seed: number): Source => ({ scenario, seed, traceHash: null, trace: null });

const fromSavedRun = (value: unknown, name: string): Source => {
  const { scenario, seed, traceHash, planted = [] } = readSavedRun(value, name);
  if (planted.length > 0) {
    throw new ScenarioError(`${name}: was made with bugs that were planted (${planted.join(', ')}); faultline replay plays it, this page has none`);
  }
  return { scenario, seed, traceHash, trace: null };
};

/** Null: it is no report. */
const fromReport = (value: unknown, name: string, readText: ReadText): Source | null => {
  if (typeof value !== 'object' || value === null || !('ledger' in value) || !('traceHash' in value)) return null;
  const { scenario, seed, traceHash, plan } = value as { readonly [name: string]: unknown };
  if (typeof scenario !== 'string' || typeof traceHash !== 'string' || typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) {
    throw new ScenarioError(`${name}: a report without scenario, seed or hash`);
  }
  const found = planned(scenario, plan, name, readText);
  if (found === null) throw new ScenarioError(`${name}: a report of '${scenario.slice(0, 80)}', which does not come with this page; a saved run would bring it along`);
  return { scenario: found, seed, traceHash, trace: null };
};

/** Our scenario of that name with that plan; null when there is none. */
const planned = (scenario: string, plan: unknown, name: string, readText: ReadText): ResolvedScenario | null => {
  const known = findScenario(scenario);
  if (known === null) return null;
  const resolved = resolve(known, readText);
  return { ...resolved, plan: validateScenario({ ...resolved, plan }, name).plan };
};
