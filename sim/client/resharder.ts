/**
 * Moves slots from one primary to another as `redis-cli --cluster reshard` does, one slot after the other:
 *
 *   1 target: SETSLOT IMPORTING             told as `importing`
 *   2 source: SETSLOT MIGRATING             `migrating`
 *   3 source: GETKEYSINSLOT, MIGRATE KEYS   `keys`, as long as there are some; then `empty`
 *   4 target: SETSLOT NODE                  `target`
 *   5 source: SETSLOT NODE                  `source`
 *   6 every other primary: SETSLOT NODE     `others`
 *
 * Always holds: the target is told first that the slot is its own, so that it has an owner whoever dies in between; whatever goes
 * wrong ends the program there, and leaves the slot as it is.
 * Source: clusterManagerMoveSlot and clusterManagerMigrateKeysInSlot in redis-cli.c of Redis 7.0, read for their behaviour.
 */
import { type Bytes, ErrorReply, type Reply, bytes } from '../../engine/index.ts';
import { AdminFailure, type ClusterPicture, type Script, ask, loadCluster, rest, tell, textOf } from './clusterAdmin.ts';
import { type ClusterMember, readMembers } from './clusterMembers.ts';
import { parseServerName } from './redisClient.ts';

/** Defaults of redis-cli: `--cluster-pipeline`, `--cluster-timeout`. */
export const KEYS_PER_MIGRATE = 10;
const MIGRATE_TIMEOUT_MS = 60_000;
/** No slot has more portions of keys. */
const PORTIONS_MAX = 100_000;

export interface MoveOptions {
  /** Before each step that follows another. */
  readonly pauseMs: number;
  readonly perMigrate: number;
  /** `--cluster-replace`: what the target has of a key is overwritten. */
  readonly replaces: boolean;
  readonly password: string | undefined;
}

export interface Move {
  readonly source: ClusterMember;
  readonly target: ClusterMember;
  readonly slot: number;
  readonly options: MoveOptions;
  /** Who else is told of the new owner. */
  readonly others: readonly ClusterMember[];
  /** `cold`: keys only, nobody is told. `fixes`: a slot that the source holds nobody to own may be given to the target there. */
  readonly mode: 'reshard' | 'fixes' | 'cold';
}

export interface Resharding {
  /** Places of nodes: `address:port`. */
  readonly from: Bytes;
  readonly to: Bytes;
  /** The slots of the source among these, or so many of its first ones. */
  readonly slots: readonly [first: number, last: number] | number;
  readonly options: MoveOptions;
}

export function* reshard({ from, to, slots, options }: Resharding): Script<string | AdminFailure> {
  const picture = yield* loadCluster(from);
  if (picture instanceof AdminFailure) return picture;
  const source = picture.members.find(({ place }) => place === from);
  const target = picture.members.find(({ place }) => place === to);
  const refusal = refusalOf(picture, source, target);
  if (refusal !== null || source === undefined || target === undefined) return new AdminFailure(refusal ?? 'no such node');
  const moving = chosenSlots(source, slots);
  if (moving.length === 0) return new AdminFailure(`${from} has none of these slots`);
  const others = picture.members.filter((member) => member.isPrimary && member !== source && member !== target);
  let keys = 0;
  for (const slot of moving) {
    const moved = yield* moveSlot({ source, target, slot, options, others, mode: 'reshard' });
    if (moved instanceof AdminFailure) return new AdminFailure(`slot ${slot}: ${moved.text}`);
    keys += moved;
  }
  return `${moving.length} slots and ${keys} keys moved`;
}

/** Why redis-cli would not begin; null: it does. */
const refusalOf = ({ members }: ClusterPicture, source: ClusterMember | undefined, target: ClusterMember | undefined): string | null => {
  if (source === undefined || !source.isPrimary) return 'the source is no primary that answers';
  if (target === undefined || !target.isPrimary) return 'the target is no primary that answers, or the source does not know it';
  if (source === target) return 'source and target are one node';
  return members.some(({ importing, migrating }) => importing.size + migrating.size > 0) ? 'there are open slots, which must be fixed first' : null;
};

const chosenSlots = ({ slots }: ClusterMember, wanted: Resharding['slots']): readonly number[] => {
  const owned = [...slots];
  return typeof wanted === 'number' ? owned.slice(0, wanted) : owned.filter((slot) => slot >= wanted[0] && slot <= wanted[1]);
};

