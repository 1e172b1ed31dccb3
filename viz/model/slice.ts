/**
 * What is seen in a window of time. Messages: the arrows themselves while they can be told apart, else how many of them there were,
 * lane by lane and column by column. Operations: the gravest of each lane and column. The page never gets more than it can draw.
 */
import type { MessageIndex } from './messageIndex.ts';
import { type OperationColumns, gravestByColumn } from './operations.ts';
import { NONE, type Recording } from './recording.ts';
import { firstAtLeast, nextAtLeast } from './sorted.ts';

/** Above so many arrows in one window they are counted, not drawn. */
export const ARROWS_MAX = 3000;
/** Columns of one request: more than any screen and what lies beside it. */
export const COLUMNS_MAX = 32_768;
/** Above so many operations in one window none comes with its text. */
const TEXTS_MAX = 2000;

export interface SliceRequest {
  /** Times that bound the columns of the picture, virtual microseconds, rising; one more than there are columns. */
  readonly edges: Float64Array;
  /** Which of the recording's words are shown: 1 or 0 by index of `Recording.words`. */
  readonly words: Uint8Array;
  /** Whose messages are shown: 1 or 0 by index of `Recording.nodes`, for both ends; absent: everybody's. */
  readonly talkers?: Uint8Array;
  /** Lane of each node, by index of `Recording.nodes`; `NONE` for what has no lane. */
  readonly laneOf: Int16Array;
  readonly lanes: number;
}

export interface Arrows {
  readonly kind: 'arrows';
  readonly row: Int32Array;
  readonly sentAt: Float64Array;
  readonly at: Float64Array;
  readonly fromLane: Int16Array;
  readonly toLane: Int16Array;
  readonly word: Uint16Array;
}

export interface Density {
  readonly kind: 'density';
  /** Messages that arrived, `lane * columns + column`. */
  readonly counts: Uint16Array;
  readonly columns: number;
  /** The largest of them. */
  readonly countMax: number;
  readonly messages: number;
}

export type MessageSlice = Arrows | Density;

/** One operation for each lane and column that has any: the gravest. */
export interface OperationSlice {
  /** Where the operations of a lane begin; one more than there are lanes. Within a lane they stand in the order of time. */
  readonly starts: Int32Array;
  readonly columns: number;
  readonly column: Uint16Array;
  /** Virtual microseconds. */
  readonly at: Float64Array;
  /** Place in `FATES`. */
  readonly fate: Uint8Array;
  readonly row: Int32Array;
  /** What each was; empty where there are too many. */
  readonly texts: readonly string[];
}

export interface Slice {
  readonly messages: MessageSlice;
  readonly operations: OperationSlice;
}

const COUNT_LIMIT = 0xffff;
/** How far behind the window's end an arrival may lie whose departure is inside it: the longest that is still looked for. */
const LATENCY_LOOK_MICROS = 2_000_000;

/** `index` must have been made for the request's words and lanes. */
export const sliceMessages = (recording: Recording, index: MessageIndex, { edges, laneOf, lanes }: SliceRequest): MessageSlice => {
  const { rows, messages } = recording;
  const [from, to] = [edges[0] as number, edges[edges.length - 1] as number];
  const first = firstAtLeast(index.at, from, 0, index.count);
  const last = firstAtLeast(index.at, to, first, index.count);
  if (last - first > ARROWS_MAX) return density(index, edges, lanes);
  // What left inside the window may arrive behind it: those arrows are drawn up to its edge.
  const seen: number[] = [];
  for (let place = first; place < index.count; place++) {
    const message = index.shown[place] as number;
    if ((messages.sentAt[message] as number) <= to) seen.push(message);
    else if ((index.at[place] as number) > to + LATENCY_LOOK_MICROS) break;
    if (seen.length > ARROWS_MAX) return density(index, edges, lanes);
  }
  const total = seen.length;
  const arrows: Arrows = {
    kind: 'arrows', row: new Int32Array(total), sentAt: new Float64Array(total), at: new Float64Array(total),
    fromLane: new Int16Array(total), toLane: new Int16Array(total), word: new Uint16Array(total),
  };
  seen.forEach((message, place) => {
    const row = messages.row[message] as number;
    arrows.row[place] = row;
    arrows.sentAt[place] = messages.sentAt[message] as number;
    arrows.at[place] = rows.at[row] as number;
    arrows.fromLane[place] = laneOf[messages.from[message] as number] as number;
    arrows.toLane[place] = laneOf[rows.node[row] as number] as number;
    arrows.word[place] = rows.word[row] as number;
  });
  return arrows;
};

const density = ({ laneStarts, laneAt }: MessageIndex, edges: Float64Array, lanes: number): Density => {
  const columns = edges.length - 1;
  const counts = new Uint16Array(lanes * columns);
  let countMax = 0;
  let total = 0;
  for (let lane = 0; lane < lanes; lane++) {
    const end = laneStarts[lane + 1] as number;
    let from = firstAtLeast(laneAt, edges[0] as number, laneStarts[lane] as number, end);
    for (let column = 0; column < columns && from < end; column++) {
      const to = nextAtLeast(laneAt, edges[column + 1] as number, from, end);
      const count = Math.min(COUNT_LIMIT, to - from);
      counts[lane * columns + column] = count;
      total += to - from;
      if (count > countMax) countMax = count;
      from = to;
    }
  }
  return { kind: 'density', counts, columns, countMax, messages: total };
};

export const sliceOperations = (
  recording: Recording, operations: OperationColumns, { edges, laneOf, lanes }: SliceRequest,
): OperationSlice => {
  const nodeOf = new Int32Array(lanes).fill(NONE);
  laneOf.forEach((lane, node) => {
    if (lane >= 0) nodeOf[lane] = node;
  });
  const starts = new Int32Array(lanes + 1);
  const found: number[] = [];
  const columns: number[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const node = nodeOf[lane] as number;
    if (node >= 0) gravestByColumn(operations, node, edges, (operation, column) => {
      found.push(operation);
      columns.push(column);
    });
    starts[lane + 1] = found.length;
  }
  const row = Int32Array.from(found, (operation) => operations.row[operation] as number);
  return {
    starts, row, columns: edges.length - 1, column: Uint16Array.from(columns), at: Float64Array.from(found, (operation) => operations.at[operation] as number),
    fate: Uint8Array.from(found, (operation) => operations.fate[operation] as number),
    texts: found.length > TEXTS_MAX ? [] : Array.from(row, (each) => String(recording.detail(each)?.['operation'] ?? '')),
  };
};

/** Memory that a slice may hand over instead of copying it. */
export const buffersOf = ({ messages, operations }: Slice): ArrayBuffer[] =>
  [...Object.values(messages), ...Object.values(operations)]
    .flatMap((value: unknown) => (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : []));
