/** The checks of a cluster's promises, each shown a world in which it holds and one in which it does not. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Note, SLOTS, causeId, micros } from '../../../../engine/index.ts';
import type { Check, CheckResult, FinalState } from '../../../../sim/check/check.ts';
import { ClusterView } from '../../../../sim/check/clusterView.ts';
import { ConfigEpochsUnique } from '../../../../sim/check/configEpochsUnique.ts';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import { MinorityStopsWrites } from '../../../../sim/check/minorityStopsWrites.ts';
import { NewestClaimStays } from '../../../../sim/check/newestClaimStays.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { OneClusterVotePerEpoch } from '../../../../sim/check/oneClusterVotePerEpoch.ts';
import { OneElectedPerEpoch } from '../../../../sim/check/oneElectedPerEpoch.ts';
import { OneOwnerPerSlotEpoch } from '../../../../sim/check/oneOwnerPerSlotEpoch.ts';
import { NOBODY_SERVES } from '../../../../sim/check/serving.ts';
import { SlotEpochsNeverGoBack } from '../../../../sim/check/slotEpochsNeverGoBack.ts';
import { SlotMapsAgree } from '../../../../sim/check/slotMapsAgree.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { A, B, C, say, view } from './fixtures.ts';

const ALL: readonly number[] = Array.from({ length: SLOTS }, (_, slot) => slot);
const third = (which: number): readonly number[] => ALL.filter((slot) => slot % 3 === which);

const slots = (owner: Bytes | null, configEpoch: number, moved: readonly number[] = [1, 2], byCommand = false): Note =>
  ({ kind: 'slots', slots: moved, owner, configEpoch, byCommand, because: [] });

const state: FinalState = {
  tree: new HistoryTree(), views: [], sentinels: [], clusterNodes: [], serving: NOBODY_SERVES, settledFrom: micros(0), now: micros(0),
};

const node = (name: string, id: Bytes, config: number, process: SimProcess['state'] = 'running'): ClusterView => {
  const made = new ClusterView(view(name, process));
  made.node.note({ kind: 'role', role: 'primary', primary: null, because: [] });
  made.note({ kind: 'epoch', name: id, current: config, config });
  return made;
};

/** Three primaries that know of a third of the slots each. */
const three = (): [ClusterView, ClusterView, ClusterView] => {
  const all: [ClusterView, ClusterView, ClusterView] = [node('a', A, 1), node('b', B, 2), node('c', C, 3)];
  for (const one of all) for (const [which, id] of [A, B, C].entries()) one.note(slots(id, which + 1, third(which)));
  return all;
};

/** Tells the view, then the check. */
const tell = (check: Check, { node: told }: { readonly node: NodeView }, ...notes: readonly Note[]): CheckResult => {
  for (const note of notes) check.note?.(told, note, causeId(7));
  return check.finish(state);
};

const [a, b] = [node('a', A, 1), node('b', B, 2)];

describe('one-owner-per-slot-and-epoch', () => {
  test('holds while epochs grow', () => {
    expect(tell(new OneOwnerPerSlotEpoch(), a, slots(A, 1), slots(B, 2), slots(A, 1), slots(null, 0)).verdict).toBe('holds');
  });
  test('epoch 0 is none', () => {
    expect(tell(new OneOwnerPerSlotEpoch(), a, slots(A, 0), slots(B, 0)).verdict).toBe('not exercised');
  });
  test('is violated by two owners in one epoch', () => {
    expect(tell(new OneOwnerPerSlotEpoch(), a, slots(A, 1), slots(B, 1, [2]))).toMatchObject(
      { verdict: 'violated', detail: 'a holds bbbbbbbb to own slot 2 in epoch 1, in which aaaaaaaa did', event: 7 });
  });
});

describe('slot-epochs-never-go-back', () => {
  test('holds while epochs grow, and where an operator moves a slot', () => {
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(A, 1), slots(B, 2), slots(A, 2)).verdict).toBe('holds');
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(B, 9), slots(A, 1, [2], true)).verdict).toBe('holds');
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(B, 9), slots(B, 9, [3])).verdict).toBe('not exercised');
  });
  test('a slot that nobody owned, and another life of the process, start anew', () => {
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(B, 9), slots(null, 0), slots(A, 1)).verdict).toBe('not exercised');
    const check = new SlotEpochsNeverGoBack();
    tell(check, a, slots(B, 9));
    check.ended(a.node);
    expect(tell(check, a, slots(A, 1)).verdict).toBe('not exercised');
  });
  test('each node is judged by itself', () => {
    const check = new SlotEpochsNeverGoBack();
    tell(check, a, slots(B, 9));
    expect(tell(check, b, slots(A, 1)).verdict).toBe('not exercised');
  });
  test('is violated by an owner with a smaller epoch', () => {
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(B, 9), slots(A, 1, [2]))).toMatchObject(
      { verdict: 'violated', detail: 'a holds aaaaaaaa to own slot 2 with epoch 1, and held an owner with epoch 9 before', event: 7 });
    // Given back by hand, it may not go back by itself.
    expect(tell(new SlotEpochsNeverGoBack(), a, slots(B, 9), slots(A, 5, [2], true), slots(B, 4, [2])).verdict).toBe('violated');
  });
});

