/**
 * A scenario from a stranger (a JSON file, a link, an attachment), checked and bounded before it runs. The result is built
 * anew from the fields that were read, so nothing unchecked travels along.
 *
 * Every error is a `ScenarioError` of one line, `origin: path.of.the.field: message`.
 */
import { isBytes } from '../engine/core/bytes.ts';
import { ScenarioError } from '../engine/core/errors.ts';
import type {
  Bounds, ClientSpec, EventPattern, Expectations, Plan, PlanEntry, PlanTime, PlanValue, Scenario, Tolerance, Verdict, WaitSpec,
  WorkloadKind, WorkloadSpec,
} from './scenario.ts';
import { CHAOS_BOUNDS } from './fault/generate/bounds.ts';
import { CHAOS_KINDS } from './fault/generate/chaosKinds.ts';
import { readableKeys } from './client/work/keys.ts';
import type { Fields } from './topology/fields.ts';
import {
  checkDistinct, checkList, checkText, has, readBoolean, readChoice, readInteger, readList, readName, readObject, readRecord, readText,
  reject, valueOf,
} from './topology/fields.ts';
import { validateTopology } from './topology/validateTopology.ts';
import { LOCATOR_FIELDS, checkServer, readLocator } from './validateLocator.ts';
import { WORKLOAD_KINDS, WORK_FIELDS, checkWorkFields, ratePerSecond, readWork } from './validateWork.ts';

export const PLAN_ENTRIES_MAX = 1000;
/** One virtual day. */
export const DURATION_MS_MAX = 86_400_000;
export const CLIENTS_MAX = 64;
export const PROBES_MAX = 16;
/** Of one client; and of all clients over the whole run. */
export const OPERATIONS_PER_SECOND_MAX = 1000;
export const OPERATIONS_MAX = 5_000_000;
/** Of one value; and of all values that a run writes: a run keeps them. */
export const VALUE_BYTES_MAX = 1_048_576;
export const VALUES_BYTES_MAX = 134_217_728;
export const READER_SERVERS_MAX = 16;
const CLIENT_TIMEOUT_MS_MAX = 600_000;
const WAIT_REPLICAS_MAX = 512;
const KEYS_MAX = 1024;
const PARAMETERS_MAX = 16;
const PATTERN_FIELDS_MAX = 16;
const OCCURRENCES_MAX = 1_000_000;
const GROUPS_MAX = 64;
const VERDICTS_MAX = 64;

/** Of a tolerance in milliseconds, percent or points. */
const TOLERANCE_MAX = 1_000_000;
/** Expectations that are bounds on a figure of one run. */
const BOUNDS = [
  'lost', 'unavailableMs', 'waitedLost', 'fullSyncs', 'staleMs', 'failovers',
] as const satisfies readonly (keyof Expectations)[];

const VERDICTS: readonly Verdict[] = ['holds', 'violated', 'unknown', 'not exercised', 'not observable'];

/** Takes what JSON.parse gave. `origin` names the file in messages. */
export const validateScenario = (value: unknown, origin: string): Scenario => {
  try {
    return readScenario(value);
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScenarioError(`${origin}: ${error.message}`);
    throw error;
  }
};

const readScenario = (value: unknown): Scenario => {
  const fields = readObject(value, '', [
    'name', 'teaches', 'topology', 'workload', 'plan', 'durationMs', 'settlingMs', 'expects']);
  const durationMs = readInteger(fields, 'durationMs', 1, DURATION_MS_MAX);
  const workload = readWorkload(valueOf(fields, 'workload'));
  const perSecond = workload.clients.reduce((sum, client) => sum + ratePerSecond(client), 0);
  if (perSecond * (durationMs / 1000) > OPERATIONS_MAX) {
    throw reject(fields, 'workload.clients', `ask for more than ${OPERATIONS_MAX} operations in ${durationMs} ms`);
  }
  const valueBytesPerSecond = workload.clients.reduce(
    (sum, client) => sum + ratePerSecond(client) * (client.valueBytes ?? 0), 0);
  if (valueBytesPerSecond * (durationMs / 1000) > VALUES_BYTES_MAX) {
    throw reject(fields, 'workload.clients', `write more than ${VALUES_BYTES_MAX} bytes of values in ${durationMs} ms`);
  }
  return {
    name: readText(fields, 'name'),
    teaches: readText(fields, 'teaches'),
    topology: readTopology(valueOf(fields, 'topology')),
    workload,
    plan: readPlan(fields),
    durationMs,
    settlingMs: readInteger(fields, 'settlingMs', 0, DURATION_MS_MAX),
    expects: readExpectations(valueOf(fields, 'expects')),
  };
};

const readTopology = (value: unknown): Scenario['topology'] => {
  const record = readRecord(value, 'topology');
  if (!has(record, 'file')) return validateTopology(value, 'topology');
  const fields = readObject(value, 'topology', ['file']);
  return { file: readName(fields, 'file') };
};

