/**
 * CLUSTER subcommands about slots: who owns them, which are on the move, which keys they hold.
 *
 * Always holds: ADDSLOTS and DELSLOTS change all the slots that they name or none. Source: clusterCommand, getSlotOrReply,
 * checkSlotAssignmentsOrReply, clusterUpdateSlots in cluster.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { arityError, isWord, readInt64 } from '../commands/arguments.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { ErrorReply, OK, type Reply, error } from '../protocol/reply.ts';
import { CLUSTER_TEXT } from '../protocol/wireNames.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { broadcastPong } from './messenger.ts';
import { bumpEpoch } from './slotConfiguration.ts';
import { SLOTS, slotsOf } from './slots.ts';

const BAD_SLOT = error('ERR Invalid or out of range slot');
const BAD_SETSLOT = error('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP');

const readSlot = (argument: Bytes): number | ErrorReply => {
  const value = parseInt64(argument);
  return value === null || value < 0n || value >= BigInt(SLOTS) ? BAD_SLOT : Number(value);
};

/** Single slots, or pairs of first and last. */
const readSlots = (words: readonly Bytes[], step: 1 | 2): readonly number[] | ErrorReply => {
  const slots: number[] = [];
  for (let index = 0; index < words.length; index += step) {
    const first = readSlot(words[index] as Bytes);
    if (first instanceof ErrorReply) return first;
    const last = step === 1 ? first : readSlot(words[index + 1] as Bytes);
    if (last instanceof ErrorReply) return last;
    if (first > last) return error(`ERR start slot number ${first} is greater than end slot number ${last}`);
    for (let slot = first; slot <= last; slot++) slots.push(slot);
  }
  return slots;
};

/** Why the slots cannot be given to us (or, `isRemoval`, taken from their owners); null when they can. */
const refusalOf = (state: ClusterState, slots: readonly number[], isRemoval: boolean): ErrorReply | null => {
  const seen = new Uint8Array(SLOTS);
  for (const slot of slots) {
    const isOwned = state.owners[slot] !== null;
    if (isRemoval && !isOwned) return error(`ERR Slot ${slot} is already unassigned`);
    if (!isRemoval && isOwned) return error(`ERR Slot ${slot} is already busy`);
    if (seen[slot] !== 0) return error(`ERR Slot ${slot} specified multiple times`);
    seen[slot] = 1;
  }
  return null;
};

const saveAndUpdate = (state: ClusterState): Reply => {
  state.mustSave = true;
  state.mustUpdate = true;
  return OK;
};

/** ADDSLOTS, DELSLOTS (`step` 1); ADDSLOTSRANGE, DELSLOTSRANGE (`step` 2). */
export const assignSlots = (state: ClusterState, argv: readonly Bytes[], step: 1 | 2, isRemoval: boolean): Reply => {
  const words = argv.slice(2);
  if (words.length % step !== 0) return arityError(`cluster|${isRemoval ? 'del' : 'add'}slotsrange`);
  const slots = readSlots(words, step);
  if (slots instanceof ErrorReply) return slots;
  const refusal = refusalOf(state, slots, isRemoval);
  if (refusal !== null) return refusal;
  for (const slot of slots) {
    // Whoever owns a slot no longer imports it.
    state.importingFrom.delete(slot);
    state.commandedSlots.add(slot);
    if (isRemoval) state.dropSlot(slot);
    else state.assignSlot(slot, state.myself);
  }
  return saveAndUpdate(state);
};

export const flushSlots = (state: ClusterState, keyspace: Keyspace): Reply => {
  if (keyspace.database(0).size > 0) return error('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.');
  for (const slot of slotsOf(state.myself.slots.bitmap)) state.commandedSlots.add(slot);
  state.dropSlotsOf(state.myself);
  return saveAndUpdate(state);
};

