/**
 * Why did this happen? One sentence for any record, and the chain of decisions behind it where it is one: made from parents,
 * messages and `because`, never from the scenario's intentions. In the language of the `Sentences` that are handed in.
 */
import type { Note } from '../../engine/core/notes.ts';
import { type CauseRecords, recordsOfTrace } from '../../sim/check/causeRecord.ts';
import { explain } from '../../sim/check/explain.ts';
import type { TraceDetail, TraceRecord } from '../../sim/trace/traceEvent.ts';
import { SENTENCES, type SentenceKey, type Sentences, sentence } from '../texts/sentences.ts';
import { NONE, type Recording } from './recording.ts';

/** Exports, and whoever does not say otherwise. */
const ENGLISH = SENTENCES.en;

/** The decisions of a recording, for `why`. */
export const decisionsOf = (recording: Recording, sentences: Sentences = ENGLISH): CauseRecords => {
  const records: TraceRecord[] = [];
  for (const [row, detail] of recording.detailed()) {
    const { rows } = recording;
    records.push({
      id: row + 1, at: rows.at[row] as number, parent: rows.parent[row] as number, kind: recording.kindName(row),
      node: recording.nodeName(row), a: rows.a[row] as number, b: rows.b[row] as number, detail,
    });
  }
  return recordsOfTrace(records, sentences.causes);
};

/** The first line says what it is; each further one a link of the chain behind it. `decisions`: told in the same language. */
export const why = (recording: Recording, decisions: CauseRecords, row: number, sentences: Sentences = ENGLISH): readonly string[] => {
  const chain = explain(decisions, row + 1, sentences.causes);
  if (chain.length > 0) return chain;
  const parent = (recording.rows.parent[row] as number) - 1;
  const what = describe(recording, row, sentences);
  return [parent < 0 ? sentence(sentences, 'first', { what })
    : sentence(sentences, 'because', {
      what, cause: describe(recording, parent, sentences), seconds: seconds(recording.rows.at[parent] as number), id: parent + 1 })];
};

/** A value of `b` in the record of a plan entry: see `sim/fault/planRunner.ts`. */
const ENDED = 2;
/** Kinds that say nothing but their node. */
const PLAIN: Readonly<Record<string, SentenceKey>> = {
  timer: 'timer', plan: 'plan', fileSync: 'fileSync', kill: 'kill', power: 'power', invoke: 'invoke',
};

/** A record in a few words: who, what. */
export const describe = (recording: Recording, row: number, sentences: Sentences = ENGLISH): string => {
  const node = recording.nodeName(row);
  const kind = recording.kindName(row);
  const detail = recording.detail(row);
  const said = (key: SentenceKey, values: Readonly<Record<string, unknown>> = {}): string => sentence(sentences, key,
    { node, ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) });
  switch (kind) {
    case 'segment': return describeSegment(recording, row, said);
    case 'note': return describeNote(recording.word(row), detail?.['note'] as Note | undefined, said);
    case 'complete': return said('complete', { operation: detail?.['operation'], outcome: detail?.['outcome'] });
    case 'fault':
    case 'action': return describeStrike(recording.rows.b[row] === ENDED, detail, said);
    case 'drop': return said('drop', { bytes: detail?.['bytes'], to: detail?.['to'], reason: detail?.['reason'] });
    case 'log': return said('log', { message: detail?.['message'] });
    case 'exit': return said('exit', { status: detail?.['status'] });
    default: {
      const plain = PLAIN[kind];
      return plain === undefined ? said('other', { kind }) : said(plain);
    }
  }
};

type Say = (key: SentenceKey, values?: Readonly<Record<string, unknown>>) => string;

const describeStrike = (hasEnded: boolean, detail: TraceDetail | null, said: Say): string => {
  const [what, whom] = [detail?.['do'], detail?.['resolved']];
  if (hasEnded) return said('ended', { what });
  return whom === undefined || whom === null ? said('struckNobody', { what }) : said('struck', { what, whom });
};

const describeSegment = (recording: Recording, row: number, said: Say): string => {
  const message = recording.rows.message[row] as number;
  if (message === NONE) return said('segment');
  const { messages } = recording;
  const from = recording.nodes[messages.from[message] as number];
  const word = recording.word(row);
  const took = ((recording.rows.at[row] as number) - (messages.sentAt[message] as number)) / 1000;
  return said(word === '' ? 'emptyMessage' : 'message', { word, from, took });
};

const describeNote = (kind: string, note: Note | undefined, said: Say): string => {
  switch (note?.kind) {
    case undefined: return said('noted', { kind });
    case 'role': return note.role === 'primary' ? said('primary')
      : note.primary === null ? said('followsNobody') : said('follows', { primary: note.primary });
    case 'sync': return said('sync', { state: note.state, detail: note.detail });
    case 'belief': return note.primary === null ? said('believesNobody') : said('believes', { primary: note.primary });
    case 'sentinel': return said('sentinel', { event: note.event, detail: note.detail });
    case 'vote': return said('vote', { epoch: note.epoch });
    case 'cluster': return said('cluster', { event: note.event, other: note.node.slice(0, 8), detail: note.detail });
    case 'slots': return note.owner === null ? said('slotsNobody', { count: note.slots.length })
      : said('slots', { owner: note.owner.slice(0, 8), count: note.slots.length });
    case 'replica': return said('replica', { event: note.event, replica: note.replica, detail: note.detail });
    case 'mark': return said('mark', { name: note.name });
    default: return said('noted', { kind });
  }
};

const seconds = (micros: number): string => (micros / 1_000_000).toFixed(6);