const readWorkload = (value: unknown): WorkloadSpec => {
  const fields = readObject(value, 'workload', ['clients', 'probes']);
  const clients = readList(fields, 'clients', CLIENTS_MAX, readClient);
  const probes = readList(fields, 'probes', PROBES_MAX, (item, path) => {
    const probe = readObject(item, path, ['name', 'zone', 'key', ...LOCATOR_FIELDS]);
    return {
      name: readName(probe, 'name'), zone: readName(probe, 'zone'), ...readLocator(probe),
      ...(has(probe, 'key') ? { key: readKey(probe) } : {}),
    };
  });
  checkDistinct(clients.map((client) => client.name), 'workload.clients');
  checkDistinct([...clients, ...probes].map((each) => each.name), 'workload.(clients and probes)');
  if (clients.some(({ kind }) => kind === 'reader') && readableKeys(clients).length === 0) {
    throw reject(fields, 'clients', 'a reader needs a client that writes registers');
  }
  return { clients, probes };
};

const readKey = (fields: Fields): string => {
  const key = readText(fields, 'key');
  if (key === '' || !isBytes(key)) throw reject(fields, 'key', 'must be of one-byte characters, and not empty');
  return key;
};

const readClient = (value: unknown, path: string): ClientSpec => {
  const fields = readObject(value, path, [
    'name', 'zone', 'kind', 'operationsPerSecond', ...LOCATOR_FIELDS, 'timeoutMs', ...WORK_FIELDS]);
  const kind = readChoice(fields, 'kind', WORKLOAD_KINDS);
  checkContradictions(fields, kind);
  return {
    name: readName(fields, 'name'),
    zone: readName(fields, 'zone'),
    kind,
    operationsPerSecond: readInteger(fields, 'operationsPerSecond', 1, OPERATIONS_PER_SECOND_MAX),
    ...readLocator(fields),
    timeoutMs: readInteger(fields, 'timeoutMs', 1, CLIENT_TIMEOUT_MS_MAX),
    ...(has(fields, 'wait') ? { wait: readWait(valueOf(fields, 'wait'), `${path}.wait`) } : {}),
    ...(has(fields, 'valueBytes') ? { valueBytes: readInteger(fields, 'valueBytes', 1, VALUE_BYTES_MAX) } : {}),
    ...(has(fields, 'keys') ? { keys: readInteger(fields, 'keys', 1, KEYS_MAX) } : {}),
    ...(has(fields, 'hashTag') ? { hashTag: readName(fields, 'hashTag') } : {}),
    ...readWork(fields),
    ...(has(fields, 'servers') ? { servers: readList(fields, 'servers', READER_SERVERS_MAX, checkServer) } : {}),
    ...(has(fields, 'readsFrom') ? { readsFrom: readChoice(fields, 'readsFrom', ['primary', 'replicas']) } : {}),
  };
};

const readWait = (value: unknown, path: string): WaitSpec => {
  const fields = readObject(value, path, ['replicas', 'timeoutMs']);
  return {
    replicas: readInteger(fields, 'replicas', 1, WAIT_REPLICAS_MAX),
    timeoutMs: readInteger(fields, 'timeoutMs', 0, CLIENT_TIMEOUT_MS_MAX),
  };
};

/** Fields of one kind of client that stand with another, or beside what contradicts them. */
const checkContradictions = (fields: Fields, kind: WorkloadKind): void => {
  checkWorkFields(fields, kind);
  if (has(fields, 'servers') && !has(fields, 'server')) throw reject(fields, 'servers', 'are instead of a server, not of sentinels');
  if (has(fields, 'readsFrom') && !has(fields, 'sentinel')) throw reject(fields, 'readsFrom', 'needs sentinel, which lists the replicas');
};

const readPlan = (fields: Fields): Plan => {
  if (Array.isArray(valueOf(fields, 'plan'))) return readList(fields, 'plan', PLAN_ENTRIES_MAX, readPlanEntry);
  const generator = readObject(valueOf(fields, 'plan'), 'plan', ['generate', 'kinds', 'entriesMax']);
  return {
    generate: readChoice(generator, 'generate', ['chaos']),
    ...(has(generator, 'kinds') ? { kinds: readList(generator, 'kinds', CHAOS_KINDS.length, readChaosKind) } : {}),
    ...(has(generator, 'entriesMax') ? { entriesMax: readInteger(generator, 'entriesMax', 0, CHAOS_BOUNDS.entriesMax) } : {}),
  };
};

const readChaosKind = (value: unknown, path: string): string => {
  const kind = checkText(value, path);
  if (!CHAOS_KINDS.includes(kind)) throw new ScenarioError(`${path}: '${kind}' is none of: ${CHAOS_KINDS.join(', ')}`);
  return kind;
};

