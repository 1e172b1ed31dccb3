/** Choosing among the members of a collection by their places. */
import type { Random } from '../core/random.ts';

/** Most members that are repeated in one reply; Redis would try any number and die of it. */
export const REPEATED_MEMBERS_MAX: number = 1 << 24;
/** 2^62: counts of pairs are below it. */
export const PAIRS_COUNT_END = 4611686018427387904;
/** Asked for more than a third, places are shuffled; else drawn until they differ. */
const DRAW_RATIO = 3;

/** `count` different places of 0 to `size` - 1; all of them, in order, where there are no more. */
export const distinctPlaces = (size: number, count: number, random: Random): number[] => {
  if (count >= size) return Array.from({ length: size }, (_, place) => place);
  if (count * DRAW_RATIO <= size) {
    const picked = new Set<number>();
    while (picked.size < count) picked.add(random.below(size));
    return [...picked];
  }
  const places = Array.from({ length: size }, (_, place) => place);
  for (let index = 0; index < count; index++) {
    const other = index + random.below(size - index);
    const place = places[other] as number;
    places[other] = places[index] as number;
    places[index] = place;
  }
  places.length = count;
  return places;
};

/** `count` places of 0 to `size` - 1, each as often as chance has it. */
export const repeatedPlaces = (size: number, count: number, random: Random): number[] =>
  Array.from({ length: Math.min(count, REPEATED_MEMBERS_MAX) }, () => random.below(size));

/** As HRANDFIELD and its like read a count: negative, places may repeat. */
export const randomPlaces = (size: number, count: number, random: Random): number[] =>
  (count < 0 ? repeatedPlaces(size, -count, random) : distinctPlaces(size, count, random));
