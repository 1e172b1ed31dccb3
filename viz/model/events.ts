/**
 * The events of a run as text, a window at a time: the list that says in words what the picture shows. A filter is a search's
 * pattern; the rows that it leaves are kept for the next window.
 */
import { KIND } from '../../sim/time/kinds.ts';
import { SENTENCES, type Sentences } from '../texts/sentences.ts';
import { NONE, type Recording } from './recording.ts';
import { type Pattern, matcherOf } from './search.ts';
import { describe } from './why.ts';

/** At most so many rows in one answer. */
export const EVENTS_MAX = 500;

export interface EventRequest {
  readonly node: string;
  readonly kind: string;
  readonly word: string;
  /** All of its words must stand in the text. */
  readonly text: string;
  /** Place of the first row that is wanted; null: where `around` is seen. */
  readonly from: number | null;
  /** Virtual microseconds: the last event at or before it is the middle of the window. */
  readonly around: number;
  readonly count: number;
}

export interface EventRow {
  readonly row: number;
  readonly at: number;
  readonly node: string;
  readonly kind: string;
  readonly text: string;
}

export interface EventWindow {
  /** Events that the filter leaves. */
  readonly total: number;
  /** Place of the first of `rows` among them. */
  readonly from: number;
  /** Place of the last event at or before `around`; `NONE` when there is none. */
  readonly nowPlace: number;
  readonly rows: readonly EventRow[];
}

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

export class EventList {
  private readonly recording: Recording;
  private readonly sentences: Sentences;
  private filter = '';
  /** Null: all rows. */
  private rows: Int32Array | null = null;

  constructor(recording: Recording, sentences: Sentences = SENTENCES.en) {
    this.recording = recording;
    this.sentences = sentences;
  }

  window(request: EventRequest): EventWindow {
    this.choose(request);
    const { recording } = this;
    const total = this.rows?.length ?? recording.count;
    const count = Math.max(0, Math.min(EVENTS_MAX, request.count));
    const nowPlace = this.placeAt(request.around);
    const wanted = request.from ?? nowPlace - Math.floor(count / 2);
    const from = Math.max(0, Math.min(total - count, wanted));
    const length = Math.min(count, total - from);
    return {
      total, from, nowPlace,
      rows: Array.from({ length }, (_, index) => eventRow(recording, this.rowAt(from + index), this.sentences)),
    };
  }

  private rowAt(place: number): number {
    return this.rows === null ? place : this.rows[place] as number;
  }

  /** The last place whose event lies at or before `at`. */
  private placeAt(at: number): number {
    const { recording } = this;
    let low = 0;
    let high = this.rows?.length ?? recording.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((recording.rows.at[this.rowAt(middle)] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? NONE : low - 1;
  }

  private choose({ node, kind, word, text }: EventRequest): void {
    const key = JSON.stringify([node, kind, word, text]);
    if (key === this.filter) return;
    this.filter = key;
    const pattern: Pattern = {
      node: node.toLowerCase(), kind: kind.toLowerCase(), word: word.toLowerCase(),
      words: text.toLowerCase().split(/\s+/).filter((each) => each !== ''),
    };
    if (node + kind + word + text.trim() === '') {
      this.rows = null;
      return;
    }
    const isMatch = matcherOf(this.recording, pattern, this.sentences);
    const found: number[] = [];
    for (let row = 0; row < this.recording.count; row++) if (isMatch(row)) found.push(row);
    this.rows = Int32Array.from(found);
  }
}

export const eventRow = (recording: Recording, row: number, sentences: Sentences): EventRow => ({
  row, at: recording.rows.at[row] as number, node: recording.nodeName(row), kind: recording.kindName(row), text: describe(recording, row, sentences),
});

/** What messages there are, the most frequent first. */
export const messageWords = (recording: Recording): readonly WordCount[] => {
  const counts = new Map<string, number>();
  for (let index = 0; index < recording.messageCount; index++) {
    const row = recording.messages.row[index] as number;
    if (recording.rows.kind[row] !== KIND.segment) continue;
    const word = recording.word(row);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({ word, count }))
    .sort((left, right) => right.count - left.count || (left.word < right.word ? -1 : 1));
};
