/**
 * Members of a cluster that come and go, as `redis-cli --cluster add-node` and `del-node` do it.
 *
 *   add     the new node: MEET a member; as a replica, once it knows its primary: REPLICATE
 *   remove  first, if asked to, all its slots are moved away; a node that has slots is refused.
 *           replicas of it: REPLICATE another primary; all others: FORGET it; itself: RESET SOFT
 *
 * Source: clusterManagerCommandAddNode and clusterManagerCommandDeleteNode in redis-cli.c of Redis 7.0, read for their behaviour.
 */
import { type Bytes, SLOTS } from '../../engine/index.ts';
import { AdminFailure, type ClusterPicture, type Script, ask, loadCluster, rest, tell } from './clusterAdmin.ts';
import type { ClusterMember } from './clusterMembers.ts';
import { parseServerName } from './redisClient.ts';
import { type MoveOptions, reshard } from './resharder.ts';

/** Between two questions whether the new node is known, and how often that is asked. */
const POLL_MS = 1000;
const POLLS_MAX = 60;

export interface NodeAddition {
  readonly node: Bytes;
  /** Any member. */
  readonly member: Bytes;
  /** Whom it follows, `address:port`; null: it is a primary without slots. */
  readonly follows: Bytes | null;
}

export function* addNode({ node, member, follows }: NodeAddition): Script<string | AdminFailure> {
  const alone = yield* loadCluster(node);
  if (alone instanceof AdminFailure) return alone;
  const isEmpty = alone.members.length === 1 && alone.members[0]?.slots.size === 0;
  if (!isEmpty) return new AdminFailure('the node is not empty: it knows other nodes, or has slots');
  const { host, port } = parseServerName(member);
  const met = yield* ask(node, 'CLUSTER', 'MEET', host, port);
  if (met instanceof AdminFailure) return met;
  yield* tell('met', null, node);
  const id = alone.members[0]?.id ?? '';
  const known = yield* waitUntil(node, ({ members }) => (follows === null ? members.length > 1 : members.some(({ place }) => place === follows)));
  if (known instanceof AdminFailure) return known;
  yield* tell('joined', null, node);
  if (follows === null) return `${id.slice(0, 8)} has joined`;
  const primary = known.members.find(({ place }) => place === follows)?.id ?? '';
  const following = yield* ask(node, 'CLUSTER', 'REPLICATE', primary);
  if (following instanceof AdminFailure) return following;
  yield* tell('follows', null, node);
  return `${id.slice(0, 8)} has joined as a replica of ${primary.slice(0, 8)}`;
}

function* waitUntil(node: Bytes, isSo: (picture: ClusterPicture) => boolean): Script<ClusterPicture | AdminFailure> {
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const picture = yield* loadCluster(node);
    if (!(picture instanceof AdminFailure) && isSo(picture)) return picture;
    yield* rest(POLL_MS);
  }
  return new AdminFailure('the nodes do not come to know each other');
}

export interface NodeRemoval {
  readonly node: Bytes;
  /** Who gets its slots first; null: a node that has slots is refused. */
  readonly to: Bytes | null;
  readonly options: MoveOptions;
}

export function* removeNode({ node, to, options }: NodeRemoval): Script<string | AdminFailure> {
  if (to !== null) {
    const moved = yield* reshard({ from: node, to, slots: SLOTS, options });
    if (moved instanceof AdminFailure) return moved;
    yield* tell('emptied', null, node);
    // It follows whoever got its last slot, and refuses most commands while it loads that one's data.
    yield* waitUntilLoaded(node);
  }
  const picture = yield* loadCluster(node);
  if (picture instanceof AdminFailure) return picture;
  const [leaving, ...others] = picture.members;
  if (leaving === undefined || leaving.slots.size > 0) return new AdminFailure('the node is not empty: its slots must be moved away first');
  for (const other of others) {
    if (other.primaryId === leaving.id) {
      const primary = leastReplicated(others);
      const following = primary === null ? new AdminFailure('no primary is left for its replica')
        : yield* ask(other.place, 'CLUSTER', 'REPLICATE', primary.id);
      if (following instanceof AdminFailure) return following;
    }
    const forgotten = yield* ask(other.place, 'CLUSTER', 'FORGET', leaving.id);
    if (forgotten instanceof AdminFailure) return forgotten;
    yield* tell('forgotten', null, other.place);
    yield* rest(options.pauseMs);
  }
  const reset = yield* ask(node, 'CLUSTER', 'RESET', 'SOFT');
  if (reset instanceof AdminFailure) return reset;
  yield* tell('reset', null, node);
  return `${leaving.id.slice(0, 8)} was forgotten by ${others.length} nodes`;
}

function* waitUntilLoaded(node: Bytes): Script<void> {
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    yield* rest(POLL_MS);
    if (!((yield* ask(node, 'PING')) instanceof AdminFailure)) return;
  }
}

/** The primary with the fewest replicas. */
const leastReplicated = (members: readonly ClusterMember[]): ClusterMember | null => {
  const count = ({ id }: ClusterMember): number => members.filter(({ primaryId }) => primaryId === id).length;
  let least: ClusterMember | null = null;
  for (const member of members) {
    if (member.isPrimary && (least === null || count(member) < count(least))) least = member;
  }
  return least;
};
