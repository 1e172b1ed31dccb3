/**
 * A decision and what it rests on, in the form that chains of causes are told in; made of a note as it happens, or of a trace
 * that was kept. Not every note is a decision: the others give none.
 */
import { type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import type { TraceRecord } from '../trace/traceEvent.ts';

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

/** What a note decides; null: nothing that others rest on. */
export const decisionOf = (node: string, note: Note): Decision | null => {
  switch (note.kind) {
    case 'odown':
      return { rank: RANK.agreed, what: `${node} found ${note.name} to be objectively down: ${note.agreeing} agree, the quorum is ${note.quorum}` };
    case 'vote':
      return { rank: RANK.voted, what: `${node} voted for ${note.candidate.slice(0, 8)} in epoch ${note.epoch} of ${note.name}` };
    case 'leader':
      return {
        rank: RANK.elected, what: note.isForced ? `${node} was told to fail ${note.name} over`
          : `${node} was elected in epoch ${note.epoch} of ${note.name} with ${note.votes} of ${note.known} votes`,
      };
    case 'selected':
      return { rank: RANK.chosen, what: `${node} chose ${note.replica} to be the primary of ${note.name}` };
    case 'sentinel':
      return sentinelDecision(node, note.event, note.detail, note.instance ?? '', note.name ?? '');
    case 'sync':
      return note.state === 'connect' && note.because.length > 0
        ? { rank: RANK.silent, what: `${node} gave its primary's connection up: ${note.detail}` } : null;
    case 'replica':
      return note.event === 'dropped' ? { rank: RANK.silent, what: `${node} lost its replica ${note.replica}` } : null;
    default:
      return null;
  }
};

const sentinelDecision = (node: string, event: string, detail: string, instance: string, name: string): Decision | null => {
  if (event === SENTINEL_EVENT.sdown) {
    return { rank: RANK.silent, what: `${node} had heard nothing valid of ${instance} for down-after-milliseconds` };
  }
  if (event === SENTINEL_EVENT.tryFailover) return { rank: RANK.begun, what: `${node} began a failover of ${name}` };
  return event === SENTINEL_EVENT.switchPrimary ? { rank: RANK.switched, what: `${node} switched: ${detail}` } : null;
};

/** The records of a whole trace. */
export const recordsOfTrace = (trace: readonly TraceRecord[]): CauseRecords => {
  const index = new CauseIndex();
  for (const record of trace) {
    const made = ofTraceRecord(record);
    if (made !== null) index.add(made);
  }
  return index;
};

const ofTraceRecord = ({ id, at, parent, kind, node, detail }: TraceRecord): CauseRecord | null => {
  if (detail === null) return null;
  if (kind === 'note') {
    const note = detail['note'] as Note;
    const decision = decisionOf(node, note);
    const because = (detail['because'] ?? ('because' in note ? note.because : [])) as readonly number[];
    return decision === null ? null : { id, at, parent, node, because, ...decision };
  }
  if ((kind === 'fault' || kind === 'action') && typeof detail['resolved'] === 'string') {
    return struck(id, at, parent, `${String(detail['do'])}: ${detail['resolved']}`);
  }
  return kind === 'exit' ? struck(id, at, parent, exitText(node, Number(detail['status']))) : null;
};

export const exitText = (node: string, status: number): string => `${node} ended with status ${status}`;

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
