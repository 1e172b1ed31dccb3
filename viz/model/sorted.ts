/** Searches in sorted columns: what a window of time shows is found, never looked for from the beginning. */

type Sorted = Float64Array | Int32Array | Uint16Array;

/** The first place in `[from, to)` whose value is not below `value`; `to` when there is none. */
export const firstAtLeast = (values: Sorted, value: number, from: number, to: number): number => {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** As `firstAtLeast`, quick where that place is near `from`: for one who goes through a column in steps. */
export const nextAtLeast = (values: Sorted, value: number, from: number, to: number): number => {
  let step = 1;
  let low = from;
  while (low + step <= to && (values[low + step - 1] as number) < value) {
    low += step;
    step *= 2;
  }
  return firstAtLeast(values, value, low, Math.min(to, low + step));
};

/** The first item that is not `before`; `items` have all that are before the others. */
export const firstNot = <Item>(items: readonly Item[], before: (item: Item) => boolean): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(items[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
};
