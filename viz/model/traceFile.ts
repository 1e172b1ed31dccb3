/**
 * A trace that the command line wrote (`--trace FILE`): read line by line, held against a run of the same plan and seed, or, where
 * its scenario is not one of ours, shown from its records alone.
 *
 * Source: `sim/trace/traceWriter.ts`. A trace comes from strangers: every field that is used is checked, and its size is bounded.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { RunReport, StrikeReport } from '../../sim/report.ts';
import type { ClientSpec, ExpandedScenario } from '../../sim/scenario.ts';
import { KIND, type KindName } from '../../sim/time/kinds.ts';
import type { ProcessSpec } from '../../sim/topology/topology.ts';
import { TRACE_VERSION, type TraceRecord } from '../../sim/trace/traceEvent.ts';
import type { Played } from './play.ts';
import { Recording } from './recording.ts';

export interface TraceFile {
  readonly name: string;
  readonly seed: number;
  readonly scenario: string;
  /** As the header says it; not validated yet. */
  readonly plan: unknown;
  readonly text: string;
}

const FIXED: readonly string[] = ['id', 'at', 'parent', 'kind', 'node', 'a', 'b'];

/** Null: the text is no trace. Throws `ScenarioError` for one of another version. */
export const readTraceHeader = (text: string, name: string): TraceFile | null => {
  if (!text.startsWith('{"trace"')) return null;
  const header = parseLine(text.slice(0, endOfLine(text, 0)), name, 1);
  if (header['trace'] !== 'faultline') return null;
  if (header['version'] !== TRACE_VERSION) {
    throw new ScenarioError(`${name}: a trace of version ${String(header['version'])}, this page reads version ${TRACE_VERSION}`);
  }
  const { seed, scenario, plan } = header;
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) throw new ScenarioError(`${name}: line 1: no seed`);
  return { name, seed, scenario: typeof scenario === 'string' ? scenario : '', plan, text };
};

/** The first record in which file and run differ, counted from 1; null: they are the same, record by record. */
export const differenceFromFile = (recording: Recording, file: TraceFile): number | null => {
  let row = 0;
  for (const record of recordsOf(file)) {
    const { rows } = recording;
    const isSame = row < recording.count && record.at === rows.at[row] && record.parent === rows.parent[row]
      && KIND[record.kind] === rows.kind[row] && record.node === recording.nodeName(row)
      && record.a === rows.a[row] && record.b === rows.b[row];
    if (!isSame) return row + 1;
    row++;
  }
  return row === recording.count ? null : row + 1;
};

/** What can be shown without running anything: who did what when. Nothing in it is judged. */
export const playedFromTrace = (file: TraceFile): Played => {
  const recording = new Recording();
  for (const record of recordsOf(file)) recording.record(record);
  if (recording.count === 0) throw new ScenarioError(`${file.name}: the trace has no records`);
  const scenario = scenarioOf(file, recording);
  return { scenario, seed: file.seed, recording, report: reportOf(file, recording) };
};

function* recordsOf({ text, name }: TraceFile): Generator<TraceRecord> {
  let line = 1;
  let id = 0;
  for (let start = endOfLine(text, 0) + 1; start < text.length;) {
    const end = endOfLine(text, start);
    line++;
    if (end > start) {
      const record = recordIn(parseLine(text.slice(start, end), name, line), `${name}: line ${line}`);
      if (record.id !== ++id) throw new ScenarioError(`${name}: line ${line}: record ${record.id} where ${id} was expected`);
      yield record;
    }
    start = end + 1;
  }
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
};

const parseLine = (line: string, name: string, number: number): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new ScenarioError(`${name}: line ${number}: not a JSON object`);
};

const recordIn = (fields: Readonly<Record<string, unknown>>, where: string): TraceRecord => {
  const { kind, node } = fields;
  const integer = (name: string): number => {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ScenarioError(`${where}: ${name} must be a number`);
    return value;
  };
  if (typeof kind !== 'string' || !Object.hasOwn(KIND, kind)) throw new ScenarioError(`${where}: no kind of record is called '${String(kind)}'`);
  if (typeof node !== 'string') throw new ScenarioError(`${where}: node must be text`);
  const [id, at, parent] = [integer('id'), integer('at'), integer('parent')];
  if (parent < 0 || parent >= id) throw new ScenarioError(`${where}: a parent comes before its child`);
  const rest = Object.entries(fields).filter(([name]) => !FIXED.includes(name));
  const detail = rest.length === 0 ? null : Object.fromEntries(rest);
  checkDetail(kind as KindName, detail, where);
  return { id, at, parent, kind: kind as KindName, node, a: integer('a'), b: integer('b'), detail };
};

