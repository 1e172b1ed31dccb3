/**
 * A decision and what it rests on, in the form that chains of causes are told in; made of a note as it happens, or of a trace
 * that was kept. Not every note is a decision: the others give none.
 */
import { type Bytes, type ClusterNote, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
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

/** How a node is called that is known by its name in a cluster; what is no such name stays as it is. */
export type CalledNode = (id: Bytes) => string;

/** A name of 40 digits, as short as Redis shows it where it is short. */
export const shortName: CalledNode = (id) => (/^[0-9a-f]{40}$/.test(id) ? id.slice(0, 8) : id);

/** What a note decides; null: nothing that others rest on. */
export const decisionOf = (node: string, note: Note, called: CalledNode = shortName): Decision | null => {
  switch (note.kind) {
    case 'odown':
      return { rank: RANK.agreed, what: `${node} found ${note.name} to be objectively down: ${note.agreeing} agree, the quorum is ${note.quorum}` };
    case 'vote':
      return { rank: RANK.voted, what: `${node} voted for ${called(note.candidate)} in epoch ${note.epoch} of ${called(note.name)}` };
    case 'leader':
      return {
        rank: RANK.elected, what: note.isForced ? `${node} was told to fail ${called(note.name)} over`
          : `${node} was elected in epoch ${note.epoch} of ${called(note.name)} with ${note.votes} of ${note.known} votes`,
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
    case 'cluster':
      return clusterDecision(node, note, called);
    case 'slots':
      return note.owner === null || note.byCommand || called(note.owner) !== node ? null
        : { rank: RANK.switched, what: `${node} serves ${note.slots.length} slots from now on, with epoch ${note.configEpoch}` };
    default:
      return null;
  }
};

const clusterDecision = (node: string, { event, node: id, detail, epoch, reporters = [] }: ClusterNote, called: CalledNode): Decision | null => {
  const other = called(id);
  switch (event) {
    case 'pfail': return { rank: RANK.silent, what: `${node} had heard nothing of ${other} for the node timeout` };
    case 'fail': return { rank: RANK.agreed, what: `${node} found ${other} to have failed: ${detail} primaries say so` };
    case 'told': return { rank: RANK.agreed, what: `${node} was told by ${reporters.map(called).join(', ')} that ${other} has failed` };
    case 'election': return { rank: RANK.begun, what: `${node} asked for votes in epoch ${epoch} to replace ${other}, ${detail}` };
    case 'down': return { rank: RANK.begun, what: `${node} stopped serving: ${detail}` };
    default: return null;
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
  const names = new Map(trace.flatMap(({ node, detail }) => {
    const note = detail?.['note'] as Note | undefined;
    return note?.kind === 'epoch' ? [[note.name, node] as const] : [];
  }));
  const called: CalledNode = (id) => (shortName(id) === id ? id : names.get(id) ?? shortName(id));
  for (const record of trace) {
    const made = ofTraceRecord(record, called);
    if (made !== null) index.add(made);
  }
  return index;
};

const ofTraceRecord = ({ id, at, parent, kind, node, detail }: TraceRecord, called: CalledNode): CauseRecord | null => {
  if (detail === null) return null;
  if (kind === 'note') {
    const note = detail['note'] as Note;
    const decision = decisionOf(node, note, called);
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
