/**
 * Members in the order of score, then of bytes: a B+ tree that knows how many members each part holds, so that a rank, the
 * member at a rank, an insertion and a removal take O(log n) steps. Its shape depends on the order of changes alone.
 *
 * What always holds: everything in a child is at or above its `lows` entry, everything in the children before is below it.
 * The entry need not be a member any more. Leaves are removed when empty, never merged.
 */
import { type Bytes, compare } from '../core/bytes.ts';

/** A member with its score. Never changed, since parts of the tree are divided by it: a new score is a new object. */
export interface Scored {
  readonly member: Bytes;
  readonly score: number;
}

const LEAF_MAX = 64;
const CHILDREN_MAX = 32;

type Node = Scored[] | Branch;

interface Branch {
  readonly children: Node[];
  readonly sizes: number[];
  /** A lower bound of each child; that of the first is not used. */
  readonly lows: Scored[];
}

export const compareScored = (left: Scored, right: Scored): number => {
  if (left.score < right.score) return -1;
  return left.score > right.score ? 1 : compare(left.member, right.member);
};

export class ScoreTree {
  private root: Node = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The member with this score is not there yet. */
  insert(item: Scored): void {
    const right = insertInto(this.root, item);
    this.count++;
    if (right === null) return;
    const left = this.root;
    this.root = {
      children: [left, right], sizes: [sizeOf(left), sizeOf(right)], lows: [firstOf(left), firstOf(right)],
    };
  }

  /** False when it is not there. */
  delete(item: Scored): boolean {
    if (!deleteFrom(this.root, item)) return false;
    this.count--;
    while (!Array.isArray(this.root) && this.root.children.length === 1) this.root = this.root.children[0] as Node;
    if (this.count === 0) this.root = [];
    return true;
  }

  /** How many members come first for which `isBefore` holds; it holds for none behind one for which it does not. */
  countBefore(isBefore: (item: Scored) => boolean): number {
    let node = this.root;
    let before = 0;
    while (!Array.isArray(node)) {
      const at = childFor(node, isBefore);
      for (let index = 0; index < at; index++) before += node.sizes[index] as number;
      node = node.children[at] as Node;
    }
    return before + partition(node, 0, isBefore);
  }

  /** How many members come before this one. */
  rank(item: Scored): number {
    return this.countBefore((other) => compareScored(other, item) < 0);
  }

  /** The member at a rank, 0 to size - 1. */
  at(rank: number): Scored {
    let node = this.root;
    let rest = rank;
    while (!Array.isArray(node)) {
      let at = 0;
      while (rest >= (node.sizes[at] as number)) rest -= node.sizes[at++] as number;
      node = node.children[at] as Node;
    }
    return node[rest] as Scored;
  }

  /** The members at ranks `from` to before `to`. */
  slice(from: number, to: number): Scored[] {
    const out: Scored[] = [];
    if (from < to) gather(this.root, from, to, out);
    return out;
  }

  /** One by one; for small trees, where there is no index. */
  find(member: Bytes): Scored | undefined {
    return findIn(this.root, member);
  }

  copy(): ScoreTree {
    const copy = new ScoreTree();
    copy.root = copyNode(this.root);
    copy.count = this.count;
    return copy;
  }
}

const sizeOf = (node: Node): number =>
  (Array.isArray(node) ? node.length : node.sizes.reduce((sum, size) => sum + size, 0));

const firstOf = (node: Node): Scored => {
  let first = node;
  while (!Array.isArray(first)) first = first.children[0] as Node;
  return first[0] as Scored;
};

/** The first place from `low` on for whose item `isBefore` does not hold. */
const partition = (items: readonly Scored[], low: number, isBefore: (item: Scored) => boolean): number => {
  let from = low;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(items[middle] as Scored)) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** The last child whose lower bound is `isBefore`, or the first. */
const childFor = (branch: Branch, isBefore: (item: Scored) => boolean): number =>
  partition(branch.lows, 1, isBefore) - 1;

/** Returns the part that was split off to the right, or null. */
const insertInto = (node: Node, item: Scored): Node | null => {
  if (Array.isArray(node)) {
    const last = node[node.length - 1];
    const place = last === undefined || compareScored(last, item) < 0
      ? node.length : partition(node, 0, (other) => compareScored(other, item) < 0);
    node.splice(place, 0, item);
    if (node.length <= LEAF_MAX) return null;
    // What comes in order fills its leaves.
    if (place === LEAF_MAX) return node.splice(LEAF_MAX);
    return node.splice(place === 0 ? 1 : LEAF_MAX >> 1);
  }
  const at = childFor(node, (other) => compareScored(other, item) <= 0);
  const child = node.children[at] as Node;
  const right = insertInto(child, item);
  if (right === null) {
    node.sizes[at] = (node.sizes[at] as number) + 1;
    return null;
  }
  node.sizes[at] = sizeOf(child);
  node.children.splice(at + 1, 0, right);
  node.sizes.splice(at + 1, 0, sizeOf(right));
  node.lows.splice(at + 1, 0, firstOf(right));
  if (node.children.length <= CHILDREN_MAX) return null;
  const half = at + 1 === CHILDREN_MAX ? CHILDREN_MAX : CHILDREN_MAX >> 1;
  return { children: node.children.splice(half), sizes: node.sizes.splice(half), lows: node.lows.splice(half) };
};

const deleteFrom = (node: Node, item: Scored): boolean => {
  if (Array.isArray(node)) {
    const place = partition(node, 0, (other) => compareScored(other, item) < 0);
    const found = node[place];
    if (found === undefined || compareScored(found, item) !== 0) return false;
    node.splice(place, 1);
    return true;
  }
  const at = childFor(node, (other) => compareScored(other, item) <= 0);
  if (!deleteFrom(node.children[at] as Node, item)) return false;
  const size = (node.sizes[at] as number) - 1;
  node.sizes[at] = size;
  if (size === 0) {
    node.children.splice(at, 1);
    node.sizes.splice(at, 1);
    node.lows.splice(at, 1);
  }
  return true;
};

const gather = (node: Node, from: number, to: number, out: Scored[]): void => {
  if (Array.isArray(node)) {
    const end = Math.min(to, node.length);
    for (let place = Math.max(0, from); place < end; place++) out.push(node[place] as Scored);
    return;
  }
  let start = 0;
  for (let index = 0; index < node.children.length && start < to; index++) {
    const end = start + (node.sizes[index] as number);
    if (end > from) gather(node.children[index] as Node, from - start, to - start, out);
    start = end;
  }
};

const findIn = (node: Node, member: Bytes): Scored | undefined => {
  if (Array.isArray(node)) return node.find((item) => item.member === member);
  for (const child of node.children) {
    const found = findIn(child, member);
    if (found !== undefined) return found;
  }
  return undefined;
};

const copyNode = (node: Node): Node =>
  (Array.isArray(node) ? [...node]
    : { children: node.children.map(copyNode), sizes: [...node.sizes], lows: [...node.lows] });
