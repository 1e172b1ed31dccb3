/**
 * What `faultline view FILE` hands to the page: any file that a run can be made of. It is checked here, so that a wrong one is told in
 * the terminal; the page checks it again, as it checks whatever it opens (`viz/model/source.ts` knows the same kinds).
 */
import { basename, dirname } from 'node:path';
import { ScenarioError } from '../../engine/core/errors.ts';
import { TRACE_VERSION } from '../../sim/trace/traceEvent.ts';
import { importDeployment } from '../../sim/topology/importDeployment.ts';
import { validateScenario } from '../../sim/validateScenario.ts';
import { isSavedRun, readSavedRun, resolve, scenarioFor } from '../index.ts';
import { readTextFile, readerBeside, readerIn } from './files.ts';
import { parseJson } from './inputs.ts';

export interface OpenedFile {
  /** Without its directory; the ending says what it is. */
  readonly name: string;
  readonly text: string;
}

/** Traces are long: as much as the page reads. */
const OPENED_BYTES_MAX = 256 * 1024 * 1024;

/** Throws `ScenarioError`. */
export const readOpened = (path: string): OpenedFile => {
  const text = readTextFile(path, OPENED_BYTES_MAX);
  const name = basename(path);
  if (text.startsWith('{"trace"')) {
    checkTrace(text, path);
    return { name, text };
  }
  if (/\.(?:ya?ml|conf)$/i.test(name)) return openedDeployment(path, name, text);
  const value = parseJson(text, path);
  if (isSavedRun(value)) {
    const { planted = [] } = readSavedRun(value, path);
    if (planted.length > 0) {
      throw new ScenarioError(`${path}: was made with bugs that were planted (${planted.join(', ')}); 'faultline replay' plays it, the page has none`);
    }
    return { name, text };
  }
  if (isReport(value)) return { name, text };
  // A deployment file that lies beside it is not beside the page.
  return { name, text: JSON.stringify(resolve(validateScenario(value, path), readerIn(dirname(path)))) };
};

/** What lies beside a deployment file is not beside the page: with what it refers to it goes there as a scenario. */
const openedDeployment = (path: string, name: string, text: string): OpenedFile => {
  const read = readerBeside(dirname(path));
  let refersToOthers = false;
  const topology = importDeployment([{ file: name, text }], (file) => {
    const found = read(file);
    refersToOthers = true;
    return found;
  });
  return refersToOthers ? { name: `${name}.json`, text: JSON.stringify(scenarioFor(topology)) } : { name, text };
};

const checkTrace = (text: string, path: string): void => {
  const end = text.indexOf('\n');
  const { trace, version } = parseJson(end < 0 ? text : text.slice(0, end), path) as { readonly trace?: unknown; readonly version?: unknown };
  if (trace !== 'faultline' || version !== TRACE_VERSION) {
    throw new ScenarioError(`${path}: not a trace of version ${TRACE_VERSION}; 'faultline run --trace FILE' writes one`);
  }
};

const isReport = (value: unknown): boolean => typeof value === 'object' && value !== null && 'ledger' in value && 'traceHash' in value;