/** What the recording takes from details without asking. */
const checkDetail = (kind: KindName, detail: Readonly<Record<string, unknown>> | null, where: string): void => {
  if (detail === null) return;
  const note = detail['note'] as { readonly kind?: unknown } | null | undefined;
  if (kind === 'note' && typeof note?.kind !== 'string') throw new ScenarioError(`${where}: a note without its kind`);
  if (kind !== 'segment') return;
  if (typeof detail['from'] !== 'string' || typeof detail['message'] !== 'string' || typeof detail['sent'] !== 'number') {
    throw new ScenarioError(`${where}: a segment without from, message or sent`);
  }
};

/** Who sent or noted what tells what they are. Nobody says which machine and zone they were in. */
const scenarioOf = ({ scenario }: TraceFile, recording: Recording): ExpandedScenario => {
  const kinds = new Map<string, 'client' | 'redis' | 'sentinel'>();
  for (let row = 0; row < recording.count; row++) {
    const kind = recording.rows.kind[row];
    const [node, word] = [recording.nodeName(row), recording.word(row)];
    if (kind === KIND.invoke || kind === KIND.complete) kinds.set(node, 'client');
    else if (kind !== KIND.note || kinds.has(node)) continue;
    else if (word === 'role' || word === 'history' || word === 'slots') kinds.set(node, 'redis');
    else if (word === 'sentinel' || word === 'vote' || word === 'leader') kinds.set(node, 'sentinel');
  }
  const named = [...kinds];
  const processes = named.filter(([, kind]) => kind !== 'client').map(([name, kind]): ProcessSpec => ({
    name, kind: kind === 'sentinel' ? 'sentinel' : 'redis', machine: name, port: 0, aliases: [], directives: [], restart: 'no',
    persistentData: false, origin: scenario,
  }));
  const clients = named.filter(([, kind]) => kind === 'client')
    .map(([name]): ClientSpec => ({ name, zone: '', kind: 'setAdd', operationsPerSecond: 1, timeoutMs: 1, server: name }));
  return {
    name: scenario, teaches: '', durationMs: Math.ceil(recording.endAt / 1000), settlingMs: 0, expects: { verdicts: {} },
    topology: { name: scenario, machines: processes.map(({ name }) => ({ name, zone: '', address: name })), processes, warnings: [] },
    workload: { clients, probes: [] }, plan: [],
  };
};

const reportOf = ({ scenario, seed, name }: TraceFile, recording: Recording): RunReport => {
  const eventsByKind: Record<string, number> = {};
  let acknowledged = 0;
  let unacknowledged = 0;
  for (let row = 0; row < recording.count; row++) {
    const kind = recording.kindName(row);
    eventsByKind[kind] = (eventsByKind[kind] ?? 0) + 1;
    if (kind !== 'complete') continue;
    if (recording.detail(row)?.['outcome'] === 'ok') acknowledged++;
    else unacknowledged++;
  }
  const note = `shown from ${name} alone: nothing was run, and nothing is judged`;
  return {
    scenario, seed, ok: false, traceHash: '', virtualMs: recording.endAt / 1000, wallMs: 1, events: recording.count, eventsByKind,
    plan: [], strikes: strikesOf(recording), fired: {}, marks: {}, replay: '',
    // Nobody followed the writes: what became of them is not known.
    ledger: {
      acknowledged, survived: 0, superseded: 0, lost: 0, permitted: 0, bugs: 0, unknown: acknowledged, unacknowledged,
      unacknowledgedEffective: 0, waited: { acknowledged: 0, lost: 0 }, lostWrites: [],
    },
    staleness: { reads: 0, stale: 0, maxMs: 0, medianMs: 0 }, syncs: { full: 0, partialOk: 0, partialRefused: 0 },
    unavailableMs: 0, zones: [], nodes: [], verdicts: [], failures: [note], warnings: [],
  };
};

/** What the plan did, by its place in the plan. */
const strikesOf = (recording: Recording): readonly StrikeReport[] => {
  const strikes: StrikeReport[] = [];
  for (const [row, detail] of recording.detailed()) {
    const kind = recording.rows.kind[row];
    const ordinal = recording.rows.a[row] as number;
    if ((kind !== KIND.fault && kind !== KIND.action) || detail['ends'] === true || !Number.isInteger(ordinal) || ordinal < 0
      || ordinal >= STRIKES_MAX) continue;
    const at = recording.rows.at[row] as number;
    const resolved = typeof detail['resolved'] === 'string' ? detail['resolved'] : null;
    while (strikes.length < ordinal) strikes.push(MISSED);
    strikes[ordinal] = { entry: { when: { atMicros: at }, do: String(detail['do']) }, atMs: at / 1000, resolved, outcome: '' };
  }
  return strikes;
};

const STRIKES_MAX = 1000;
/** An entry of the plan that the trace does not show. */
const MISSED: StrikeReport = { entry: { when: { atMs: 0 }, do: 'none' }, atMs: null, resolved: null, outcome: '' };
