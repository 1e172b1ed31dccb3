/**
 * What a node tells clients of its cluster: CLUSTER INFO, SLOTS, SHARDS, LINKS.
 * Source: clusterGenInfoString, clusterReplyMultiBulkSlots, clusterReplyShards, addReplyClusterLinksDescription in cluster.c of
 * Redis 7.0, and the replies of 7.0.15.
 */
import { EMPTY, bytes } from '../core/bytes.ts';
import { MapReply, type Reply, VerbatimReply } from '../protocol/reply.ts';
import { shardRole } from '../protocol/wireNames.ts';
import type { BusLink } from './busLink.ts';
import { MESSAGE_TYPES } from './busMessage.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { preferredEndpoint } from './redirect.ts';

/** Text for people: verbatim where the protocol has it. */
export const asText = (text: string): Reply => new VerbatimReply('txt', bytes(text));

/** `name:value` lines of the messages that were ever counted, then their sum. */
const messageLines = (counts: readonly number[], direction: 'sent' | 'received'): readonly string[] => [
  ...MESSAGE_TYPES.flatMap((type, index) =>
    ((counts[index] ?? 0) === 0 ? [] : [`cluster_stats_messages_${type}_${direction}:${counts[index] ?? 0}`])),
  `cluster_stats_messages_${direction}:${counts.reduce((sum, count) => sum + count, 0)}`,
];

export const clusterInfo = (state: ClusterState): Reply => {
  const { myself } = state;
  let [assigned, ok, pfail, fail] = [0, 0, 0, 0];
  for (const { slots: { count }, isFail, isPfail } of state.allNodes) {
    assigned += count;
    if (isFail) fail += count;
    else if (isPfail) pfail += count;
    else ok += count;
  }
  const epochOwner = !myself.isPrimary && myself.primary !== null ? myself.primary : myself;
  const lines = [
    `cluster_state:${state.isOk ? 'ok' : 'fail'}`, `cluster_slots_assigned:${assigned}`, `cluster_slots_ok:${ok}`,
    `cluster_slots_pfail:${pfail}`, `cluster_slots_fail:${fail}`, `cluster_known_nodes:${state.nodes.size}`,
    `cluster_size:${state.size}`, `cluster_current_epoch:${state.currentEpoch}`, `cluster_my_epoch:${epochOwner.configEpoch}`,
    ...messageLines(state.sent, 'sent'), ...messageLines(state.received, 'received'),
    `total_cluster_links_buffer_limit_exceeded:${state.linksOverLimit}`,
  ];
  return asText(lines.map((line) => `${line}\r\n`).join(''));
};

/** A node in CLUSTER SLOTS: where to go, and what else is known of where it is. */
const slotsNode = (state: ClusterState, node: ClusterNode): Reply => {
  const preferred = state.services.settings.text('cluster-preferred-endpoint-type') as string;
  const others: (readonly [Reply, Reply])[] = [];
  if (preferred !== 'ip') others.push([bytes('ip'), node.ip]);
  if (preferred !== 'hostname' && node.hostname !== EMPTY) others.push([bytes('hostname'), node.hostname]);
  // Null: the client is to go on with the address that it used.
  const endpoint = preferred === 'unknown-endpoint' ? null : bytes(preferredEndpoint(state, node));
  return [endpoint, node.port, node.name, new MapReply(others)];
};

const offsetOf = (state: ClusterState, node: ClusterNode): number => (node.isMyself ? state.services.offset() : node.offset);

/** Clients may be sent to it: it lives, and has begun to copy its primary. */
const isAvailable = (state: ClusterState, node: ClusterNode): boolean => !node.isFail && offsetOf(state, node) !== 0;

/** A row for each range of neighbours with one owner. */
export const clusterSlots = (state: ClusterState): Reply => state.ownedRanges.map(({ first, last, owner }) => {
  const replicas = owner.replicas.filter((replica) => isAvailable(state, replica));
  return [first, last, ...[owner, ...replicas].map((node) => slotsNode(state, node))];
});

const healthOf = (state: ClusterState, node: ClusterNode): string => {
  if (node.isFail) return 'fail';
  return !node.isPrimary && offsetOf(state, node) === 0 ? 'loading' : 'online';
};

const shardNode = (state: ClusterState, node: ClusterNode): Reply => {
  const entries: (readonly [string, Reply])[] = [['id', node.name]];
  if (node.port !== 0) entries.push(['port', node.port]);
  entries.push(['ip', node.ip], ['endpoint', bytes(preferredEndpoint(state, node))]);
  if (node.hostname !== EMPTY) entries.push(['hostname', node.hostname]);
  entries.push(['role', bytes(shardRole(node.role))], ['replication-offset', offsetOf(state, node)],
    ['health', bytes(healthOf(state, node))]);
  return new MapReply(entries.map(([name, value]) => [bytes(name), value]));
};

/** A map for each primary, with or without slots: its ranges, and the nodes that have them. */
export const clusterShards = (state: ClusterState): Reply =>
  [...state.nodes.values()].filter((node) => node.isPrimary).map((primary) => new MapReply([
    [bytes('slots'), [...primary.slots.ranges()].flat()],
    [bytes('nodes'), [primary, ...primary.replicas].map((node) => shardNode(state, node))],
  ]));

const linkReply = (direction: 'to' | 'from', node: ClusterNode, link: BusLink): Reply => {
  // What the connection took is the Host's; until it is open it is written to as soon as that is so.
  const events = link.isOpen ? link.queuedBytes > 0 ? 'rw' : 'r' : 'w';
  return new MapReply([
    [bytes('direction'), bytes(direction)], [bytes('node'), node.name], [bytes('create-time'), link.createdMs],
    [bytes('events'), bytes(events)], [bytes('send-buffer-allocated'), link.queuedBytes], [bytes('send-buffer-used'), link.queuedBytes],
  ]);
};

/** Of each other node the connection that we opened, and the one that it opened. */
export const clusterLinks = (state: ClusterState): Reply => {
  const links: Reply[] = [];
  for (const node of state.nodes.values()) {
    if (node.link !== null) links.push(linkReply('to', node, node.link));
    if (node.inboundLink !== null) links.push(linkReply('from', node, node.inboundLink));
  }
  return links;
};
