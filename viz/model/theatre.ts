/**
 * What the page's worker holds: the runs that were opened, as a tree of forks, and the answers to all that the page asks of
 * them. No DOM, no worker: the tests call it directly.
 *
 * Always holds: a run is never changed; a fork is a new run whose plan or setting differs from its parent's.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { CauseRecords } from '../../sim/check/causeRecord.ts';
import type { RunReport } from '../../sim/report.ts';
import type { PlanEntry, ResolvedScenario } from '../../sim/scenario.ts';
import { validateScenario } from '../../sim/validateScenario.ts';
import { ask } from '../../sim/visit.ts';
import { type Belief, buildBeliefs } from './beliefs.ts';
import { type Difference, firstDifference } from './difference.ts';
import { EventList, type EventRequest, type EventRow, type EventWindow, type WordCount, eventRow, messageWords } from './events.ts';
import { type FaultSpan, buildFaults } from './faults.ts';
import { type Lane, buildLanes } from './lanes.ts';
import { Links } from './links.ts';
import { MessageIndex } from './messageIndex.ts';
import { type Moment, buildMoments } from './moments.ts';
import { type Operations, type OperationsView, buildOperations } from './operations.ts';
import { Parking } from './parking.ts';
import { type Played, play } from './play.ts';
import type { Recording } from './recording.ts';
import { replyText } from './replyText.ts';
import { parseQuery, search } from './search.ts';
import { namesOf } from './processNames.ts';
import { type Preset, presetsFor, withSetting } from './settings.ts';
import { type Slice, type SliceRequest, sliceMessages, sliceOperations } from './slice.ts';
import type { Source } from './source.ts';
import { SENTENCES, type Sentences } from '../texts/sentences.ts';
import { type TimerSpan, buildTimers } from './timers.ts';
import { differenceFromFile, playedFromTrace } from './traceFile.ts';
import { decisionsOf, describe, why } from './why.ts';

/** Runs that are kept at once; the leaf that was not asked for the longest goes first. */
export const RUNS_MAX = 12;

/** What changed between a run and its parent. */
export type ForkChange =
  | { readonly kind: 'plan'; readonly entries: readonly PlanEntry[] }
  /** A directive of a process, or of all of a kind: `min-replicas-to-write`, `sentinel down-after-milliseconds mymain`. */
  | { readonly kind: 'setting'; readonly process: string | 'data' | 'sentinels'; readonly directive: string; readonly value: string };

export interface Fork {
  readonly parent: number;
  readonly change: ForkChange;
}

/** What a run was opened from, and whether it is what the file said. */
export type Origin =
  | { readonly kind: 'fresh' }
  /** The file says which hash it must come to. */
  | { readonly kind: 'saved'; readonly traceHash: string }
  /** The first record that differs from the file, counted from 1; null: none does. */
  | { readonly kind: 'trace'; readonly differsAt: number | null }
  /** Nothing was run: these are the trace's records. */
  | { readonly kind: 'traceAlone' };

/** What the matches of a search are, the first of them as text. */
export interface SearchView {
  readonly rows: Int32Array;
  readonly isCut: boolean;
  readonly undecided: number;
  readonly first: readonly EventRow[];
}

export type ExportFormat = 'report' | 'run' | 'perfetto' | 'shiviz';

/** What the page is told of a run at once; messages come by windows of time. */
export interface RunView {
  readonly id: number;
  readonly fork: Fork | null;
  readonly origin: Origin;
  readonly report: RunReport;
  readonly lanes: readonly Lane[];
  readonly moments: readonly Moment[];
  readonly faults: readonly FaultSpan[];
  readonly operations: OperationsView;
  readonly timers: readonly TimerSpan[];
  readonly beliefs: readonly Belief[];
  /** By the indices that slices use. */
  readonly nodes: readonly string[];
  readonly words: readonly string[];
  readonly records: number;
  /** Process by `address:port`, as beliefs name primaries; under each alias too. In a cluster by the node's ID. */
  readonly names: readonly (readonly [string, string])[];
  /** Virtual microseconds of the last record. */
  readonly endAt: number;
  /** Times of records at equal distances in their order, first and last included. */
  readonly steps: Float64Array;
}

/** One record, opened. */
export interface RecordView {
  readonly row: number;
  readonly at: number;
  readonly node: string;
  readonly kind: string;
  readonly text: string;
  /** What the trace says of it, as JSON. */
  readonly detail: string;
  readonly why: readonly string[];
  readonly causes: readonly number[];
  readonly effects: readonly number[];
}