describe('votes and elections', () => {
  test('one vote for each epoch', () => {
    expect(tell(new OneClusterVotePerEpoch(), a, say.vote(1, B), say.vote(2, C)).verdict).toBe('holds');
    expect(tell(new OneClusterVotePerEpoch(), a, say.vote(1, B), say.vote(1, C)).detail).toMatch(/^a voted in epoch 1 for b+ and for c+$/);
    expect(tell(new OneClusterVotePerEpoch(), a, say.vote(1, B), say.vote(1, B)).verdict).toBe('violated');
  });
  test('one elected in each epoch', () => {
    const check = new OneElectedPerEpoch();
    expect(tell(check, a, say.leader(1, A, 2)).verdict).toBe('holds');
    expect(tell(check, b, say.leader(2, B, 2)).verdict).toBe('holds');
    expect(tell(check, b, say.leader(1, B, 2)).detail).toBe('a and b were both elected in epoch 1');
  });
});

describe('newest-claim-stays', () => {
  test('an owner with a greater epoch may take over, one with a smaller may not', () => {
    const [first, second, other] = three();
    const check = new NewestClaimStays([first, second, other]);
    const told = (which: ClusterView, ...notes: readonly Note[]): CheckResult => {
      for (const note of notes) which.note(note);
      return tell(check, which, ...notes);
    };
    expect(told(first, slots(A, 1, third(0))).verdict).toBe('holds');
    // The check speaks at the end, when all have heard of it.
    const [, , last] = [second, first, other].map((one) => told(one, slots(B, 2, [0])));
    expect(last?.verdict).toBe('holds');
    expect(told(other, slots(A, 1, [0]))).toMatchObject({ verdict: 'violated', detail: expect.stringMatching(/^c holds a to own slot 0 with epoch 1, but b had claimed it with epoch 2$/) });
  });
});

describe('slot-maps-agree and config-epochs-unique', () => {
  test('hold where all know the same', () => {
    const all = three();
    expect(new SlotMapsAgree(all).finish().verdict).toBe('holds');
    expect(new ConfigEpochsUnique(all).finish().verdict).toBe('holds');
  });
  test('a different map, an unowned slot, a dead owner, a replica as owner', () => {
    const different = three();
    different[1].note(slots(C, 3, [0]));
    expect(new SlotMapsAgree(different).finish().detail).toBe('b holds c to own slot 0, a holds a');
    const unowned = three();
    for (const one of unowned) one.note(slots(null, 0, [5]));
    expect(new SlotMapsAgree(unowned).finish().detail).toBe('nobody owns slot 5');
    const dead = three();
    (dead[2].node.process as { state: SimProcess['state'] }).state = 'dead';
    expect(new SlotMapsAgree(dead).finish().detail).toBe('slot 2 belongs to c, which is dead');
    const replica = three();
    replica[0].node.note({ kind: 'role', role: 'replica', primary: null, because: [] });
    expect(new SlotMapsAgree(replica).finish().detail).toBe('slot 0 belongs to a, which is a replica');
  });
  test('one epoch for two', () => {
    const all = three();
    all[2].note({ kind: 'epoch', name: C, current: 3, config: 2 });
    expect(new ConfigEpochsUnique(all).finish().detail).toBe('b and c both have configuration epoch 2');
  });
});

describe('minority-stops-writes', () => {
  /** `a` reaches the others or not; time in ms. */
  const setUp = (): { check: MinorityStopsWrites; views: ClusterView[]; at(ms: number, isReached: boolean): void; write(): CheckResult } => {
    const views = three();
    const world = { now: 0, isReached: true, changes: { count: 0, lastAt: 0 } };
    const check = new MinorityStopsWrites({
      views, hindrances: { changes: world.changes }, nodeTimeoutMs: () => 1000, isJudged: () => true,
      canTalk: (_, peer) => world.isReached && peer.process.state === 'running', now: () => world.now * 1000,
    });
    const at = (ms: number, isReached: boolean): void => {
      if (isReached !== world.isReached) {
        world.changes.count++;
        world.changes.lastAt = ms * 1000;
      }
      world.now = ms;
      world.isReached = isReached;
    };
    const write = (): CheckResult => tell(check, views[0], { kind: 'write', id: A, offset: 1 as never, database: 0, argv: [] });
    return { check, views, at, write };
  };

  test('writes within the time, and after the majority is back, are in order', () => {
    const { at, write } = setUp();
    expect(write().verdict).toBe('not exercised');
    at(10_000, false);
    expect(write().verdict).toBe('holds');
    at(11_800, false);
    expect(write().verdict).toBe('holds');
    at(12_000, true);
    expect(write().verdict).toBe('holds');
    at(90_000, true);
    expect(write().verdict).toBe('holds');
  });

  test('a write one and a half timeouts and two ticks later is not', () => {
    const { at, write } = setUp();
    at(10_000, false);
    write();
    at(11_801, false);
    expect(write()).toMatchObject({ verdict: 'violated', detail: 'a took a write 1801 ms after it had lost the majority' });
  });

  test('a peer that starts again is a majority again, though no fault ended', () => {
    const { check, views, at, write } = setUp();
    const peers = views.slice(1).map(({ node: { process } }) => process as { state: SimProcess['state'] });
    const all = (state: SimProcess['state']): void => {
      for (const peer of peers) peer.state = state;
    };
    at(10_000, true);
    all('dead');
    check.ended();
    at(10_500, true);
    expect(write()).toMatchObject({ verdict: 'holds', detail: '1 writes of primaries without a majority, the last 500 ms after it was lost, 1800 at most' });
    all('running');
    at(90_000, true);
    expect(write().verdict).toBe('holds');
    all('dead');
    check.ended();
    at(92_000, true);
    expect(write().verdict).toBe('violated');
  });
});
