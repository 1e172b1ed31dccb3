/**
 * What led to a record and what followed from it: its parent, what its decision rested on (`because`), and the other way round.
 *
 * Always holds: causes have smaller rows, effects have larger ones.
 */
import { KIND } from '../../sim/time/kinds.ts';
import { NONE, type Recording } from './recording.ts';

/** At most so many are lit in either direction. */
export const LIT_MAX = 2000;

export class Links {
  private readonly recording: Recording;
  /** First child of each row, and the next child of the same parent; `NONE` ends. */
  private readonly firstChild: Int32Array;
  private readonly nextSibling: Int32Array;
  /** Rows whose decisions rest on a row. */
  private readonly reasonsFor: Map<number, number[]> = new Map();

  constructor(recording: Recording) {
    this.recording = recording;
    const { rows, count } = recording;
    this.firstChild = new Int32Array(count).fill(NONE);
    this.nextSibling = new Int32Array(count).fill(NONE);
    // From the end, so that each list stands in the order of rows.
    for (let row = count - 1; row >= 0; row--) {
      const parent = (rows.parent[row] as number) - 1;
      if (parent < 0) continue;
      this.nextSibling[row] = this.firstChild[parent] as number;
      this.firstChild[parent] = row;
    }
    for (const [row] of recording.detailed()) {
      for (const cause of this.because(row)) {
        const known = this.reasonsFor.get(cause);
        if (known === undefined) this.reasonsFor.set(cause, [row]);
        else known.push(row);
      }
    }
  }

  /** Row of the parent; `NONE`: nothing caused it. */
  parent(row: number): number {
    return (this.recording.rows.parent[row] as number) - 1;
  }

  /** Rows that the decision in this record rests on. */
  because(row: number): readonly number[] {
    const detail = this.recording.detail(row);
    const list = detail?.['because'] ?? (detail?.['note'] as { readonly because?: unknown } | undefined)?.because;
    return Array.isArray(list) ? list.map((id) => Number(id) - 1).filter((cause) => cause >= 0) : [];
  }

  children(row: number): readonly number[] {
    const found: number[] = [];
    for (let child = this.firstChild[row] as number; child !== NONE; child = this.nextSibling[child] as number) found.push(child);
    return [...found, ...this.reasonsFor.get(row) ?? []];
  }

  /** All that led to `row`, nearest first, without itself. */
  causes(row: number): readonly number[] {
    return this.reach(row, (from) => {
      const reasons = this.because(from);
      return [...reasons, ...reasons.flatMap((reason) => this.notedIn(reason, from)), this.parent(from)].filter((cause) => cause >= 0);
    });
  }

  /** What was noted inside an event before `row`: a decision rests on the vote, not on the message that asked for it. */
  private notedIn(event: number, row: number): readonly number[] {
    return this.children(event).filter((child) => child < row && this.recording.rows.kind[child] === KIND.note
      && this.recording.detail(child) !== null);
  }

  /** All that followed from `row`, nearest first, without itself. */
  effects(row: number): readonly number[] {
    return this.reach(row, (from) => this.children(from));
  }

  private reach(start: number, next: (row: number) => readonly number[]): readonly number[] {
    const seen = new Set<number>([start]);
    const queue: number[] = [start];
    for (let place = 0; place < queue.length && queue.length <= LIT_MAX; place++) {
      for (const row of next(queue[place] as number)) {
        if (seen.has(row)) continue;
        seen.add(row);
        queue.push(row);
      }
    }
    return queue.slice(1);
  }
}
