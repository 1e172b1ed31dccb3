/**
 * How many nodes Redis's compressed radix tree has for a set of keys: XINFO STREAM shows it. Nothing is kept in such a tree
 * here. Source: rax.c of Redis 7.0, for the shape.
 */
import type { Bytes } from '../core/bytes.ts';

/** A part of the sorted keys that begin alike, up to `depth`. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

const commonLength = (left: Bytes, right: Bytes): number => {
  let length = 0;
  while (length < left.length && left.charCodeAt(length) === right.charCodeAt(length)) length++;
  return length;
};

/** For different keys of one length, in the order of their bytes. */
export const radixNodes = (keys: readonly Bytes[]): number => {
  if (keys.length === 0) return 1;
  let nodes = 0;
  const parts: Part[] = [{ from: 0, to: keys.length, depth: 0 }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { from, to, depth } = part;
    const shared = commonLength(keys[from] as Bytes, keys[to - 1] as Bytes);
    // What they all share beyond here is one node; where they part, or end, is another.
    nodes += shared > depth ? 2 : 1;
    if (to - from === 1) continue;
    for (let start = from; start < to;) {
      const code = (keys[start] as Bytes).charCodeAt(shared);
      let end = start + 1;
      while (end < to && (keys[end] as Bytes).charCodeAt(shared) === code) end++;
      parts.push({ from: start, to: end, depth: shared + 1 });
      start = end;
    }
  }
  return nodes;
};
