/**
 * Lanes of the timeline from the records of a trace: for each node, from when to when it was a primary, a replica, paused
 * or dead; for each client, whether its last operation was answered. Reads the trace line by line as it is written, and
 * keeps nothing but the changes.
 */
import type { Topology } from '../sim/topology/topology.ts';

export type LaneState = 'primary' | 'replica' | 'paused' | 'dead' | 'idle' | 'served' | 'outage';

export interface LaneSpan {
  readonly state: LaneState;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Lane {
  readonly name: string;
  readonly spans: readonly LaneSpan[];
}

/** What is read of a trace's record. `note` is the detail of a note, `outcome` of a completed operation. */
interface LaneRecord {
  readonly at: number;
  readonly kind: string;
  readonly node: string;
  readonly note?: { readonly kind: string; readonly role?: LaneState };
  readonly outcome?: string;
}

/** Lines of these kinds are parsed; a trace has a hundred others for each of them. */
const INTERESTING = /"kind":"(?:power|kill|exit|pause|unpause|complete)"|"note":\{"kind":"role"/;

class OpenLane {
  readonly name: string;
  readonly machine: string;
  /** From here on nothing is drawn. */
  private readonly lastMs: number;
  readonly spans: LaneSpan[] = [];
  /** What a paused node is again when it goes on. */
  role: LaneState = 'dead';
  private state: LaneState;
  private sinceMs = 0;

  constructor(name: string, machine: string, state: LaneState, lastMs: number) {
    this.name = name;
    this.machine = machine;
    this.state = state;
    this.lastMs = lastMs;
  }

  change(state: LaneState, atMs: number): void {
    if (this.state === state) return;
    this.end(atMs);
    this.state = state;
  }

  end(atMs: number): void {
    const toMs = Math.min(atMs, this.lastMs);
    if (toMs > this.sinceMs) this.spans.push({ state: this.state, fromMs: this.sinceMs, toMs });
    this.sinceMs = toMs;
  }
}

export class LaneBuilder {
  private readonly lanes: readonly OpenLane[];

  /** After `workloadEndMs` clients ask nothing any more: their lanes end there. */
  constructor(topology: Topology, clients: readonly string[], workloadEndMs: number) {
    this.lanes = [
      ...topology.processes.map(({ name, machine }) => new OpenLane(name, machine, 'dead', Infinity)),
      ...clients.map((name) => new OpenLane(name, name, 'idle', workloadEndMs)),
    ];
  }

  line(text: string): void {
    if (!INTERESTING.test(text)) return;
    const record = JSON.parse(text) as LaneRecord;
    for (const lane of this.lanes) {
      // Power is lost by machines, everything else happens to processes and clients.
      if ((record.kind === 'power' ? `machine/${lane.machine}` : lane.name) === record.node) apply(lane, record);
    }
  }

  finish(endMs: number): readonly Lane[] {
    return this.lanes.map((lane) => {
      lane.end(endMs);
      return { name: lane.name, spans: lane.spans };
    });
  }
}

const apply = (lane: OpenLane, record: LaneRecord): void => {
  const atMs = record.at / 1000;
  if (record.kind === 'note') {
    lane.role = record.note?.role ?? lane.role;
    lane.change(lane.role, atMs);
  } else if (record.kind === 'complete') lane.change(record.outcome === 'ok' ? 'served' : 'outage', atMs);
  else if (record.kind === 'pause') lane.change('paused', atMs);
  else if (record.kind === 'unpause') lane.change(lane.role, atMs);
  else lane.change('dead', atMs);
};
