/** Which replica leaves for an orphaned primary, and when. */
import { expect, test } from 'vitest';
import type { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { migrateToOrphan } from '../../../../engine/cluster/replicaMigration.ts';
import { type FakeClusterServices, fakeCluster, nodeOf } from '../../../support/fakeClusterServices.ts';

const DELAY_MS = 5000;
const MOST_REPLICAS = 2;

/** `m` (myself) and `x` follow `a`; `o` is a primary that lost its replicas. */
const setUp = (sibling = 'x'): { state: ClusterState; services: FakeClusterServices; try(afterMs: number): boolean } => {
  const { state, services } = fakeCluster('a', 'o', sibling);
  services.values.set('cluster-migration-barrier', 1);
  const [primary, orphan] = [nodeOf(state, 'a'), nodeOf(state, 'o')];
  state.isOk = true;
  state.assignSlot(1, primary);
  state.assignSlot(2, orphan);
  orphan.mayGetReplicas = true;
  for (const replica of [state.myself, nodeOf(state, sibling)]) {
    replica.role = 'replica';
    state.setPrimaryOf(replica, primary);
  }
  return {
    state, services,
    try: (afterMs) => {
      services.host.nowMs += afterMs;
      migrateToOrphan(state, MOST_REPLICAS);
      return state.myself.primary === orphan;
    },
  };
};

test('the smallest by name leaves, after the orphan was one for five seconds', () => {
  const made = setUp();
  expect([made.try(0), made.try(DELAY_MS), made.try(1)]).toEqual([false, false, true]);
  const other = setUp('b');
  expect([other.try(0), other.try(DELAY_MS + 1)]).toEqual([false, false]);
});

test('an orphan that fails meanwhile starts its time anew', () => {
  const made = setUp();
  const orphan = nodeOf(made.state, 'o');
  made.try(0);
  orphan.isFail = true;
  made.try(DELAY_MS);
  orphan.isFail = false;
  expect([made.try(1), made.try(DELAY_MS), made.try(1)]).toEqual([false, false, true]);
});

test('a sibling that is silent leaves nobody behind: a PFAIL counts against the barrier', () => {
  const made = setUp();
  nodeOf(made.state, 'x').isPfail = true;
  expect([made.try(0), made.try(DELAY_MS + 1)]).toEqual([false, false]);
});

test('while the smallest of all is dead, nobody goes, as with redis-server', () => {
  const made = setUp('b');
  const { state } = made;
  nodeOf(state, 'b').isFail = true;
  made.services.values.set('cluster-migration-barrier', 0);
  migrateToOrphan(state, 1);
  made.services.host.nowMs += DELAY_MS + 1;
  migrateToOrphan(state, 1);
  expect(state.myself.primary).toBe(nodeOf(state, 'a'));
});
