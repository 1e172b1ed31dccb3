/** The first difference between two runs: forks of each other, or the same seed with one setting changed. */
import type { Recording } from './recording.ts';

export interface Difference {
  /** Row in both; in one of them it may be the end. */
  readonly row: number;
  /** Virtual microseconds at which they part. */
  readonly at: number;
}

/** Null: the two are the same, record by record. */
export const firstDifference = (left: Recording, right: Recording): Difference | null => {
  const shared = Math.min(left.count, right.count);
  const [a, b] = [left.rows, right.rows];
  for (let row = 0; row < shared; row++) {
    if (a.at[row] === b.at[row] && a.kind[row] === b.kind[row] && a.a[row] === b.a[row] && a.b[row] === b.b[row]
      && left.nodeName(row) === right.nodeName(row)) continue;
    return { row, at: Math.min(a.at[row] as number, b.at[row] as number) };
  }
  if (left.count === right.count) return null;
  const longer = left.count > right.count ? left : right;
  return { row: shared, at: longer.rows.at[shared] as number };
};
