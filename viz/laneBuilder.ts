/**
 * Lanes of the timeline from the records of a trace: for each node, from when to when it was a primary, a replica, paused
 * or dead. Reads the trace line by line as it is written, and keeps nothing but the changes.
 */
import type { TraceRecord } from '../sim/trace/traceEvent.ts';

export type LaneState = 'primary' | 'replica' | 'paused' | 'dead';

export interface LaneSpan {
  readonly state: LaneState;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Lane {
  readonly node: string;
  readonly spans: readonly LaneSpan[];
}

interface OpenLane {
  readonly spans: LaneSpan[];
  state: LaneState;
  sinceMs: number;
  /** What it is again when it goes on. */
  role: 'primary' | 'replica';
}

/** Lines of these kinds are parsed; a trace has a hundred others for each of them. */
const INTERESTING = /"kind":"(?:note|kill|power|exit|pause|unpause)"/;

export class LaneBuilder {
  private readonly lanes: Map<string, OpenLane> = new Map();

  /** `nodes` are in the order in which they are shown. */
  constructor(nodes: readonly string[]) {
    for (const node of nodes) this.lanes.set(node, { spans: [], state: 'dead', sinceMs: 0, role: 'replica' });
  }

  line(text: string): void {
    if (!INTERESTING.test(text)) return;
    const record = JSON.parse(text) as TraceRecord & { readonly role?: unknown };
    const lane = this.lanes.get(record.node);
    if (lane === undefined) return;
    const atMs = record.at / 1000;
    if (record.kind === 'note') {
      if (record.role !== 'primary' && record.role !== 'replica') return;
      lane.role = record.role;
      change(lane, lane.role, atMs);
    } else if (record.kind === 'pause') change(lane, 'paused', atMs);
    else if (record.kind === 'unpause') change(lane, lane.role, atMs);
    else change(lane, 'dead', atMs);
  }

  finish(endMs: number): readonly Lane[] {
    return [...this.lanes].map(([node, lane]) => {
      change(lane, null, endMs);
      return { node, spans: lane.spans };
    });
  }
}

/** Ends the open span where the state changes; `null` ends it in any case. */
const change = (lane: OpenLane, state: LaneState | null, atMs: number): void => {
  if (lane.state === state) return;
  if (atMs > lane.sinceMs) lane.spans.push({ state: lane.state, fromMs: lane.sinceMs, toMs: atMs });
  lane.sinceMs = atMs;
  if (state !== null) lane.state = state;
};
