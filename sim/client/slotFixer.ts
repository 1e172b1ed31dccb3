/**
 * Closes slots that a move has left open, as `redis-cli --cluster fix` does: finds who has the slot and its keys, makes one node
 * its owner, and brings all keys there.
 *
 *   case 1  one migrates, one imports: the move is made to its end
 *   case 2  some import, nobody migrates: all keys go to the owner, and the slot is closed
 *   case 3  one migrates, several import and have no keys: as 1 where one of them was meant; closed everywhere where none was
 *   case 4  one migrates, nobody imports: closed, if it is the owner's or empty
 *
 * Who has keys of the slot counts as one who could own it. Of several the one with the most keys is made the owner first, with a
 * new epoch, and the others import.
 * Source: clusterManagerFixOpenSlot and clusterManagerSetSlotOwner in redis-cli.c of Redis 7.0, read for their behaviour.
 */
import type { Bytes } from '../../engine/index.ts';
import { AdminFailure, type Script, ask, loadCluster, tell } from './clusterAdmin.ts';
import type { ClusterMember } from './clusterMembers.ts';
import { type MoveOptions, moveSlot } from './resharder.ts';

export interface SlotFix {
  /** The node that is asked first. */
  readonly first: Bytes;
  readonly options: MoveOptions;
  /** `--cluster-fix-with-unreachable-masters`: goes on although some primary does not answer. */
  readonly withUnreachable: boolean;
}

export function* fixSlots({ first, options, withUnreachable }: SlotFix): Script<string | AdminFailure> {
  const picture = yield* loadCluster(first);
  if (picture instanceof AdminFailure) return picture;
  const primaries = picture.members.filter(({ isPrimary }) => isPrimary);
  const open = new Set(primaries.flatMap(({ migrating, importing }) => [...migrating.keys(), ...importing.keys()]));
  if (open.size > 0 && picture.unreachable > 0 && !withUnreachable) {
    return new AdminFailure(`${picture.unreachable} primaries do not answer: fixing open slots would be dangerous`);
  }
  for (const slot of [...open].sort((left, right) => left - right)) {
    const fixed = yield* fixSlot(new OpenSlot(slot, primaries, options));
    if (fixed !== null) return new AdminFailure(`slot ${slot}: ${fixed.text}`);
    yield* tell('fixed', slot, first);
  }
  return `${open.size} open slots fixed`;
}

/** A slot and the parts that the primaries have in it. */
class OpenSlot {
  readonly slot: number;
  readonly primaries: readonly ClusterMember[];
  readonly options: MoveOptions;
  readonly keys: Map<ClusterMember, number> = new Map();
  owner: ClusterMember | null = null;
  migrating: readonly ClusterMember[] = [];
  importing: readonly ClusterMember[] = [];

  constructor(slot: number, primaries: readonly ClusterMember[], options: MoveOptions) {
    this.slot = slot;
    this.primaries = primaries;
    this.options = options;
  }

  keysOf(member: ClusterMember): number {
    return this.keys.get(member) ?? 0;
  }

  without(members: readonly ClusterMember[], one: ClusterMember): readonly ClusterMember[] {
    return members.filter((member) => member !== one);
  }
}

/** Null: it is closed. */
function* fixSlot(open: OpenSlot): Script<AdminFailure | null> {
  const { slot, primaries } = open;
  for (const member of primaries) {
    const count = yield* ask(member.place, 'CLUSTER', 'COUNTKEYSINSLOT', slot);
    if (count instanceof AdminFailure) return count;
    open.keys.set(member, Number(count));
  }
  const owners = primaries.filter((member) => member.slots.has(slot) || open.keysOf(member) > 0);
  open.owner = owners.length === 1 ? owners[0] as ClusterMember : null;
  open.migrating = primaries.filter(({ migrating }) => migrating.has(slot));
  open.importing = primaries.filter((member) => !open.migrating.includes(member)
    && (member.importing.has(slot) || (member !== open.owner && open.keysOf(member) > 0)));
  const unowned = open.owner === null ? yield* chooseOwner(open, owners) : null;
  return unowned ?? (yield* closeSlot(open));
}

