/**
 * The messages that a filter leaves, in the order of their arrival, and the same lane by lane: made once for a filter, so that a
 * window of time is found in them and never searched for.
 */
import type { Recording } from './recording.ts';

/** Without a word for a node it talks. */
const ALL: Uint8Array = new Uint8Array(0);

export class MessageIndex {
  /** Places in `Recording.messages`. */
  readonly shown: Int32Array;
  /** Their arrivals, virtual microseconds. */
  readonly at: Float64Array;
  readonly count: number;
  /** Where the arrivals at a lane begin in `laneAt`; one more than there are lanes. */
  readonly laneStarts: Int32Array;
  readonly laneAt: Float64Array;
  private readonly words: Uint8Array;
  private readonly talkers: Uint8Array;
  private readonly laneOf: Int16Array;

  /** `words`, `laneOf`, `talkers`: see `SliceRequest`. What has no lane at either end is not shown. */
  constructor({ rows, messages, messageCount }: Recording, words: Uint8Array, laneOf: Int16Array, lanes: number, talkers: Uint8Array = ALL) {
    this.words = words;
    this.talkers = talkers;
    this.laneOf = laneOf;
    const shown = new Int32Array(messageCount);
    const laneStarts = new Int32Array(lanes + 1);
    let count = 0;
    for (let message = 0; message < messageCount; message++) {
      const row = messages.row[message] as number;
      const [from, to] = [messages.from[message] as number, rows.node[row] as number];
      const lane = laneOf[to] as number;
      const isShown = words[rows.word[row] as number] === 1 && lane >= 0 && (laneOf[from] as number) >= 0 && talkers[from] !== 0 && talkers[to] !== 0;
      if (!isShown) continue;
      shown[count++] = message;
      laneStarts[lane + 1] = (laneStarts[lane + 1] as number) + 1;
    }
    for (let lane = 0; lane < lanes; lane++) laneStarts[lane + 1] = (laneStarts[lane + 1] as number) + (laneStarts[lane] as number);
    this.shown = shown.slice(0, count);
    this.count = count;
    this.at = new Float64Array(count);
    this.laneAt = new Float64Array(count);
    this.laneStarts = laneStarts;
    const next = laneStarts.slice();
    for (let place = 0; place < count; place++) {
      const row = messages.row[shown[place] as number] as number;
      const lane = laneOf[rows.node[row] as number] as number;
      const at = rows.at[row] as number;
      this.at[place] = at;
      this.laneAt[next[lane] as number] = at;
      next[lane] = (next[lane] as number) + 1;
    }
  }

  /** It was made for these. */
  isFor(words: Uint8Array, laneOf: Int16Array, lanes: number, talkers: Uint8Array = ALL): boolean {
    return lanes + 1 === this.laneStarts.length && isSame(words, this.words) && isSame(talkers, this.talkers) && isSame(laneOf, this.laneOf);
  }
}

const isSame = (left: ArrayLike<number>, right: ArrayLike<number>): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
};
