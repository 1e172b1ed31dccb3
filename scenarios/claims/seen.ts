/**
 * What claims look at in a run: its report, what the nodes noted and logged, what its clients heard, and what servers answered to the
 * operator's commands.
 */
import type { Note } from '../../engine/core/notes.ts';
import { INSTANCE_WORD } from '../../sim/wireWords.ts';
import type { NodeReport, Operation, ResolvedScenario, RunReport, Topology, TraceRecord } from '../../sim/index.ts';
import { runScenario } from '../../sim/index.ts';

export interface SeenNote {
  readonly atMs: number;
  readonly node: string;
  readonly note: Note;
}

export interface SeenLine {
  readonly atMs: number;
  readonly node: string;
  readonly message: string;
}

export interface SeenRun {
  readonly seed: number;
  readonly topology: Topology;
  readonly report: RunReport;
  /** Without those of single writes, which are most. */
  readonly notes: readonly SeenNote[];
  readonly log: readonly SeenLine[];
  readonly operations: readonly Operation[];
}

const MICROS_PER_MS = 1000;
const MS_PER_SECOND = 1000;

/** One for each write, and not looked at. */
const LEFT_OUT: ReadonlySet<string> = new Set<Note['kind']>(['stream', 'write', 'logged', 'moved', 'mark']);

/** Runs the scenario and keeps what claims look at. Throws `ScenarioError` where it cannot be set up. */
export const see = (scenario: ResolvedScenario, seed: number): SeenRun => {
  const notes: SeenNote[] = [];
  const log: SeenLine[] = [];
  let operations: readonly Operation[] = [];
  const record = ({ kind, node, at, detail }: TraceRecord): void => {
    const atMs = at / MICROS_PER_MS;
    if (kind === 'note') {
      const note = detail?.['note'] as Note | undefined;
      if (note !== undefined && !LEFT_OUT.has(note.kind)) notes.push({ atMs, node, note });
    } else if (kind === 'log') log.push({ atMs, node, message: String(detail?.['message']) });
  };
  const report = runScenario(scenario, seed, { sink: { record }, onEnd: ({ history }) => {
    ({ operations } = history);
  } });
  return { seed, topology: scenario.topology, report, notes, log, operations };
};

type NoteOf<Kind extends Note['kind']> = SeenNote & { readonly note: Extract<Note, { readonly kind: Kind }> };

/** The notes of a kind that `isMeant` picks. */
export const notesOf = <Kind extends Note['kind']>(
  run: SeenRun, kind: Kind, isMeant: (note: Extract<Note, { readonly kind: Kind }>) => boolean = () => true,
): readonly NoteOf<Kind>[] => run.notes.filter((seen): seen is NoteOf<Kind> =>
  seen.note.kind === kind && isMeant(seen.note as Extract<Note, { readonly kind: Kind }>));

/** Events of sentinels by their names, `+sdown`; about the primary alone where that is asked for. */
export const sentinelEvents = (run: SeenRun, event: string): readonly NoteOf<'sentinel'>[] =>
  notesOf(run, 'sentinel', (note) => note.event === event);

/** The same, about the primary and not about a replica. */
export const primaryEvents = (run: SeenRun, event: string): readonly NoteOf<'sentinel'>[] =>
  notesOf(run, 'sentinel', (note) => note.event === event && note.detail.startsWith(`${INSTANCE_WORD.primary} `));

/** Who became a primary after the start of the run, in that order. */
export const promotions = (run: SeenRun, afterMs: number): readonly NoteOf<'role'>[] =>
  notesOf(run, 'role', ({ role }) => role === 'primary').filter(({ atMs }) => atMs > afterMs);

/** When the n-th entry of the plan struck, from 0; past all times where it never did. */
export const struckMs = ({ report }: SeenRun, index: number): number => report.strikes[index]?.atMs ?? Number.MAX_SAFE_INTEGER;

/** What the target answered to the operator's command, the n-th time from 0; empty where it was never asked. */
export const answer = ({ report }: SeenRun, target: string, command: string, nth: number = 0): string =>
  report.strikes.filter(({ entry }) => entry.target === target && wordsOf(entry.with?.['argv']) === command)[nth]?.outcome ?? '';

const wordsOf = (argv: unknown): string => (Array.isArray(argv) ? argv.join(' ') : '');

/** A field of an answer in the form of INFO (`name:value`); empty where it is not there. */
export const field = (info: string, name: string): string =>
  info.split(/\r?\n/).find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1) ?? '';

/** A field of a list of names and values, as SENTINEL MASTER answers; empty where it is not there. */
export const listed = (answered: string, name: string): string => {
  const words = answered.split(' ');
  return words[words.indexOf(name) + 1] ?? '';
};

export const nodeOf = ({ report }: SeenRun, name: string): NodeReport | undefined => report.nodes.find((node) => node.name === name);

/** The process at this `host:port`; the place itself where there is none. */
export const processAt = ({ topology }: SeenRun, place: string | null): string => {
  const [host, port] = (place ?? '').split(':');
  const machine = topology.machines.find(({ address, name }) => address === host || name === host);
  const found = topology.processes.find((process) => process.machine === machine?.name && String(process.port) === port);
  return found?.name ?? place ?? 'nobody';
};

/** For how long nothing could be written from this zone, in ms. */
export const outageOf = ({ report }: SeenRun, zone: string): number => report.zones.find((one) => one.zone === zone)?.writeMs ?? 0;

/** Failovers that came to a new primary whom clients were told of. */
export const switches = ({ report }: SeenRun): number => (report.failovers ?? []).filter(({ switchedMs }) => switchedMs !== null).length;

export const seconds = (ms: number): string => `${(ms / MS_PER_SECOND).toFixed(1)} s`;

export const counted = (count: number, noun: string, nouns: string = `${noun}s`): string => `${count} ${count === 1 ? noun : nouns}`;

/** The figures of several seeds in a line: `3, 0 and 12`. */
export const inTurn = (values: readonly (string | number)[]): string =>
  (values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`);
