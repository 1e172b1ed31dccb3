/**
 * A run as the timeline keeps it: every record of the trace as a row of typed columns, and the details of the rare ones.
 * The details of the common ones (bytes of a stream, answers of a poll) are not kept: who wants one runs again up to it.
 *
 * Always holds: row i is record i + 1 of the trace; a parent's row is before its child's; times never go back.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { KIND, KIND_NAMES, type KindName } from '../../sim/time/kinds.ts';
import type { TraceDetail, TraceRecord, TraceSink } from '../../sim/trace/traceEvent.ts';

const ROWS_FIRST = 1 << 16;
const MESSAGES_FIRST = 1 << 14;
/** A run from a link may ask for any number: a page has only so much memory. */
export const RECORDS_MAX = 4_000_000;
/** Notes that come with every write: they are rows without a detail. */
const COMMON_NOTES: ReadonlySet<string> = new Set(['stream', 'write', 'logged']);
/** Kinds whose details say nothing that the columns do not. */
const PLAIN_KINDS: ReadonlySet<KindName> = new Set<KindName>(['segment', 'timer', 'invoke', 'fileSync', 'window', 'keepAlive']);
export const NONE = -1;

/** Messages that arrived, in the order of their arrival. */
export interface MessageColumns {
  /** Row of the arrival. */
  row: Int32Array;
  /** Virtual microseconds. */
  sentAt: Float64Array;
  from: Uint16Array;
  bytes: Int32Array;
  connection: Int32Array;
}

export interface RowColumns {
  /** Virtual microseconds. */
  at: Float64Array;
  /** Id of the parent; 0: none. */
  parent: Int32Array;
  kind: Uint8Array;
  /** Index in `words`: the note's kind, the message's name, `''`. */
  word: Uint16Array;
  node: Uint16Array;
  a: Float64Array;
  b: Float64Array;
  /** Row of `messages` for a segment, else `NONE`. */
  message: Int32Array;
}

export class Recording implements TraceSink {
  count = 0;
  messageCount = 0;
  rows: RowColumns = {
    at: new Float64Array(ROWS_FIRST), parent: new Int32Array(ROWS_FIRST), kind: new Uint8Array(ROWS_FIRST),
    word: new Uint16Array(ROWS_FIRST), node: new Uint16Array(ROWS_FIRST), a: new Float64Array(ROWS_FIRST),
    b: new Float64Array(ROWS_FIRST), message: new Int32Array(ROWS_FIRST),
  };
  messages: MessageColumns = {
    row: new Int32Array(MESSAGES_FIRST), sentAt: new Float64Array(MESSAGES_FIRST), from: new Uint16Array(MESSAGES_FIRST),
    bytes: new Int32Array(MESSAGES_FIRST), connection: new Int32Array(MESSAGES_FIRST),
  };
  readonly nodes: string[] = [];
  readonly words: string[] = [''];
  private readonly nodeIndex: Map<string, number> = new Map();
  private readonly wordIndex: Map<string, number> = new Map([['', 0]]);
  private readonly details: Map<number, TraceDetail> = new Map();

  record({ id, at, parent, kind, node, a, b, detail }: TraceRecord): void {
    const row = this.count;
    if (id !== row + 1) throw new Error(`record ${id} follows ${row}`);
    if (row === RECORDS_MAX) throw new ScenarioError(`the run has more than ${RECORDS_MAX} events: too many for this page`);
    if (row === this.rows.at.length) this.rows = grown(this.rows);
    this.count++;
    const { rows } = this;
    rows.at[row] = at;
    rows.parent[row] = parent;
    rows.kind[row] = KIND[kind];
    rows.node[row] = this.indexOfNode(node);
    rows.a[row] = a;
    rows.b[row] = b;
    rows.message[row] = NONE;
    let word = '';
    if (detail !== null) {
      if (kind === 'segment') word = this.addMessage(row, detail);
      else if (kind === 'note') word = (detail['note'] as { readonly kind: string }).kind;
      if (!isPlain(kind, word)) this.details.set(row, detail);
    }
    rows.word[row] = this.indexOfWord(word);
  }

  /** What the trace said beyond the columns; null where that was nothing or is not kept. */
  detail(row: number): TraceDetail | null {
    return this.details.get(row) ?? null;
  }

  /** The trace may have said something that was not kept: running again tells. */
  hasDropped(row: number): boolean {
    return isPlain(this.kindName(row), this.word(row));
  }

  /** Rows with a kept detail, in order. */
  detailed(): IterableIterator<[number, TraceDetail]> {
    return this.details.entries();
  }

  kindName(row: number): KindName {
    return KIND_NAMES[this.rows.kind[row] as number] as KindName;
  }

  nodeName(row: number): string {
    return this.nodes[this.rows.node[row] as number] as string;
  }

  word(row: number): string {
    return this.words[this.rows.word[row] as number] as string;
  }

  /** The first row at or after `at` (virtual microseconds); `count` when there is none. */
  firstAt(at: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.rows.at[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Time of the last record. */
  get endAt(): number {
    return this.count === 0 ? 0 : this.rows.at[this.count - 1] as number;
  }

  /** Gives a name its index; the same for the same name. */
  indexOfNode(name: string): number {
    return interned(name, this.nodes, this.nodeIndex);
  }

  private indexOfWord(word: string): number {
    return interned(word, this.words, this.wordIndex);
  }

  private addMessage(row: number, detail: TraceDetail): string {
    const at = this.messageCount;
    if (at === this.messages.row.length) this.messages = grown(this.messages);
    this.messageCount++;
    const { messages } = this;
    messages.row[at] = row;
    messages.sentAt[at] = detail['sent'] as number;
    messages.from[at] = this.indexOfNode(detail['from'] as string);
    messages.bytes[at] = detail['bytes'] as number;
    messages.connection[at] = detail['connection'] as number;
    this.rows.message[row] = at;
    return detail['message'] as string;
  }
}

const isPlain = (kind: KindName, word: string): boolean => PLAIN_KINDS.has(kind) || (kind === 'note' && COMMON_NOTES.has(word));

const interned = (name: string, names: string[], index: Map<string, number>): number => {
  const known = index.get(name);
  if (known !== undefined) return known;
  index.set(name, names.length);
  names.push(name);
  return names.length - 1;
};

type Column = Float64Array | Int32Array | Uint8Array | Uint16Array;

/** The same columns with twice the room. */
const grown = <Columns extends { [Name in keyof Columns]: Column }>(columns: Columns): Columns => {
  const larger: Record<string, Column> = {};
  for (const [name, column] of Object.entries<Column>(columns)) {
    const Kind = column.constructor as new (length: number) => Column;
    const next = new Kind(column.length * 2);
    next.set(column);
    larger[name] = next;
  }
  return larger as Columns;
};
