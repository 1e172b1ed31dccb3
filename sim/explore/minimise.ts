/**
 * Delta debugging: from a list that fails to one that still fails and from which nothing can be taken away alone.
 *
 * Always holds: the result is a sublist in the same order; `fails` was true of it, or it is the list that was given. The number of
 * calls is at most quadratic in the length, and in practice near to its logarithm times what is left.
 *
 * Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002: ddmin by complements.
 */
export const minimise = <Item>(given: readonly Item[], fails: (items: readonly Item[]) => boolean): readonly Item[] => {
  let items = given;
  if (items.length > 0 && fails([])) return [];
  let parts = 2;
  while (items.length >= 2) {
    const smaller = withoutOnePart(items, parts, fails);
    if (smaller !== null) {
      items = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= items.length) break;
    else parts = Math.min(items.length, parts * 2);
  }
  return items;
};

/** The list without one of so many parts of about the same size; null: it needs each of them. */
const withoutOnePart = <Item>(
  items: readonly Item[], parts: number, fails: (items: readonly Item[]) => boolean,
): readonly Item[] | null => {
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((items.length * part) / parts);
    const to = Math.floor((items.length * (part + 1)) / parts);
    const rest = [...items.slice(0, from), ...items.slice(to)];
    if (rest.length > 0 && fails(rest)) return rest;
  }
  return null;
};
