/** The online invariants over notes by hand: what they compare, what they call violated, and what they leave alone. */
import { describe, expect, test } from 'vitest';
import { type CauseId, type Note, causeId } from '../../../../engine/index.ts';
import type { Check } from '../../../../sim/check/check.ts';
import { EqualOffsetEqualData } from '../../../../sim/check/equalOffsetEqualData.ts';
import { HistoryPrefix } from '../../../../sim/check/historyPrefix.ts';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { NOBODY_SERVES } from '../../../../sim/check/serving.ts';
import { A, B, history, stream, view } from './fixtures.ts';

const primary = view('primary');
const replica = view('replica');

/** Feeds notes with event numbers 1, 2, 3… and returns the verdict. */
const verdict = (check: Check, tree: HistoryTree, notes: readonly (readonly [NodeView, Note])[]): ReturnType<Check['finish']> => {
  let event: CauseId = causeId(0);
  for (const [node, note] of notes) {
    event = causeId(event + 1);
    if (note.kind === 'history') tree.add(note);
    check.note?.(node, note, event);
  }
  return check.finish({ tree, views: [primary, replica], serving: NOBODY_SERVES, clusterNodes: [], sentinels: [], settledFrom: 0 as never, now: 0 as never });
};

const prefix = (...notes: readonly (readonly [NodeView, Note])[]): ReturnType<Check['finish']> => {
  const tree = new HistoryTree();
  return verdict(new HistoryPrefix(tree), tree, notes);
};
const data = (...notes: readonly (readonly [NodeView, Note])[]): ReturnType<Check['finish']> =>
  verdict(new EqualOffsetEqualData(), new HistoryTree(), notes);

describe('history-prefix', () => {
  const start = [primary, history('start', A, 0)] as const;

  test('the same bytes, however they are cut', () => {
    expect(prefix(start, [primary, stream('primary', A, 4, 'abcd')], [primary, stream('primary', A, 8, 'efgh')],
      [replica, stream('replica', A, 3, 'abc')], [replica, stream('replica', A, 8, 'defgh')])).toMatchObject({ verdict: 'holds' });
  });

  test('nobody applied anything', () => {
    expect(prefix(start, [primary, stream('primary', A, 4, 'abcd')])).toMatchObject({ verdict: 'not exercised' });
  });

  test('other bytes; bytes that were never produced', () => {
    expect(prefix(start, [primary, stream('primary', A, 4, 'abcd')], [replica, stream('replica', A, 4, 'abxd')]))
      .toMatchObject({ verdict: 'violated', event: 3 });
    expect(prefix(start, [primary, stream('primary', A, 4, 'abcd')], [replica, stream('replica', A, 6, 'abcdef')]))
      .toMatchObject({ verdict: 'violated', event: 3 });
    expect(prefix([replica, stream('replica', A, 4, 'abcd')])).toMatchObject({ verdict: 'violated', event: 1 });
  });

  test('under the new ID of a promotion, old and new bytes in one go', () => {
    expect(prefix(start, [primary, stream('primary', A, 4, 'abcd')], [primary, history('promotion', B, 4, A)],
      [primary, stream('primary', B, 6, 'ef')], [replica, stream('replica', B, 6, 'cdef')])).toMatchObject({ verdict: 'holds' });
  });

  test('going on from a place that both share; and from beyond the fork', () => {
    const fork = [start, [primary, stream('primary', A, 8, 'abcdefgh')], [primary, history('promotion', B, 4, A)]] as const;
    expect(prefix(...fork, [replica, history('full-sync', A, 3)], [replica, history('partial-sync', B, 3, A)]))
      .toMatchObject({ verdict: 'holds' });
    expect(prefix(...fork, [replica, history('full-sync', A, 6)], [replica, history('partial-sync', B, 6, A)]))
      .toMatchObject({ verdict: 'violated', event: 5 });
  });

  test('of several violations the first is named and the others are counted', () => {
    expect(prefix([replica, stream('replica', A, 4, 'abcd')], [replica, stream('replica', A, 8, 'abcd')]).detail)
      .toMatch(/aaaaaaaa:4, which its primary never produced \(and 1 more\)$/);
  });
});

describe('equal-offset-equal-data', () => {
  const made = [primary, stream('primary', A, 4, 'abcd', 11)] as const;

  test('equal, different, and nothing to compare with', () => {
    expect(data(made, [replica, stream('replica', A, 4, 'abcd', 11)])).toMatchObject({ verdict: 'holds' });
    expect(data(made, [replica, stream('replica', A, 4, 'abcd', 12)])).toMatchObject({ verdict: 'violated', event: 2 });
    expect(data(made, [replica, stream('replica', A, 3, 'abc', 12)])).toMatchObject({ verdict: 'not exercised' });
  });

  test('a full synchronisation is compared', () => {
    expect(data(made, [replica, history('full-sync', A, 4, null, 4, 11)])).toMatchObject({ verdict: 'holds' });
    expect(data(made, [replica, history('full-sync', A, 4, null, 4, 12)])).toMatchObject({ verdict: 'violated' });
  });

  test('a snapshot that goes on under its own ID is compared, and does not become what others are held against', () => {
    expect(data(made, [replica, history('load', A, 4, A, 4, 12)])).toMatchObject({ verdict: 'violated', event: 2 });
    expect(data(made, [replica, history('load', A, 4, A, 4, 11)], [replica, stream('replica', A, 4, '', 11)]))
      .toMatchObject({ verdict: 'holds' });
  });

  test('a promoted node has the data of the place that it left', () => {
    expect(data(made, [replica, history('promotion', B, 4, A, 4, 11)])).toMatchObject({ verdict: 'holds' });
    expect(data(made, [replica, history('promotion', B, 4, A, 4, 12)])).toMatchObject({ verdict: 'violated', event: 2 });
  });

  test('a primary’s last word at an offset counts', () => {
    expect(data([primary, history('newBacklog', A, 4, null, 4, 10)], made, [replica, stream('replica', A, 4, 'abcd', 11)]))
      .toMatchObject({ verdict: 'holds' });
  });
});
