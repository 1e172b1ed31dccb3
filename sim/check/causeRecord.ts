/**
 * A decision and what it rests on, in the form that chains of causes are told in; made of a note as it happens, or of a trace
 * that was kept. Not every note is a decision: the others give none.
 */
import { type Bytes, type ClusterNote, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import type { TraceRecord } from '../trace/traceEvent.ts';
import { CAUSE_WORDS, type CauseValues, type CauseWord, type CauseWords, fill } from './causeWords.ts';

export interface CauseRecord {
  readonly id: number;
  /** Virtual microseconds. */
  readonly at: number;
  /** The event inside which it was made. */
  readonly parent: number;
  readonly node: string;
  /** How far towards the outcome: a decision rests on such of a lower rank. Faults and actions have 0. */
  readonly rank: number;
  /** What happened, in words. */
  readonly what: string;
  /** Records, or events whose records are not decisions. */
  readonly because: readonly number[];
}

/** Where chains are looked up. */
export interface CauseRecords {
  find(id: number): CauseRecord | undefined;
  /** The decisions of a node inside an event, in their order. */
  inside(event: number, node: string): readonly CauseRecord[];
}

const RANK = { struck: 0, silent: 1, agreed: 2, begun: 3, voted: 4, elected: 5, chosen: 6, switched: 7 } as const;

interface Decision {
  readonly rank: number;
  readonly what: string;
}

/** How a node is called that is known by its name in a cluster; what is no such name stays as it is. */
export type CalledNode = (id: Bytes) => string;

/** A name of 40 digits, as short as Redis shows it where it is short. */
export const shortName: CalledNode = (id) => (/^[0-9a-f]{40}$/.test(id) ? id.slice(0, 8) : id);

/** What a note decides, told in `words`; null: nothing that others rest on. */
export const decisionOf = (node: string, note: Note, called: CalledNode = shortName, words: CauseWords = CAUSE_WORDS): Decision | null => {
  const decided = (rank: number, word: CauseWord, values: CauseValues): Decision => ({ rank, what: fill(words[word], { node, ...values }) });
  switch (note.kind) {
    case 'odown':
      return decided(RANK.agreed, 'odown', { name: note.name, agreeing: note.agreeing, quorum: note.quorum });
    case 'vote':
      return decided(RANK.voted, 'vote', { candidate: called(note.candidate), epoch: note.epoch, name: called(note.name) });
    case 'leader':
      return decided(RANK.elected, note.isForced ? 'forced' : 'elected',
        { epoch: note.epoch, name: called(note.name), votes: note.votes, known: note.known });
    case 'selected':
      return decided(RANK.chosen, 'selected', { replica: note.replica, name: note.name });
    case 'sentinel':
      if (note.event === SENTINEL_EVENT.sdown) return decided(RANK.silent, 'sdown', { other: note.instance ?? '' });
      if (note.event === SENTINEL_EVENT.tryFailover) return decided(RANK.begun, 'began', { name: note.name ?? '' });
      return note.event === SENTINEL_EVENT.switchPrimary ? decided(RANK.switched, 'switched', { detail: note.detail }) : null;
    case 'sync':
      return note.state === 'connect' && note.because.length > 0 ? decided(RANK.silent, 'gaveUp', { detail: note.detail }) : null;
    case 'replica':
      return note.event === 'dropped' ? decided(RANK.silent, 'lostReplica', { replica: note.replica }) : null;
    case 'cluster':
      return clusterDecision(note, called, decided);
    case 'slots':
      return note.owner === null || note.byCommand || called(note.owner) !== node ? null
        : decided(RANK.switched, 'serves', { count: note.slots.length, epoch: note.configEpoch });
    default:
      return null;
  }
};

const clusterDecision = (
  { event, node: id, detail, epoch, reporters = [] }: ClusterNote, called: CalledNode,
  decided: (rank: number, word: CauseWord, values: CauseValues) => Decision,
): Decision | null => {
  const other = called(id);
  switch (event) {
    case 'pfail': return decided(RANK.silent, 'pfail', { other });
    case 'fail': return decided(RANK.agreed, 'fail', { other, detail });
    case 'told': return decided(RANK.agreed, 'told', { other, reporters: reporters.map(called).join(', ') });
    case 'election': return decided(RANK.begun, 'election', { other, epoch, detail });
    case 'down': return decided(RANK.begun, 'stopped', { detail });
    default: return null;
  }
};

/** The records of a whole trace, told in `words`. */
export const recordsOfTrace = (trace: readonly TraceRecord[], words: CauseWords = CAUSE_WORDS): CauseRecords => {
  const index = new CauseIndex();
  const names = new Map(trace.flatMap(({ node, detail }) => {
    const note = detail?.['note'] as Note | undefined;
    return note?.kind === 'epoch' ? [[note.name, node] as const] : [];
  }));
  const called: CalledNode = (id) => (shortName(id) === id ? id : names.get(id) ?? shortName(id));
  for (const record of trace) {
    const made = ofTraceRecord(record, called, words);
    if (made !== null) index.add(made);
  }
  return index;
};

const ofTraceRecord = ({ id, at, parent, kind, node, detail }: TraceRecord, called: CalledNode, words: CauseWords): CauseRecord | null => {
  if (detail === null) return null;
  if (kind === 'note') {
    const note = detail['note'] as Note;
    const decision = decisionOf(node, note, called, words);
    const because = (detail['because'] ?? ('because' in note ? note.because : [])) as readonly number[];
    return decision === null ? null : { id, at, parent, node, because, ...decision };
  }
  if ((kind === 'fault' || kind === 'action') && typeof detail['resolved'] === 'string') {
    return struck(id, at, parent, fill(words.struck, { what: String(detail['do']), whom: detail['resolved'] }));
  }
  return kind === 'exit' ? struck(id, at, parent, exitText(node, Number(detail['status']), words)) : null;
};

export const exitText = (node: string, status: number, words: CauseWords = CAUSE_WORDS): string => fill(words.exit, { node, status });

export const struck = (id: number, at: number, parent: number, what: string): CauseRecord =>
  ({ id, at, parent, node: 'world', rank: RANK.struck, what, because: [] });

/** Records by id, and by the event and node that they were made in. */
export class CauseIndex implements CauseRecords {
  private readonly byId: Map<number, CauseRecord> = new Map();
  private readonly byPlace: Map<string, CauseRecord[]> = new Map();

  add(record: CauseRecord): void {
    this.byId.set(record.id, record);
    const place = `${record.parent} ${record.node}`;
    const known = this.byPlace.get(place);
    if (known === undefined) this.byPlace.set(place, [record]);
    else known.push(record);
  }

  find(id: number): CauseRecord | undefined {
    return this.byId.get(id);
  }

  inside(event: number, node: string): readonly CauseRecord[] {
    return this.byPlace.get(`${event} ${node}`) ?? [];
  }
}