/** Makes the one with the most keys the owner; all others that could be import from it. */
function* chooseOwner(open: OpenSlot, owners: readonly ClusterMember[]): Script<AdminFailure | null> {
  const { slot, primaries } = open;
  let most: ClusterMember | null = null;
  for (const member of primaries) if (open.keysOf(member) > (most === null ? 0 : open.keysOf(most))) most = member;
  if (most === null) return new AdminFailure('nobody owns it and nobody has keys of it: no owner can be chosen');
  open.owner = most;
  const claims: readonly (readonly (string | number)[])[] = [
    ['CLUSTER', 'SETSLOT', slot, 'STABLE'], ['MULTI'], ['CLUSTER', 'DELSLOTS', slot], ['CLUSTER', 'ADDSLOTS', slot],
    ['CLUSTER', 'BUMPEPOCH'], ['EXEC'],
  ];
  for (const words of claims) {
    const reply = yield* ask(most.place, ...words);
    if (reply instanceof AdminFailure) return reply;
  }
  yield* tell('owner', slot, most.place);
  open.migrating = open.without(open.migrating, most);
  open.importing = open.without(open.importing, most);
  for (const member of owners) {
    if (member === most) continue;
    // It may not have had the slot.
    yield* ask(member.place, 'CLUSTER', 'DELSLOTS', slot);
    for (const action of ['NODE', 'IMPORTING']) {
      const reply = yield* ask(member.place, 'CLUSTER', 'SETSLOT', slot, action, most.id);
      if (reply instanceof AdminFailure) return reply;
    }
    open.migrating = open.without(open.migrating, member);
    open.importing = [...open.without(open.importing, member), member];
  }
  return null;
}

function* closeSlot(open: OpenSlot): Script<AdminFailure | null> {
  const { slot, migrating: [source], importing } = open;
  if (open.migrating.length === 0 && importing.length > 0) return yield* gather(open);
  if (open.migrating.length !== 1 || source === undefined) return new AdminFailure('several nodes migrate it');
  if (importing.length === 0) {
    return open.owner === source || open.keysOf(source) === 0 ? yield* setStable([source], slot)
      : new AdminFailure('a node migrates it that does not own it, and has keys');
  }
  const meant = importing.length === 1 ? importing[0] : importing.find(({ id }) => id === source.migrating.get(slot));
  if (importing.length > 1 && importing.some((member) => open.keysOf(member) > 0)) return new AdminFailure('several nodes import it and have keys');
  if (meant === undefined) return yield* setStable([source, ...importing], slot);
  const others = open.primaries.filter((member) => member !== source && member !== meant);
  const moved = yield* moveSlot({ source, target: meant, slot, options: open.options, others, mode: 'fixes' });
  return moved instanceof AdminFailure ? moved : yield* setStable(open.without(importing, meant), slot);
}

/** All keys go to the owner. */
function* gather(open: OpenSlot): Script<AdminFailure | null> {
  const { slot, owner, options, primaries } = open;
  if (owner === null) return new AdminFailure('nobody owns it');
  for (const source of open.without(open.importing, owner)) {
    const moved = yield* moveSlot({ source, target: owner, slot, options, others: [], mode: 'cold' });
    if (moved instanceof AdminFailure) return moved;
    const closed = yield* setStable([source], slot);
    if (closed !== null) return closed;
  }
  for (const { place } of open.without(primaries, owner)) {
    const told = yield* ask(place, 'CLUSTER', 'SETSLOT', slot, 'NODE', owner.id);
    if (told instanceof AdminFailure) return told;
  }
  return null;
}

function* setStable(members: readonly ClusterMember[], slot: number): Script<AdminFailure | null> {
  for (const { place } of members) {
    const reply = yield* ask(place, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
    if (reply instanceof AdminFailure) return reply;
  }
  return null;
}