export const setSlot = (state: ClusterState, argv: readonly Bytes[], keyspace: Keyspace): Reply => {
  const { myself } = state;
  if (!myself.isPrimary) return error(CLUSTER_TEXT.setSlotNeedsPrimary);
  const slot = readSlot(argv[2] as Bytes);
  if (slot instanceof ErrorReply) return slot;
  const action = argv[3] as Bytes;
  const name = argv[4];
  if (isWord(action, 'stable') && argv.length === 4) {
    state.importingFrom.delete(slot);
    state.migratingTo.delete(slot);
    return saveAndUpdate(state);
  }
  if (name === undefined || argv.length > 5) return BAD_SETSLOT;
  if (isWord(action, 'migrating')) {
    return state.owners[slot] === myself ? move(state, state.migratingTo, slot, name)
      : error(`ERR I'm not the owner of hash slot ${slot}`);
  }
  if (isWord(action, 'importing')) {
    return state.owners[slot] === myself ? error(`ERR I'm already the owner of hash slot ${slot}`)
      : move(state, state.importingFrom, slot, name);
  }
  return isWord(action, 'node') ? giveSlot(state, slot, name, keyspace) : BAD_SETSLOT;
};

const move = (state: ClusterState, moving: Map<number, ClusterNode>, slot: number, name: Bytes): Reply => {
  const node = state.nodes.get(name);
  if (node === undefined) return error(`ERR I don't know about node ${name}`);
  if (!node.isPrimary) return error(CLUSTER_TEXT.targetIsReplica);
  moving.set(slot, node);
  return saveAndUpdate(state);
};

/** The end of a move, said to each node: the new owner takes an epoch of its own, so that the others believe it. */
const giveSlot = (state: ClusterState, slot: number, name: Bytes, keyspace: Keyspace): Reply => {
  const { myself, services: { host, settings } } = state;
  const node = state.nodes.get(name);
  if (node === undefined) return error(`ERR Unknown node ${name}`);
  if (!node.isPrimary) return error(CLUSTER_TEXT.targetIsReplica);
  const wasMine = state.owners[slot] === myself;
  const keys = keyspace.slotKeys.count(slot);
  if (wasMine && node !== myself && keys > 0) {
    return error(`ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`);
  }
  if (keys === 0) state.migratingTo.delete(slot);
  state.commandedSlots.add(slot);
  state.dropSlot(slot);
  state.assignSlot(slot, node);
  if (wasMine && node !== myself && myself.slots.count === 0 && settings.flag('cluster-allow-replica-migration')) {
    host.log('warning', `Configuration change detected. Reconfiguring myself as a replica of ${node.name}`);
    state.becomeReplicaOf(node);
    state.saveDurably();
  }
  if (node === myself && state.importingFrom.has(slot)) {
    if (bumpEpoch(state)) host.log('warning', `configEpoch updated after importing slot ${slot}`);
    state.importingFrom.delete(slot);
    broadcastPong(state, 'all');
  }
  return saveAndUpdate(state);
};

/** A slot as COUNTKEYSINSLOT and GETKEYSINSLOT read it. */
const slotOfKeys = (argument: Bytes): number | ErrorReply => {
  const value = readInt64(argument);
  if (value instanceof ErrorReply) return value;
  return value < 0n || value >= BigInt(SLOTS) ? -1 : Number(value);
};

export const countKeysInSlot = (keyspace: Keyspace, argument: Bytes): Reply => {
  const slot = slotOfKeys(argument);
  if (slot instanceof ErrorReply) return slot;
  return slot < 0 ? error('ERR Invalid slot') : keyspace.slotKeys.count(slot);
};

export const getKeysInSlot = (keyspace: Keyspace, argument: Bytes, countArgument: Bytes): Reply => {
  const slot = slotOfKeys(argument);
  if (slot instanceof ErrorReply) return slot;
  const count = readInt64(countArgument);
  if (count instanceof ErrorReply) return count;
  return slot < 0 || count < 0n ? error('ERR Invalid slot or number of keys') : keyspace.slotKeys.keys(slot, Number(count));
};
