/** Keys that were loaded and slots that nodes.conf gives: who has what then. */
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { adoptLoadedSlots } from '../../../../engine/cluster/loadedSlots.ts';
import { keySlot } from '../../../../engine/cluster/slots.ts';
import { fakeCluster, nodeOf } from '../../../support/fakeClusterServices.ts';

const [MINE, NOBODYS, THEIRS] = [bytes('mine'), bytes('nobodys'), bytes('theirs')];

const setUp = (): ReturnType<typeof fakeCluster> => {
  const made = fakeCluster('a');
  for (const key of [MINE, NOBODYS, THEIRS]) made.services.keyspace.database(0).put(key, bytes('v'));
  made.state.assignSlot(keySlot(MINE), made.state.myself);
  made.state.assignSlot(keySlot(THEIRS), nodeOf(made.state, 'a'));
  made.state.mustSave = false;
  return made;
};

test('unassigned slots with keys are taken, those of others are opened for import, and that is saved', () => {
  const { state } = setUp();
  adoptLoadedSlots(state);
  expect(state.owners[keySlot(NOBODYS)]).toBe(state.myself);
  expect(state.owners[keySlot(THEIRS)]).toBe(nodeOf(state, 'a'));
  expect([...state.importingFrom]).toEqual([[keySlot(THEIRS), nodeOf(state, 'a')]]);
  expect([state.mustSave, state.mustSync, state.myself.slots.count]).toEqual([true, true, 2]);
});

test('where all is in order, and on a replica, nothing changes', () => {
  const { state, services } = setUp();
  for (const key of [NOBODYS, THEIRS]) services.keyspace.database(0).remove(key);
  adoptLoadedSlots(state);
  expect([state.mustSave, state.importingFrom.size, state.myself.slots.count]).toEqual([false, 0, 1]);
  const replica = setUp().state;
  replica.myself.role = 'replica';
  adoptLoadedSlots(replica);
  expect([replica.mustSave, replica.importingFrom.size, replica.myself.slots.count]).toEqual([false, 0, 1]);
});