interface Opened {
  readonly id: number;
  readonly fork: Fork | null;
  readonly source: ResolvedScenario;
  readonly played: Played;
  readonly operations: Operations;
  /** Made for the filter that was asked for last. */
  messages: MessageIndex | null;
  links: Links | null;
  decisions: CauseRecords | null;
  events: EventList | null;
  readonly isTraceAlone: boolean;
}

/** Matches that come as text at once. */
const MATCHES_SHOWN = 200;

/** A run that is made in steps, each of which says how many virtual ms have passed. */
export type Opening = Generator<number, RunView>;

export class Theatre {
  private readonly runs: Map<number, Opened> = new Map();
  /** Worlds along the run that was looked into last: of one run only, since they take room. */
  private parking: { readonly run: number; readonly worlds: Parking } | null = null;
  private opened = 0;
  private sentences: Sentences = SENTENCES.en;

  /** What is said of records from now on is said so. */
  speak(sentences: Sentences): void {
    this.sentences = sentences;
    for (const run of this.runs.values()) Object.assign(run, { decisions: null, events: null });
  }

  /** Throws `ScenarioError`. */
  open(source: ResolvedScenario, seed: number): Opening {
    return this.keep(source, seed, null);
  }

  /** What a file or a link holds. Throws `ScenarioError`. */
  * openSource({ scenario, seed, traceHash, trace }: Source): Opening {
    if (scenario !== null) {
      const view = yield* this.keep(scenario, seed, null);
      if (trace === null) return { ...view, origin: traceHash === null ? view.origin : { kind: 'saved', traceHash } };
      return { ...view, origin: { kind: 'trace', differsAt: differenceFromFile(this.recording(view.id), trace) } };
    }
    if (trace === null) throw new ScenarioError('neither a scenario nor a trace');
    const played = playedFromTrace(trace);
    return this.add(played.scenario, played, null, { kind: 'traceAlone' });
  }

  /** A new run from `parent`: everything is as there, except for `change`. */
  * fork(parent: number, change: ForkChange): Opening {
    const { played: { scenario, seed } } = this.runnable(parent);
    const source = change.kind === 'plan' ? { ...scenario, plan: [...scenario.plan, ...change.entries] }
      : { ...scenario, topology: withSetting(scenario, change) };
    // A change may come from a link: what it makes is as bounded as any scenario of a stranger.
    const checked = validateScenario(source, 'fork');
    return yield* this.keep({ ...source, plan: checked.plan }, seed, { parent, change });
  }

  slice(run: number, request: SliceRequest): Slice {
    const opened = this.run(run);
    const { recording } = opened.played;
    const { words, laneOf, lanes, talkers } = request;
    if (opened.messages?.isFor(words, laneOf, lanes, talkers) !== true) opened.messages = new MessageIndex(recording, words, laneOf, lanes, talkers);
    return {
      messages: sliceMessages(recording, opened.messages, request), operations: sliceOperations(recording, opened.operations.columns, request),
    };
  }

  /** Throws `RangeError` for a row that is not there. */
  record(run: number, row: number): RecordView {
    const opened = this.run(run);
    const { recording } = opened.played;
    const again = (): unknown => (opened.isTraceAlone || !recording.hasDropped(row) ? null : this.worldsOf(opened).detail(row));
    if (row < 0 || row >= recording.count) throw new RangeError(`the run has no record #${row + 1}`);
    opened.links ??= new Links(recording);
    opened.decisions ??= decisionsOf(recording, this.sentences);
    return {
      row, at: recording.rows.at[row] as number, node: recording.nodeName(row), kind: recording.kindName(row),
      text: describe(recording, row, this.sentences), detail: JSON.stringify(recording.detail(row) ?? again(), null, 1),
      why: why(recording, opened.decisions, row, this.sentences), causes: opened.links.causes(row), effects: opened.links.effects(row),
    };
  }

  /** What the server would answer to `commands` right behind `atMicros`, each as a text; why not, where it says nothing. */
  ask(run: number, atMicros: number, name: string, commands: readonly (readonly string[])[]): readonly string[] {
    const { world } = this.worldsOf(this.runnable(run)).take(Math.floor(atMicros));
    const answers = ask(world, name, commands);
    return commands.map((_, index) => {
      const reply = answers.replies[index];
      return reply === undefined ? `no answer: ${answers.failure ?? 'the connection went'}` : replyText(reply);
    });
  }

  /** Whom everybody holds to own `slot`, in a cluster. */
  beliefs(run: number, slot: number): readonly Belief[] {
    return beliefsOf(this.run(run).played, slot);
  }

