/**
 * A run in the JSON of Chrome's trace viewer and of Perfetto: machines are processes, lanes are threads, states are slices, moments
 * are instants, messages are flows, faults are slices of a process of their own.
 *
 * Source: the Trace Event Format, JSON object form; times are microseconds, which is what the run counts in.
 */
import type { FaultSpan } from './faults.ts';
import type { Lane } from './lanes.ts';
import type { Moment } from './moments.ts';
import type { Played } from './play.ts';
import type { Recording } from './recording.ts';

/** More messages than that are left out, and counted in `otherData`. */
export const FLOWS_MAX = 200_000;

export interface PictureParts {
  readonly lanes: readonly Lane[];
  readonly moments: readonly Moment[];
  readonly faults: readonly FaultSpan[];
}

interface Place {
  readonly pid: number;
  readonly tid: number;
}

/** The process of the faults; machines count from 2. */
const FAULTS_PID = 1;

export const perfettoText = ({ recording, report }: Played, { lanes, moments, faults }: PictureParts): string => {
  const events: string[] = [];
  const add = (event: Readonly<Record<string, unknown>>): void => {
    events.push(JSON.stringify(event));
  };
  const places = placesOf(lanes, add);
  for (const lane of lanes) {
    const place = places.get(lane.name) as Place;
    for (const { state, from, to } of lane.spans) add({ ph: 'X', cat: 'state', name: state, ts: from, dur: to - from, ...place });
  }
  for (const { at, node, kind, label } of moments) {
    const place = places.get(node);
    if (place !== undefined) add({ ph: 'i', s: 't', cat: kind, name: label, ts: at, ...place });
  }
  if (faults.length > 0) add({ ph: 'M', name: 'process_name', pid: FAULTS_PID, tid: 0, args: { name: 'faults' } });
  for (const { ordinal, kind, names, from, to, outcome } of faults) {
    add({ ph: 'M', name: 'thread_name', pid: FAULTS_PID, tid: ordinal + 1, args: { name: `${kind} ${names.join(' ')}` } });
    add({ ph: 'X', cat: 'fault', name: kind, ts: from, dur: to - from, pid: FAULTS_PID, tid: ordinal + 1, args: { names, outcome } });
  }
  const left = addFlows(recording, places, add);
  const about = { scenario: report.scenario, seed: report.seed, traceHash: report.traceHash, messagesLeftOut: left };
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[\n${events.join(',\n')}\n]}\n`;
};

/** Where each lane stands, and the names of these places. */
const placesOf = (lanes: readonly Lane[], add: (event: Readonly<Record<string, unknown>>) => void): ReadonlyMap<string, Place> => {
  const machines = [...new Set(lanes.map(({ machine }) => machine))];
  machines.forEach((machine, index) => {
    const zone = lanes.find((lane) => lane.machine === machine)?.zone ?? '';
    add({ ph: 'M', name: 'process_name', pid: FAULTS_PID + 1 + index, tid: 0, args: { name: zone === '' ? machine : `${machine} (${zone})` } });
  });
  return new Map(lanes.map(({ name, machine }, index) => {
    const place = { pid: FAULTS_PID + 1 + machines.indexOf(machine), tid: index + 1 };
    add({ ph: 'M', name: 'thread_name', ...place, args: { name } });
    return [name, place];
  }));
};

/** A flow begins where the message left and ends where it arrived. Returns how many were left out. */
const addFlows = (
  recording: Recording, places: ReadonlyMap<string, Place>, add: (event: Readonly<Record<string, unknown>>) => void,
): number => {
  const { rows, messages } = recording;
  let left = 0;
  let flows = 0;
  for (let index = 0; index < recording.messageCount; index++) {
    const row = messages.row[index] as number;
    const from = places.get(recording.nodes[messages.from[index] as number] as string);
    const to = places.get(recording.nodeName(row));
    if (from === undefined || to === undefined) continue;
    if (flows === FLOWS_MAX) {
      left++;
      continue;
    }
    flows++;
    const flow = { cat: 'message', name: recording.word(row) === '' ? 'segment' : recording.word(row), id: row + 1 };
    add({ ph: 's', ...flow, ts: messages.sentAt[index] as number, ...from });
    add({ ph: 'f', bp: 'e', ...flow, ts: rows.at[row] as number, ...to });
  }
  return left;
};
