/**
 * Virtual time: the one loop that makes things happen, their numbering, their causes and the rolling hash.
 *
 * How a world is put together:
 *
 *     const kernel = new Kernel(seed);
 *     const network = new Network(kernel);                     // names, links, partitions
 *     const machine = new Machine(kernel, network, { name: 'm1', zone: 'a', address: bytes('10.0.0.1') });
 *     const process = new SimProcess(machine, { name: 'r1', program: (host) => { host.listen(…); } });
 *     process.start();
 *     kernel.runUntil(micros(10_000_000));
 *     kernel.hash;                                             // the same for the same seed, on any machine
 *
 * Whoever wants something to happen later makes a subclass of `SimEvent` and schedules it. Whoever sees something
 * happen inside an event (a dropped segment, a note, a fault's strike) calls `observe`.
 *
 * What always holds: events fire in (time, sequence) order and time never goes back; every event that fires and every
 * observation gets the next id and is mixed into the hash, whether or not a trace is written; a sink sees the same
 * records that the hash does, and can change nothing.
 */
import { assert } from '../../engine/core/errors.ts';
import { type Lanes, lanesHex, mix32, rollText } from '../../engine/core/hash.ts';
import { type CauseId, type Micros, NO_CAUSE, causeId, micros } from '../../engine/core/units.ts';
import { Streams } from '../random/streams.ts';
import type { TraceDetail, TraceSink } from '../trace/traceEvent.ts';
import { EventQueue } from './eventQueue.ts';
import { KIND_COUNT, KIND_NAMES, type KindName } from './kinds.ts';
import type { SimEvent } from './simEvent.ts';

/** Entries of the plan get sequence numbers from here up: before those of all other events. */
const PLAN_SEQUENCE_BASE = -0x40000000;
const PLAN_ENTRIES_MAX = 0x3fffffff;
/** Wall-clock time at the beginning of every world, but for the drawn part of a second: 2023-11-14 22:13:20 UTC. */
const START_UNIX_MICROS = 1_700_000_000_000_000;
const MICROS_PER_SECOND = 1_000_000;

export class Kernel {
  now: Micros = micros(0);
  readonly seed: number;
  /** The seed as two lanes, for draws by hash. */
  readonly seedLanes: Readonly<Lanes>;
  readonly streams: Streams;
  /**
   * What right clocks show at the beginning, in microseconds since 1970. Never a whole second: what servers do by seconds (everysec,
   * lags) would otherwise always meet the plan in the same phase.
   */
  readonly startMicros: number;
  /** Events fired so far, by kind. Observations are not counted here. */
  readonly eventsByKind: number[] = KIND_NAMES.map(() => 0);
  events = 0;
  /** Id of the last record. */
  lastId: CauseId = NO_CAUSE;
  /** True while a sink is attached: build details only then. */
  tracing = false;
  private sink: TraceSink | null = null;
  private current: CauseId = NO_CAUSE;
  private sequence = 0;
  private readonly queue: EventQueue = new EventQueue();
  private readonly nodeNames: string[] = ['world'];
  private readonly lanes: Lanes = { lo: 0x6a09e667, hi: 0x3c6ef372 };

  constructor(seed: number) {
    this.seed = seed;
    this.streams = new Streams(seed);
    this.startMicros = START_UNIX_MICROS + this.streams.named('wall clock').below(MICROS_PER_SECOND);
    this.seedLanes = { lo: mix32(seed | 0), hi: mix32(Math.floor(seed / 0x100000000) ^ 0x27d4eb2f) };
  }

  /** Gives a process or machine its index. Names are unique. */
  addNode(name: string): number {
    assert(!this.nodeNames.includes(name), `two nodes are called ${name}`);
    rollText(this.lanes, name);
    return this.nodeNames.push(name) - 1;
  }

  nodeName(node: number): string {
    return this.nodeNames[node] as string;
  }

  /** Makes `event` fire at `at`, not before now. Its parent is the record that is being handled. */
  schedule(event: SimEvent, at: Micros): void {
    assert(at >= this.now, 'event scheduled in the past');
    event.time = at;
    event.sequence = ++this.sequence;
    event.parent = this.current;
    this.queue.push(event);
  }