/** Moves one slot; how many keys went along. */
export function* moveSlot(move: Move): Script<number | AdminFailure> {
  const { source, target, slot, options: { pauseMs }, others, mode } = move;
  if (mode !== 'cold') {
    const importing = yield* step(target.place, 'importing', slot, pauseMs, 'IMPORTING', source.id);
    if (importing instanceof AdminFailure) return importing;
    const migrating = yield* step(source.place, 'migrating', slot, pauseMs, 'MIGRATING', target.id);
    if (migrating instanceof AdminFailure) return migrating;
  }
  const keys = yield* moveKeys(move);
  if (keys instanceof AdminFailure || mode === 'cold') return keys;
  const taken = yield* step(target.place, 'target', slot, pauseMs, 'NODE', target.id);
  if (taken instanceof AdminFailure) return taken;
  const given = yield* step(source.place, 'source', slot, pauseMs, 'NODE', target.id);
  // A source that gave its last slot away has become a replica already.
  if (given instanceof AdminFailure && !given.text.startsWith(ONLY_PRIMARIES)) return given;
  for (const { place } of others) {
    const told = yield* ask(place, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
    if (told instanceof AdminFailure) return told;
  }
  yield* tell('others', slot, target.place);
  yield* rest(pauseMs);
  return keys;
}

const ONLY_PRIMARIES = 'ERR Please use SETSLOT only with ';

function* step(node: Bytes, name: string, slot: number, pauseMs: number, ...words: readonly string[]): Script<Reply | AdminFailure> {
  const reply = yield* ask(node, 'CLUSTER', 'SETSLOT', slot, ...words);
  if (reply instanceof AdminFailure) return reply;
  yield* tell(name, slot, node);
  yield* rest(pauseMs);
  return reply;
}

function* moveKeys(move: Move): Script<number | AdminFailure> {
  const { source, slot, options: { perMigrate, pauseMs } } = move;
  let moved = 0;
  for (let portion = 0; portion < PORTIONS_MAX; portion++) {
    const reply = yield* ask(source.place, 'CLUSTER', 'GETKEYSINSLOT', slot, perMigrate);
    if (reply instanceof AdminFailure) return reply;
    const keys = Array.isArray(reply) ? reply as readonly Bytes[] : [];
    if (keys.length === 0) {
      yield* tell('empty', slot, source.place);
      yield* rest(pauseMs);
      return moved;
    }
    const gone = yield* migrate(move, keys);
    if (gone instanceof AdminFailure) return gone;
    moved += keys.length;
    yield* tell('keys', slot, source.place);
    yield* rest(pauseMs);
  }
  return new AdminFailure('the slot does not become empty');
}

/** One MIGRATE, tried again where redis-cli knows what to do about the error. */
function* migrate(move: Move, keys: readonly Bytes[]): Script<Reply | AdminFailure> {
  const { source, target, slot, options, mode } = move;
  const first = yield* migrateOnce(move, keys, false);
  if (!(first instanceof AdminFailure)) return first;
  if (first.text.includes('BUSYKEY')) {
    if (!options.replaces) {
      const differs = yield* compareValues(source.place, target.place, keys);
      if (differs !== null) return differs;
    }
    return yield* migrateOnce(move, keys, true);
  }
  if (mode === 'reshard' || (yield* isServed(source.place, slot))) return first;
  const given = yield* ask(source.place, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
  return given instanceof AdminFailure ? given : yield* migrateOnce(move, keys, false);
}

function* migrateOnce({ source, target, options: { password } }: Move, keys: readonly Bytes[], replaces: boolean): Script<Reply | AdminFailure> {
  const { host, port } = parseServerName(target.place);
  return yield* ask(source.place, 'MIGRATE', host, port, '', 0, MIGRATE_TIMEOUT_MS, ...(replaces ? ['REPLACE'] : []),
    ...(password === undefined ? [] : ['AUTH', password]), 'KEYS', ...keys);
}

/** Keys that both have may be overwritten where they are equal. Where DEBUG is refused, as it is by default, nobody knows. */
function* compareValues(source: Bytes, target: Bytes, keys: readonly Bytes[]): Script<AdminFailure | null> {
  const here = yield* ask(source, 'DEBUG', 'DIGEST-VALUE', ...keys);
  const there = yield* ask(target, 'DEBUG', 'DIGEST-VALUE', ...keys);
  for (const reply of [here, there]) {
    if (reply instanceof AdminFailure) return new AdminFailure(`both nodes have the keys, and they cannot be compared: ${reply.text}`);
  }
  const digests = [here, there].map((reply) => (Array.isArray(reply) ? (reply as readonly Reply[]).map((one) => textOf(one)).join(' ') : ''));
  return digests[0] === digests[1] ? null : new AdminFailure('both nodes have the keys, and their values differ');
}

function* isServed(node: Bytes, slot: number): Script<boolean> {
  const reply = yield { kind: 'ask', node, argv: [bytes('CLUSTER'), bytes('NODES')] };
  return reply !== undefined && !(reply instanceof ErrorReply) && readMembers(textOf(reply), node).some(({ slots }) => slots.has(slot));
}