const readPlanEntry = (value: unknown, path: string): PlanEntry => {
  const fields = readObject(value, path, ['when', 'do', 'target', 'forMs', 'with', 'mayMiss']);
  const kind = readText(fields, 'do');
  if (!/^[a-zA-Z]{1,32}$/.test(kind)) throw reject(fields, 'do', `'${kind}' is not the name of a fault or an action`);
  return {
    when: readPlanTime(valueOf(fields, 'when'), `${path}.when`),
    do: kind,
    ...(has(fields, 'target') ? { target: readText(fields, 'target') } : {}),
    ...(has(fields, 'forMs') ? { forMs: readInteger(fields, 'forMs', 1, DURATION_MS_MAX) } : {}),
    ...(has(fields, 'with') ? { with: readParameters(valueOf(fields, 'with'), `${path}.with`) } : {}),
    ...(has(fields, 'mayMiss') && readBoolean(fields, 'mayMiss') ? { mayMiss: true } : {}),
  };
};

const readPlanTime = (value: unknown, path: string): PlanTime => {
  const record = readRecord(value, path);
  if (has(record, 'atMs')) {
    return { atMs: readInteger(readObject(value, path, ['atMs']), 'atMs', 0, DURATION_MS_MAX) };
  }
  if (has(record, 'atMicros')) {
    const fields = readObject(value, path, ['atMicros']);
    return { atMicros: readInteger(fields, 'atMicros', 0, DURATION_MS_MAX * 1000) };
  }
  const fields = readObject(value, path, ['after', 'nth', 'delayMs']);
  return {
    after: readPattern(valueOf(fields, 'after'), `${path}.after`),
    ...(has(fields, 'nth') ? { nth: readInteger(fields, 'nth', 1, OCCURRENCES_MAX) } : {}),
    ...(has(fields, 'delayMs') ? { delayMs: readInteger(fields, 'delayMs', 0, DURATION_MS_MAX) } : {}),
  };
};

const readPattern = (value: unknown, path: string): EventPattern => {
  const fields = readObject(value, path, ['kind', 'node', 'fields']);
  return {
    kind: readText(fields, 'kind'),
    ...(has(fields, 'node') ? { node: readText(fields, 'node') } : {}),
    ...(has(fields, 'fields') ? { fields: readTexts(valueOf(fields, 'fields'), `${path}.fields`) } : {}),
  };
};

const readTexts = (value: unknown, path: string): Readonly<Record<string, string>> =>
  readEntries(value, path, PATTERN_FIELDS_MAX, checkText);

const readParameters = (value: unknown, path: string): Readonly<Record<string, PlanValue>> =>
  readEntries(value, path, PARAMETERS_MAX, readPlanValue);

/** An object as a map. Names are bounded too, and `__proto__` is no name. */
const readEntries = <Value>(
  value: unknown, path: string, max: number, read: (value: unknown, path: string) => Value,
): Readonly<Record<string, Value>> => {
  const fields = readRecord(value, path);
  const names = Object.keys(fields.values);
  if (names.length > max) throw new ScenarioError(`${path}: must have at most ${max} fields`);
  return Object.fromEntries(names.map((name) => {
    if (!/^[A-Za-z][A-Za-z0-9._-]{0,62}$/.test(name)) throw new ScenarioError(`${path}: '${name.slice(0, 63)}' is not a name`);
    return [name, read(fields.values[name], `${path}.${name}`)];
  }));
};

const readPlanValue = (value: unknown, path: string): PlanValue => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ScenarioError(`${path}: must be a finite number`);
    return value;
  }
  if (!Array.isArray(value)) return checkText(value, path);
  if (!value.every((item) => Array.isArray(item))) return checkList(value, path, GROUPS_MAX, checkText);
  return checkList(value, path, GROUPS_MAX, (item, at) => checkList(item, at, GROUPS_MAX, checkText));
};

const readExpectations = (value: unknown): Expectations => {
  const fields = readObject(value, 'expects', ['verdicts', 'tolerance', ...BOUNDS]);
  const verdicts = readEntries(valueOf(fields, 'verdicts'), 'expects.verdicts', VERDICTS_MAX, (item, path) => {
    const verdict = VERDICTS.find((candidate) => candidate === item);
    if (verdict === undefined) throw new ScenarioError(`${path}: must be one of: ${VERDICTS.join(', ')}`);
    return verdict;
  });
  const bounds = BOUNDS.filter((name) => has(fields, name))
    .map((name) => [name, readBounds(valueOf(fields, name), `expects.${name}`)]);
  const tolerance = has(fields, 'tolerance') ? { tolerance: readTolerance(valueOf(fields, 'tolerance')) } : {};
  return { verdicts, ...Object.fromEntries(bounds), ...tolerance };
};

const readTolerance = (value: unknown): Tolerance => {
  const names = ['percent', 'ms', 'points'] as const;
  const fields = readObject(value, 'expects.tolerance', names);
  return Object.fromEntries(names.filter((name) => has(fields, name)).map((name) => [name, readInteger(fields, name, 0, TOLERANCE_MAX)]));
};

const readBounds = (value: unknown, path: string): Bounds => {
  const fields = readObject(value, path, ['min', 'max']);
  return {
    ...(has(fields, 'min') ? { min: readInteger(fields, 'min', 0, Number.MAX_SAFE_INTEGER) } : {}),
    ...(has(fields, 'max') ? { max: readInteger(fields, 'max', 0, Number.MAX_SAFE_INTEGER) } : {}),
  };
};
