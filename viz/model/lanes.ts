/**
 * Lanes of the timeline: for each process and client what it was, from when to when, grouped by zone and machine.
 *
 *   dead --start--> starting --role--> primary | replica | syncing         (data nodes, cluster nodes)
 *   dead --start--> sentinel --leader of an epoch--> leader --failover over--> sentinel
 *   any --pause--> paused --unpause--> what it was;   any --kill, exit, power--> dead
 *   client: idle --first answer--> served <--answers--> outage
 *
 * Always holds: the spans of a lane follow each other without a gap from 0 to the end of the run, and neighbours differ.
 */
import type { Note } from '../../engine/core/notes.ts';
import { SENTINEL_EVENT } from '../../engine/protocol/sentinelNames.ts';
import type { ExpandedScenario } from '../../sim/scenario.ts';
import { KIND } from '../../sim/time/kinds.ts';
import type { Recording } from './recording.ts';

export type LaneState =
  | 'dead' | 'starting' | 'primary' | 'replica' | 'syncing' | 'candidate' | 'paused'
  | 'sentinel' | 'leader' | 'tilt'
  | 'idle' | 'served' | 'outage';

export type LaneKind = 'data' | 'sentinel' | 'client' | 'probe' | 'other';

export interface LaneSpan {
  readonly state: LaneState;
  /** Virtual microseconds. */
  readonly from: number;
  readonly to: number;
  /** Row of the record that began it; `NONE` for the first. */
  readonly row: number;
}

export interface Lane {
  readonly name: string;
  readonly kind: LaneKind;
  readonly machine: string;
  readonly zone: string;
  readonly spans: readonly LaneSpan[];
}

/** What ends a sentinel's time as a leader. */
const FAILOVER_OVER: readonly string[] = [SENTINEL_EVENT.failoverEnd, SENTINEL_EVENT.failoverEndForTimeout, SENTINEL_EVENT.switchPrimary];

class OpenLane {
  readonly name: string;
  readonly kind: LaneKind;
  readonly machine: string;
  readonly zone: string;
  readonly spans: LaneSpan[] = [];
  /** What a paused process is again when it goes on. */
  private awake: LaneState;
  private state: LaneState;
  private since = 0;
  private sinceRow = -1;

  constructor(name: string, kind: LaneKind, machine: string, zone: string) {
    this.name = name;
    this.kind = kind;
    this.machine = machine;
    this.zone = zone;
    this.state = kind === 'data' || kind === 'sentinel' ? 'dead' : 'idle';
    this.awake = this.state;
  }

  get now(): LaneState {
    return this.state;
  }

  change(state: LaneState, at: number, row: number): void {
    if (state !== 'paused') this.awake = state;
    if (this.state === state) return;
    this.end(at);
    this.state = state;
    this.sinceRow = row;
  }

  wake(at: number, row: number): void {
    if (this.state === 'paused') this.change(this.awake, at, row);
  }

  end(at: number): void {
    if (at > this.since) this.spans.push({ state: this.state, from: this.since, to: at, row: this.sinceRow });
    this.since = at;
  }
}

/** The lanes in the order in which they are drawn: by zone, machine and name; clients first. */
export const buildLanes = (recording: Recording, scenario: ExpandedScenario): readonly Lane[] => {
  const { topology, workload } = scenario;
  const zoneOf = new Map(topology.machines.map(({ name, zone }) => [name, zone]));
  const open = [
    ...workload.clients.map(({ name, zone }) => new OpenLane(name, 'client', name, zone)),
    ...workload.probes.map(({ name, zone }) => new OpenLane(name, 'probe', name, zone)),
    ...topology.processes.map(({ name, machine, kind }) =>
      new OpenLane(name, kind === 'sentinel' ? 'sentinel' : 'data', machine, zoneOf.get(machine) ?? '')),
  ];
  const byNode = new Map<string, OpenLane[]>();
  for (const lane of open) {
    for (const key of [lane.name, `machine/${lane.machine}`]) byNode.set(key, [...byNode.get(key) ?? [], lane]);
  }
  const lanesOf = recording.nodes.map((name) => byNode.get(name) ?? []);
  const { rows, count } = recording;
  for (let row = 0; row < count; row++) {
    const lanes = lanesOf[rows.node[row] as number] as OpenLane[];
    for (const lane of lanes) apply(lane, recording, row);
  }
  for (const lane of open) lane.end(recording.endAt);
  return open.map(({ name, kind, machine, zone, spans }) => ({ name, kind, machine, zone, spans })).sort(inDrawingOrder);
};

const apply = (lane: OpenLane, recording: Recording, row: number): void => {
  const at = recording.rows.at[row] as number;
  switch (recording.rows.kind[row]) {
    case KIND.start: {
      lane.change(lane.kind === 'sentinel' ? 'sentinel' : lane.kind === 'data' ? 'starting' : 'idle', at, row);
      break;
    }
    case KIND.kill:
    case KIND.exit:
    case KIND.power: {
      lane.change('dead', at, row);
      break;
    }
    case KIND.pause: {
      lane.change('paused', at, row);
      break;
    }
    case KIND.unpause: {
      lane.wake(at, row);
      break;
    }
    case KIND.complete: {
      if (lane.kind === 'client') lane.change(recording.detail(row)?.['outcome'] === 'ok' ? 'served' : 'outage', at, row);
      break;
    }
    case KIND.note: {
      const note = recording.detail(row)?.['note'] as Note | undefined;
      if (note !== undefined) applyNote(lane, note, at, row);
      break;
    }
    default:
  }
};

const applyNote = (lane: OpenLane, note: Note, at: number, row: number): void => {
  if (lane.kind === 'data') {
    if (note.kind === 'role') lane.change(note.role === 'primary' ? 'primary' : 'syncing', at, row);
    else if (note.kind === 'sync' && lane.now !== 'primary' && lane.now !== 'dead') {
      lane.change(note.state === 'connected' ? 'replica' : 'syncing', at, row);
    } else if (note.kind === 'cluster' && note.event === 'election') lane.change('candidate', at, row);
  } else if (lane.kind === 'sentinel') {
    if (note.kind === 'leader') lane.change('leader', at, row);
    else if (note.kind === 'sentinel') {
      if (note.event === SENTINEL_EVENT.tilt) lane.change('tilt', at, row);
      else if (note.event === SENTINEL_EVENT.noTilt || FAILOVER_OVER.includes(note.event) || note.event.startsWith('-failover-abort')) {
        lane.change('sentinel', at, row);
      }
    }
  }
};

/** Clients above, then zone by zone. Names hold digits, so `node-10` comes behind `node-9`. */
const inDrawingOrder = (left: Lane, right: Lane): number =>
  rank(left) - rank(right) || byText(left.zone, right.zone) || byText(left.machine, right.machine) || byText(left.name, right.name);

const rank = ({ kind }: Lane): number => (kind === 'client' ? 0 : kind === 'probe' ? 1 : 2);

const byText = (left: string, right: string): number => {
  const [a, b] = [padded(left), padded(right)];
  return a < b ? -1 : a > b ? 1 : 0;
};

const padded = (text: string): string => text.replace(/\d+/g, (digits) => digits.padStart(8, '0'));
