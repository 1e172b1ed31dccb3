/** The tree of histories: which position holds which write. */
import { describe, expect, test } from 'vitest';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import { A, B, C, history } from './fixtures.ts';

describe('HistoryTree', () => {
  test('one history: a position holds what was written up to it', () => {
    const tree = new HistoryTree();
    tree.add(history('start', A, 0));
    expect(tree.contains(A, 100, A, 100)).toBe(true);
    expect(tree.contains(A, 99, A, 100)).toBe(false);
    expect(tree.contains(A, 100, B, 1)).toBe(false);
  });

  test('a promotion: the child holds its parent up to the fork, the parent nothing of the child', () => {
    const tree = new HistoryTree();
    tree.add(history('start', A, 0));
    tree.add(history('promotion', B, 100, A));
    expect(tree.contains(B, 150, A, 100)).toBe(true);
    expect(tree.contains(B, 150, A, 101)).toBe(false);
    expect(tree.contains(A, 500, B, 120)).toBe(false);
    expect(tree.contains(B, 110, B, 120)).toBe(false);
  });

  test('promotions in a row: each fork cuts', () => {
    const tree = new HistoryTree();
    tree.add(history('start', A, 0));
    tree.add(history('promotion', B, 100, A));
    tree.add(history('promotion', C, 200, B));
    expect(tree.contains(C, 300, A, 100)).toBe(true);
    expect(tree.contains(C, 300, A, 101)).toBe(false);
    expect(tree.contains(C, 300, B, 200)).toBe(true);
    expect(tree.contains(C, 300, B, 201)).toBe(false);
    expect(tree.path(C)).toEqual([A, B, C]);
  });

  test('a replica that follows under the new ID and has not come up to the fork holds only what it has', () => {
    const tree = new HistoryTree();
    tree.add(history('start', A, 0));
    tree.add(history('promotion', B, 100, A));
    expect(tree.contains(B, 90, A, 90)).toBe(true);
    expect(tree.contains(B, 90, A, 95)).toBe(false);
    expect(tree.contains(B, 90, A, 100)).toBe(false);
  });

  test('bytes that no offset counted: the new ID begins lower than its parent ended', () => {
    const tree = new HistoryTree();
    tree.add(history('start', A, 0));
    tree.add(history('newBacklog', B, 0, A, 500));
    expect(tree.contains(B, 0, A, 500)).toBe(true);
    expect(tree.contains(B, 10, A, 501)).toBe(false);
    expect(tree.contains(B, 10, B, 10)).toBe(true);
  });

  test('a synchronisation takes another node’s history and makes none', () => {
    const tree = new HistoryTree();
    tree.add(history('full-sync', A, 100, B));
    tree.add(history('partial-sync', A, 100, B));
    expect(tree.branch(A)).toBeUndefined();
  });

  test('the first word about an ID counts; a load that goes on under its own ID makes no circle', () => {
    const tree = new HistoryTree();
    tree.add(history('load', A, 100, A));
    expect(tree.branch(A)).toEqual({ parent: null, parentOffset: 100, start: 100 });
    tree.add(history('start', A, 0));
    expect(tree.branch(A)?.start).toBe(100);
    expect(tree.path(A)).toEqual([A]);
  });
});
