/** Names near to one that was mistyped: by edit distance, or because one holds the other. */

const SUGGESTIONS_MAX = 3;

/** The best candidates, nearest first; equal ones in their given order. Empty when nothing is near. */
export const nearest = (name: string, candidates: readonly string[]): readonly string[] =>
  candidates
    .map((candidate) => ({ candidate, distance: distanceTo(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(3, Math.floor(candidate.length / 2)))
    .sort((left, right) => left.distance - right.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ candidate }) => candidate);

/** Who types the last part of a name, or the beginning of one, means it. */
const distanceTo = (name: string, candidate: string): number =>
  name !== '' && candidate.includes(name) ? 0 : editDistance(name, candidate);

const editDistance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
};