  /** As `schedule`, for entry number `ordinal` of the plan: it strikes before every other event of its microsecond. */
  schedulePlan(event: SimEvent, at: Micros, ordinal: number): void {
    assert(at >= this.now, 'plan entry scheduled in the past');
    assert(ordinal >= 0 && ordinal < PLAN_ENTRIES_MAX, 'plan ordinal out of range');
    event.time = at;
    event.sequence = PLAN_SEQUENCE_BASE + ordinal;
    event.parent = this.current;
    this.queue.push(event);
  }

  /** False when it is not pending (it fired, or never was scheduled). */
  cancel(event: SimEvent): boolean {
    return this.queue.cancel(event);
  }

  /** Time of the next event, or null when nothing will ever happen again. */
  nextAt(): Micros | null {
    const next = this.queue.peek();
    return next === null ? null : next.time;
  }

  /** Fires the next event. False when there is none. */
  step(): boolean {
    const event = this.queue.pop();
    if (event === null) return false;
    this.fire(event);
    return true;
  }

  /** Fires every event due up to and at `at`; then it is `at`. */
  runUntil(at: Micros): void {
    assert(at >= this.now, 'time cannot go back');
    const queue = this.queue;
    for (let event = queue.pop(at); event !== null; event = queue.pop(at)) this.fire(event);
    this.now = at;
  }

  /** The record that is being handled. */
  cause(): CauseId {
    return this.current;
  }

  /** Goes back to handling `cause`: for what had to wait, such as the input of a busy process. */
  resumeCause(cause: CauseId): void {
    assert(cause <= this.lastId, 'a cause lies in the future');
    this.current = cause;
  }

  /** Records something seen at this instant. `detail` only while `tracing`. Returns its id; causes stay as they are. */
  observe(kind: number, node: number, a: number, b: number, detail: TraceDetail | null): CauseId {
    const id = this.record(kind, node, a, b);
    if (this.sink !== null) this.write(id, this.current, kind, node, a, b, detail);
    return id;
  }

  /** The rolling hash over everything so far: 16 hex digits. */
  get hash(): string {
    return lanesHex(this.lanes);
  }

  /** Sends every record from now on to `sink`; null stops that. */
  attach(sink: TraceSink | null): void {
    this.sink = sink;
    this.tracing = sink !== null;
  }

  /** `eventsByKind` under their names, without the zeros: for reports. */
  eventCounts(): Partial<Record<KindName, number>> {
    const counts: Partial<Record<KindName, number>> = {};
    for (let kind = 0; kind < KIND_COUNT; kind++) {
      const count = this.eventsByKind[kind] as number;
      if (count > 0) counts[KIND_NAMES[kind] as KindName] = count;
    }
    return counts;
  }

  private fire(event: SimEvent): void {
    assert(event.time >= this.now, 'time went back');
    this.now = event.time;
    this.events++;
    this.eventsByKind[event.kind] = (this.eventsByKind[event.kind] as number) + 1;
    const id = this.record(event.kind, event.node, event.a, event.b);
    if (this.sink !== null) this.write(id, event.parent, event.kind, event.node, event.a, event.b, event.detail());
    this.current = id;
    event.fire();
    this.current = NO_CAUSE;
  }

  /** Rolls one record into the hash. One expression of mixing for all, since this is the hottest line of the world. */
  private record(kind: number, node: number, a: number, b: number): CauseId {
    const lanes = this.lanes;
    const time = this.now;
    const place = Math.imul(kind + (node << 8), 0x85ebca6b) ^ Math.floor(time / 0x100000000);
    let lo = Math.imul(lanes.lo ^ (time | 0), 0x9e3779b1);
    lo = Math.imul(lo ^ (lo >>> 15) ^ place, 0x85ebca77);
    let hi = Math.imul((lanes.hi ^ (a | 0)) + lo, 0xc2b2ae35);
    hi = Math.imul(hi ^ (hi >>> 13) ^ (b | 0), 0x27d4eb2f);
    lanes.lo = lo ^ (hi >>> 16);
    lanes.hi = hi ^ (lo >>> 14);
    this.lastId = causeId(this.lastId + 1);
    return this.lastId;
  }

  private write(
    id: number, parent: number, kind: number, node: number, a: number, b: number, detail: TraceDetail | null,
  ): void {
    const name = KIND_NAMES[kind] as KindName;
    this.sink?.record({ id, at: this.now, parent, kind: name, node: this.nodeName(node), a, b, detail });
  }
}
