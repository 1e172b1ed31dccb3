/**
 * Something that happens at a point of virtual time. The common kinds (segments, timers, callbacks) are subclasses that
 * override `fire` and carry what they need in their own fields; everything else is a `Later` with a closure. There are so few
 * classes because the kernel reads the fields of all: V8 does that fast for up to four classes in one place.
 *
 * An event stands in the queue at most once. One that has fired may be scheduled again; one that was cancelled may not,
 * since it is still in the heap until its time comes.
 */
import type { CauseId, Micros } from '../../engine/core/units.ts';
import type { TraceDetail } from '../trace/traceEvent.ts';
import { NO_CAUSE, micros } from '../../engine/core/units.ts';

/** Not in the queue: never scheduled, or fired. */
export const IDLE = 0;
export const PENDING = 1;
export const CANCELLED = 2;

export abstract class SimEvent {
  declare time: Micros;
  declare sequence: number;
  /** The record that scheduled it. */
  declare parent: CauseId;
  /** One of `KIND`. */
  declare readonly kind: number;
  /** Index of the process or machine that it happens to. */
  declare readonly node: number;
  /** Two integers that are mixed into the rolling hash when it fires: their meaning is the kind's. */
  declare readonly a: number;
  declare b: number;
  /** `IDLE`, `PENDING` or `CANCELLED`: the queue's. */
  declare state: number;

  /**
   * The fields are declared and then assigned, not initialised as class fields: defining fields of many subclasses in one
   * place costs V8 more than all the rest of an event.
   */
  constructor(kind: number, node: number, a: number, b: number) {
    this.time = micros(0);
    this.sequence = 0;
    this.parent = NO_CAUSE;
    this.kind = kind;
    this.node = node;
    this.a = a;
    this.b = b;
    this.state = IDLE;
  }

  abstract fire(): void;

  /** What the trace says beyond the fixed fields. Asked only while a sink is attached; must change nothing. */
  detail(): TraceDetail | null {
    return null;
  }
}

/** An event too rare for a class of its own. */
export class Later extends SimEvent {
  declare private readonly happen: () => void;
  declare private readonly describe: (() => TraceDetail) | null;

  /** `describe`: see `SimEvent.detail`. */
  constructor(
    kind: number, node: number, a: number, b: number, happen: () => void, describe: (() => TraceDetail) | null = null,
  ) {
    super(kind, node, a, b);
    this.happen = happen;
    this.describe = describe;
  }

  override fire(): void {
    this.happen();
  }

  override detail(): TraceDetail | null {
    return this.describe === null ? null : this.describe();
  }
}
