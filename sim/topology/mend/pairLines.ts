/**
 * Which lines of a changed text are those of the text before: a longest common subsequence.
 *
 * Always holds: pairs are in order on both sides, and paired lines are equal. What is equal at both ends is paired at once; of texts
 * that differ in more than `CELLS_MAX` pairs of lines between those ends, nothing there is paired.
 */

/** Of the table that is filled: some 2,000 changed lines on either side. */
const CELLS_MAX = 4_000_000;

/** For each line of `after` the index of its line in `before`; -1 for a line that is new. */
export const pairLines = (before: readonly string[], after: readonly string[]): readonly number[] => {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const middle = pairMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return after.map((_, index) => {
    if (index < head) return index;
    if (index >= after.length - tail) return before.length - (after.length - index);
    const pair = middle[index - head] ?? -1;
    return pair < 0 ? -1 : pair + head;
  });
};

const pairMiddle = (before: readonly string[], after: readonly string[]): readonly number[] => {
  const width = after.length + 1;
  if (before.length * after.length > CELLS_MAX) return after.map(() => -1);
  // Of what is left from (row, column) on: how many lines can be paired.
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      lengths[row * width + column] = before[row] === after[column] ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs = after.map(() => -1);
  let row = 0;
  let column = 0;
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) pairs[column++] = row++;
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
};
