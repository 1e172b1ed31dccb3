/**
 * Belief lanes: whom each sentinel, node and client holds to be the primary, from when to when. In a cluster the question is
 * asked of one slot: whom each node holds to own it.
 *
 * Always holds: the spans of one believer follow each other without overlap; a dead process believes nothing.
 */
import type { Note } from '../../engine/core/notes.ts';
import { KIND } from '../../sim/time/kinds.ts';
import type { Recording } from './recording.ts';

export interface BeliefSpan {
  /** `address:port`, or a cluster node's ID; null: that there is none. */
  readonly primary: string | null;
  /** Virtual microseconds. */
  readonly from: number;
  readonly to: number;
  readonly row: number;
}

export interface Belief {
  readonly believer: string;
  readonly spans: readonly BeliefSpan[];
}

interface OpenBelief {
  readonly spans: BeliefSpan[];
  primary: string | null;
  since: number;
  row: number;
  isOpen: boolean;
}

/** `slot`: whose owner is asked for in a cluster. `addressOf`: `address:port` of a data node by its name. */
export const buildBeliefs = (
  recording: Recording, slot: number, addressOf: (node: string) => string | null,
): readonly Belief[] => {
  const open = new Map<string, OpenBelief>();
  const believe = (node: string, primary: string | null, row: number): void => {
    const at = recording.rows.at[row] as number;
    let belief = open.get(node);
    if (belief === undefined) open.set(node, belief = { spans: [], primary: null, since: 0, row, isOpen: false });
    if (belief.isOpen && belief.primary === primary) return;
    close(belief, at);
    Object.assign(belief, { primary, since: at, row, isOpen: true });
  };
  for (let row = 0; row < recording.count; row++) {
    const kind = recording.rows.kind[row];
    const node = recording.nodeName(row);
    if (kind === KIND.kill || kind === KIND.exit) end(open.get(node), recording.rows.at[row] as number);
    else if (kind === KIND.note) {
      const note = recording.detail(row)?.['note'] as Note | undefined;
      if (note === undefined) continue;
      if (note.kind === 'belief') believe(node, note.primary, row);
      else if (note.kind === 'role') believe(node, note.role === 'primary' ? addressOf(node) : note.primary, row);
      else if (note.kind === 'slots' && note.slots.includes(slot)) believe(`${node} (slot ${slot})`, note.owner, row);
    }
  }
  for (const belief of open.values()) end(belief, recording.endAt);
  return [...open].map(([believer, { spans }]) => ({ believer, spans })).filter(({ spans }) => spans.length > 0);
};

const close = (belief: OpenBelief, at: number): void => {
  if (belief.isOpen && at > belief.since) {
    belief.spans.push({ primary: belief.primary, from: belief.since, to: at, row: belief.row });
  }
  belief.isOpen = false;
};

const end = (belief: OpenBelief | undefined, at: number): void => {
  if (belief !== undefined) close(belief, at);
};
