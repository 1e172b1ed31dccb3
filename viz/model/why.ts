/**
 * Why did this happen? One sentence for any record, and the chain of decisions behind it where it is one: made from parents,
 * messages and `because`, never from the scenario's intentions.
 */
import type { Note } from '../../engine/core/notes.ts';
import { type CauseRecords, recordsOfTrace } from '../../sim/check/causeRecord.ts';
import { explain } from '../../sim/check/explain.ts';
import type { TraceRecord } from '../../sim/trace/traceEvent.ts';
import { NONE, type Recording } from './recording.ts';

/** The decisions of a recording, for `why`. */
export const decisionsOf = (recording: Recording): CauseRecords => {
  const records: TraceRecord[] = [];
  for (const [row, detail] of recording.detailed()) {
    const { rows } = recording;
    records.push({
      id: row + 1, at: rows.at[row] as number, parent: rows.parent[row] as number, kind: recording.kindName(row),
      node: recording.nodeName(row), a: rows.a[row] as number, b: rows.b[row] as number, detail,
    });
  }
  return recordsOfTrace(records);
};

/** The first line says what it is; each further one a link of the chain behind it. */
export const why = (recording: Recording, decisions: CauseRecords, row: number): readonly string[] => {
  const chain = explain(decisions, row + 1);
  if (chain.length > 0) return chain;
  const parent = (recording.rows.parent[row] as number) - 1;
  const what = describe(recording, row);
  return parent < 0 ? [`${what}; it stands at the beginning, nothing caused it`]
    : [`${what}, because ${describe(recording, parent)} at ${seconds(recording.rows.at[parent] as number)} (#${parent + 1})`];
};

/** A record in a few words: who, what. */
export const describe = (recording: Recording, row: number): string => {
  const node = recording.nodeName(row);
  const kind = recording.kindName(row);
  const detail = recording.detail(row);
  switch (kind) {
    case 'segment': return describeSegment(recording, row);
    case 'timer': return `a timer of ${node} fell due`;
    case 'note': return describeNote(node, recording.word(row), detail?.['note'] as Note | undefined);
    case 'complete': return `${node}'s ${String(detail?.['operation'])} ended ${String(detail?.['outcome'])}`;
    case 'fault':
    case 'action': return recording.rows.b[row] === 2 ? `${String(detail?.['do'])} ended`
      : `the plan's ${String(detail?.['do'])} struck ${String(detail?.['resolved'] ?? 'nobody')}`;
    case 'plan': return 'an entry of the plan fell due';
    case 'drop': return `${String(detail?.['bytes'])} bytes from ${node} to ${String(detail?.['to'])} were lost: ${String(detail?.['reason'])}`;
    case 'log': return `${node} logged: ${String(detail?.['message'])}`;
    case 'fileSync': return `a sync of ${node} ended`;
    case 'kill': return `${node} was killed`;
    case 'exit': return `${node} ended with status ${String(detail?.['status'])}`;
    case 'power': return `${node} lost its power`;
    default: return `${kind} of ${node}`;
  }
};

const describeSegment = (recording: Recording, row: number): string => {
  const message = recording.rows.message[row] as number;
  const node = recording.nodeName(row);
  if (message === NONE) return `a segment reached ${node}`;
  const { messages } = recording;
  const from = recording.nodes[messages.from[message] as number];
  const word = recording.word(row);
  const took = ((recording.rows.at[row] as number) - (messages.sentAt[message] as number)) / 1000;
  const what = word === '' ? 'an empty segment' : word;
  return `${what} of ${from} reached ${node} ${took} ms after it had left`;
};

const describeNote = (node: string, kind: string, note: Note | undefined): string => {
  switch (note?.kind) {
    case undefined: return `${node} noted ${kind}`;
    case 'role': return note.role === 'primary' ? `${node} became a primary` : `${node} follows ${note.primary ?? 'nobody'}`;
    case 'sync': return `${node}'s synchronisation is ${note.state}: ${note.detail}`;
    case 'belief': return `${node} holds ${note.primary ?? 'nobody'} to be the primary`;
    case 'sentinel': return `${node}: ${note.event} ${note.detail}`;
    case 'vote': return `${node} voted in epoch ${note.epoch}`;
    case 'cluster': return `${node}: ${note.event} of ${note.node.slice(0, 8)} ${note.detail}`;
    case 'slots': return `${node} holds ${note.owner?.slice(0, 8) ?? 'nobody'} to own ${note.slots.length} slots`;
    case 'replica': return `${node}: ${note.event} for ${note.replica} ${note.detail}`;
    case 'mark': return `${node} reached ${note.name}`;
    default: return `${node} noted ${kind}`;
  }
};

const seconds = (micros: number): string => `${(micros / 1_000_000).toFixed(6)} s`;
