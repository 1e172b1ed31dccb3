/**
 * What of the messages is seen in a window of time: the arrows themselves while they can be told apart, else how many of them
 * there were, lane by lane and column by column. The page never gets more than it can draw.
 */
import type { Recording } from './recording.ts';

/** Above so many arrows in one window they are counted, not drawn. */
export const ARROWS_MAX = 3000;

export interface SliceRequest {
  /** Virtual microseconds. */
  readonly from: number;
  readonly to: number;
  /** Columns of the picture, for the counts. */
  readonly columns: number;
  /** Which of the recording's words are shown: 1 or 0 by index of `Recording.words`. */
  readonly words: Uint8Array;
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
  /** The largest of them. */
  readonly countMax: number;
  readonly messages: number;
}

export type MessageSlice = Arrows | Density;

const COUNT_LIMIT = 0xffff;

export const sliceMessages = (recording: Recording, request: SliceRequest): MessageSlice => {
  const { rows, messages } = recording;
  const { from, to, laneOf } = request;
  // What left inside the window may arrive behind it: those arrows are drawn up to its edge.
  const seen: number[] = [];
  let total = 0;
  for (let index = firstMessageAt(recording, from); index < recording.messageCount; index++) {
    const row = messages.row[index] as number;
    if (!isShown(recording, request, index)) continue;
    if ((messages.sentAt[index] as number) > to) {
      if ((rows.at[row] as number) > to + LATENCY_LOOK_MICROS) break;
      continue;
    }
    total++;
    if (total <= ARROWS_MAX) seen.push(index);
  }
  if (total > ARROWS_MAX) return density(recording, request);
  const arrows: Arrows = {
    kind: 'arrows', row: new Int32Array(total), sentAt: new Float64Array(total), at: new Float64Array(total),
    fromLane: new Int16Array(total), toLane: new Int16Array(total), word: new Uint16Array(total),
  };
  seen.forEach((index, place) => {
    const row = messages.row[index] as number;
    arrows.row[place] = row;
    arrows.sentAt[place] = messages.sentAt[index] as number;
    arrows.at[place] = rows.at[row] as number;
    arrows.fromLane[place] = laneOf[messages.from[index] as number] as number;
    arrows.toLane[place] = laneOf[rows.node[row] as number] as number;
    arrows.word[place] = rows.word[row] as number;
  });
  return arrows;
};

/** How far behind the window's end an arrival may lie whose departure is inside it: the longest that is still looked for. */
const LATENCY_LOOK_MICROS = 2_000_000;

const isShown = ({ rows, messages }: Recording, { words, laneOf }: SliceRequest, index: number): boolean => {
  const row = messages.row[index] as number;
  return words[rows.word[row] as number] === 1
    && (laneOf[rows.node[row] as number] as number) >= 0 && (laneOf[messages.from[index] as number] as number) >= 0;
};

/** The first message that arrives at or after `at`. */
const firstMessageAt = ({ rows, messages, messageCount }: Recording, at: number): number => {
  let low = 0;
  let high = messageCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows.at[messages.row[middle] as number] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

const density = (recording: Recording, request: SliceRequest): Density => {
  const { rows, messages } = recording;
  const { from, to, columns, laneOf, lanes } = request;
  const counts = new Uint16Array(lanes * columns);
  const scale = columns / Math.max(1, to - from);
  let countMax = 0;
  let total = 0;
  for (let index = firstMessageAt(recording, from); index < recording.messageCount; index++) {
    const row = messages.row[index] as number;
    const at = rows.at[row] as number;
    if (at >= to) break;
    if (!isShown(recording, request, index)) continue;
    total++;
    const place = (laneOf[rows.node[row] as number] as number) * columns + Math.floor((at - from) * scale);
    const count = Math.min(COUNT_LIMIT, (counts[place] as number) + 1);
    counts[place] = count;
    if (count > countMax) countMax = count;
  }
  return { kind: 'density', counts, countMax, messages: total };
};
