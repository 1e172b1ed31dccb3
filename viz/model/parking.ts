/**
 * Live worlds parked along a run, so that a look at one of its instants does not begin at its start. A world cannot be copied and does
 * not go back: one that is looked at goes on to the instant, and if it was asked something it is gone. Others are brought up in its place,
 * a little at each `tend`: some at equal distances along the run, some right before what was looked at last, where the next look goes.
 *
 * Always holds: a parked world has seen nothing but the run, so it does not matter from which of them an instant is reached.
 */
import type { ResolvedScenario } from '../../sim/scenario.ts';
import type { TraceDetail, TraceSink } from '../../sim/trace/traceEvent.ts';
import { Visit } from '../../sim/visit.ts';
import type { Recording } from './recording.ts';

/** Worlds at equal distances along a run, at most. */
export const LADDER_MAX = 6;
/**
 * A world grows with its history, by some 70 bytes a row: the rows behind all of the ladder together are no more than this. The longest
 * run that a page opens keeps one there, and one near the last look.
 */
const LADDER_ROWS_MAX = 3_500_000;
/** How many rows before the last look the near worlds stand. */
const NEAR_ROWS: readonly number[] = [2000, 6000];
/** What is run at one `tend`: some milliseconds of work. */
const TEND_ROWS = 2000;
/** Details are kept of so many rows before one that was asked for, and behind it: people go on step by step. */
const DETAILS_BEFORE = 8000;
const DETAILS_BEHIND = 1000;
const UNHEARD: TraceSink = { record: () => undefined };

export class Parking {
  private readonly scenario: ResolvedScenario;
  private readonly seed: number;
  private readonly recording: Recording;
  /** By their times. */
  private parked: Visit[] = [];
  /** On its way to a place of its own. */
  private moving: { readonly visit: Visit; readonly to: number } | null = null;
  private ladder: readonly number[] = [];
  private near: readonly number[] = [];
  private details: Map<number, TraceDetail | null> = new Map();

  constructor(scenario: ResolvedScenario, seed: number, recording: Recording) {
    this.scenario = scenario;
    this.seed = seed;
    this.recording = recording;
  }

  /** Times at which worlds stand now, virtual microseconds. */
  get places(): readonly number[] {
    return this.parked.map(({ at }) => at);
  }

  /** A visit right behind everything that happens at `atMicros`. It is the caller's, who may disturb it. */
  take(atMicros: number): Visit {
    const visit = this.nearest(atMicros) ?? this.begin(UNHEARD);
    visit.advance(atMicros);
    this.wantNear(this.recording.firstAt(atMicros), visit.end);
    return visit;
  }

  /** What the trace said of a record that the recording kept nothing of. */
  detail(row: number): TraceDetail | null {
    const known = this.details.get(row);
    if (known !== undefined) return known;
    const { rows, count } = this.recording;
    const at = rows.at[row] as number;
    const found = new Map<number, TraceDetail | null>();
    const sink: TraceSink = { record: ({ id, detail }) => {
      if (id - 1 >= row - DETAILS_BEFORE) found.set(id - 1, detail);
    } };
    const visit = this.nearest(at - 1) ?? this.begin(sink);
    visit.attach(sink);
    visit.advance(rows.at[Math.min(count - 1, row + DETAILS_BEHIND)] as number);
    visit.attach(null);
    // What comes behind settling (the final read) no visit sees.
    if (!found.has(row)) found.set(row, null);
    this.details = found;
    this.park(visit);
    this.wantNear(row, visit.end);
    return found.get(row) ?? null;
  }

  /** Brings a world a little nearer to a place that has none. False: every place has its world, or nobody has looked yet. */
  tend(): boolean {
    this.moving ??= this.next();
    if (this.moving === null) return false;
    const { visit, to } = this.moving;
    const { rows, count } = this.recording;
    const further = rows.at[Math.min(count - 1, this.recording.firstAt(visit.at) + TEND_ROWS)] as number;
    visit.advance(Math.min(to, Math.max(further, visit.at + 1)));
    if (visit.at >= to) {
      this.moving = null;
      this.park(visit);
    }
    return true;
  }

  /** The world that stands nearest before `at` or at it, taken from its place; null: none does. */
  private nearest(at: number): Visit | null {
    const { moving } = this;
    const parked = this.parked.findLast((visit) => visit.at <= at);
    if (moving !== null && moving.visit.at <= at && moving.visit.at >= (parked?.at ?? 0)) {
      this.moving = null;
      return moving.visit;
    }
    if (parked !== undefined) this.parked = this.parked.filter((visit) => visit !== parked);
    return parked ?? null;
  }

  /** Watched from the start: what records list as reasons is kept for a world that is. */
  private begin(sink: TraceSink): Visit {
    const visit = new Visit(this.scenario, this.seed, sink);
    visit.attach(null);
    return visit;
  }

  /** Each of its worlds takes so much room that there are as few as will do. */
  private get isLong(): boolean {
    return 2 * this.recording.count > LADDER_ROWS_MAX;
  }

  /** The next looks will be about `row`. `end`: no visit gets further, virtual microseconds. */
  private wantNear(row: number, end: number): void {
    const { rows, count } = this.recording;
    const timesOf = (wanted: readonly number[]): readonly number[] => [...new Set(wanted.filter((each) => each > 0 && each < count)
      .map((each) => rows.at[each] as number))].filter((at) => at < end);
    const steps = Math.min(LADDER_MAX, Math.max(1, Math.floor(2 * LADDER_ROWS_MAX / Math.max(1, count)) - 1));
    this.ladder = timesOf(Array.from({ length: steps }, (_, step) => Math.floor(count * (step + 1) / (steps + 1))));
    this.near = timesOf(NEAR_ROWS.slice(0, this.isLong ? 1 : NEAR_ROWS.length).map((before) => row - before));
    if (this.moving === null) return;
    // What is near comes first: who was on the way elsewhere waits.
    this.park(this.moving.visit);
    this.moving = null;
  }

  /** What to bring up next: first what is near. From the nearest world that has no place of its own, else from the start. */
  private next(): Parking['moving'] {
    const places = new Set([...this.near, ...this.ladder]);
    const to = [...places].find((place) => this.parked.every(({ at }) => at !== place));
    if (to === undefined) return null;
    const spare = this.parked.findLast(({ at }) => at < to && !places.has(at));
    if (spare === undefined) return { visit: this.begin(UNHEARD), to };
    this.parked = this.parked.filter((visit) => visit !== spare);
    return { visit: spare, to };
  }

  /** Puts a world where it stands. Of those without a place this one is kept, and of a run that is not long the one that has come furthest. */
  private park(visit: Visit): void {
    const places = new Set([...this.near, ...this.ladder]);
    const others = this.parked.filter(({ at }) => at !== visit.at);
    const furthest = this.isLong ? undefined : others.findLast(({ at }) => !places.has(at));
    this.parked = [...others.filter((other) => places.has(other.at) || other === furthest), visit].sort((left, right) => left.at - right.at);
  }
}