  /** A little work ahead of the next look into the run. False: there is none. */
  tend(): boolean {
    return this.parking?.worlds.tend() ?? false;
  }

  difference(left: number, right: number): Difference | null {
    return firstDifference(this.run(left).played.recording, this.run(right).played.recording);
  }

  recording(run: number): Recording {
    return this.run(run).played.recording;
  }

  /** Runs that are still open, by id: the others must be run again. */
  openRuns(): readonly number[] {
    return [...this.runs.keys()];
  }

  events(run: number, request: EventRequest): EventWindow {
    const opened = this.run(run);
    opened.events ??= new EventList(opened.played.recording, this.sentences);
    return opened.events.window(request);
  }

  /** Throws `ScenarioError` for a query that cannot be read. */
  search(run: number, text: string): SearchView {
    const { recording } = this.run(run).played;
    const { rows, isCut, undecided } = search(recording, parseQuery(text), this.sentences);
    return { rows, isCut, undecided, first: [...rows.subarray(0, MATCHES_SHOWN)].map((row) => eventRow(recording, row, this.sentences)) };
  }

  messageWords(run: number): readonly WordCount[] {
    return messageWords(this.run(run).played.recording);
  }

  presets(run: number): readonly Preset[] {
    return presetsFor(this.runnable(run).played.scenario);
  }

  /** What files are written from: see `exports.ts`. `mustRun`: it is to be run again from that file. */
  played(run: number, mustRun: boolean): Played {
    return (mustRun ? this.runnable(run) : this.run(run)).played;
  }

  /** One that can be run again. */
  private runnable(id: number): Opened {
    const run = this.run(id);
    if (run.isTraceAlone) throw new ScenarioError('this run is shown from its trace alone: its scenario is not known, so nothing can be run');
    return run;
  }

  private run(id: number): Opened {
    const run = this.runs.get(id);
    if (run === undefined) throw new ScenarioError(`run ${id} is not open any more`);
    // What was asked for last goes last: the run that is shown is asked all the time.
    this.runs.delete(id);
    this.runs.set(id, run);
    return run;
  }

  private worldsOf({ id, played: { scenario, seed, recording } }: Opened): Parking {
    if (this.parking?.run !== id) this.parking = { run: id, worlds: new Parking(scenario, seed, recording) };
    return this.parking.worlds;
  }

  private * keep(source: ResolvedScenario, seed: number, fork: Fork | null): Opening {
    const played = yield* play(source, seed);
    return this.add(source, played, fork, { kind: 'fresh' });
  }

  private add(source: ResolvedScenario, played: Played, fork: Fork | null, origin: Origin): RunView {
    const id = ++this.opened;
    const operations = buildOperations(played.recording, played.report);
    this.runs.set(id, { id, fork, source, played, operations, messages: null, links: null, decisions: null, events: null, isTraceAlone: origin.kind === 'traceAlone' });
    this.makeRoom();
    const { scenario, recording, report } = played;
    return {
      id, fork, origin, report, lanes: buildLanes(recording, scenario), moments: buildMoments(recording, report),
      faults: buildFaults(recording, report), operations: { losses: operations.losses, strip: operations.strip },
      timers: buildTimers(recording, scenario), beliefs: beliefsOf(played, 0),
      nodes: recording.nodes, words: recording.words, records: recording.count, names: namesOf(played), endAt: recording.endAt,
      steps: stepsOf(recording),
    };
  }

  /** Forgets the run that was not asked for the longest, of those that no other was forked from. */
  private makeRoom(): void {
    if (this.runs.size <= RUNS_MAX) return;
    const parents = new Set([...this.runs.values()].map(({ fork }) => fork?.parent));
    const oldest = [...this.runs.keys()].find((id) => !parents.has(id) && id !== this.opened);
    if (oldest === undefined) return;
    this.runs.delete(oldest);
    if (this.parking?.run === oldest) this.parking = null;
  }
}

const STEPS = 4096;

const stepsOf = ({ rows, count }: Recording): Float64Array => {
  const steps = Math.min(STEPS, count);
  return Float64Array.from({ length: steps }, (_, index) => rows.at[Math.floor(index * (count - 1) / Math.max(1, steps - 1))] as number);
};

const beliefsOf = ({ recording, scenario: { topology } }: Played, slot: number): readonly Belief[] =>
  buildBeliefs(recording, slot, (name) => {
    const process = topology.processes.find((one) => one.name === name);
    const machine = topology.machines.find((one) => one.name === process?.machine);
    return process === undefined || machine === undefined ? null : `${machine.address}:${process.port}`;
  });
