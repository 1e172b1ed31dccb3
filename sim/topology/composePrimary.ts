/**
 * Who follows whom in a Compose file: every replica, and every sentinel, has one primary in the end, by name or because
 * there is only one.
 *
 * Always holds: what contradicts itself (a circle, a wrong port, a password that the primary would refuse) is an error
 * here rather than a deployment that never works.
 */
import { PORT_MAX } from './bitnamiVariables.ts';
import type { ComposeNode, DataNode, SentinelNode } from './composeNode.ts';
import { checkReachable, containerNames, containersAt, isDataNode, isSentinelNode, nodeAt } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { KeysOfPrimary, Watch } from './containers.ts';
import type { Placed } from './placed.ts';
import type { Entrypoint } from './topology.ts';

/** The data node that another one names, and by which name. */
export interface Followed {
  readonly primary: DataNode;
  readonly hostName: string;
}

/** `replicaof` for a replica, nothing for a primary. */
export const followDirective = (
  reader: ComposeReader, node: DataNode, nodes: readonly ComposeNode[],
): readonly (readonly string[])[] => {
  if (node.redis.role === 'primary') return [];
  const { primary, hostName } = followedBy(reader, node, nodes);
  checkEndsAtPrimary(reader, node, nodes);
  checkPort(reader, node.redis.keys, node.redis.primaryPort, { primary, hostName });
  checkPassword(reader, node.redis.keys, node.redis.primaryPassword, primary);
  checkReachable(reader, node, primary, 'its primary');
  return [['replicaof', hostName, String(primary.redis.port)]];
};

/** What the image does before it starts a replica; null for a primary. */
export const entrypointOf = (reader: ComposeReader, node: DataNode, nodes: readonly ComposeNode[]): Entrypoint | null => {
  if (node.redis.role === 'primary') return null;
  const { sentinel, waitForPrimaryMs } = node.redis;
  if (sentinel === null) return waitForPrimaryMs === 0 ? null : { ask: null, waitForPrimaryMs };
  const asked = askedSentinels(reader, node, nodes);
  return {
    ask: {
      primaryName: sentinel.primaryName.text,
      sentinels: containersAt(asked, sentinel.host.text).map((name) => `${name}:${asked.sentinel.port}`),
      // The image's question carries no password.
      password: null, tries: 1, pauseMs: 0, otherwise: 'exit',
    },
    waitForPrimaryMs,
  };
};

/** The sentinels that a replica asks, found and checked. */
const askedSentinels = (reader: ComposeReader, node: DataNode, nodes: readonly ComposeNode[]): SentinelNode => {
  const { sentinel, primaryHost } = node.redis;
  if (sentinel === null) throw reader.error(node.service.line, node.service.path, 'asks no sentinel');
  const { host, port, primaryName } = sentinel;
  const asked = nodeAt(reader, node.service, nodes, host, port);
  if (!isSentinelNode(asked)) throw reader.errorAt(host, `'${host.text}' is not a sentinel`);
  if (asked.sentinel.port !== port) {
    throw reader.errorAt(host, `is asked at port ${port}, but ${host.text} listens on ${asked.sentinel.port}`);
  }
  if (!asked.sentinel.watches.some(({ name }) => name.text === primaryName.text)) {
    const names = asked.sentinel.watches.map(({ name }) => name.text).join(', ');
    throw reader.errorAt(primaryName, `says ${primaryName.text}, but ${host.text} watches ${names}`);
  }
  if (asked.sentinel.password !== null) {
    throw reader.errorAt(host, `${host.text} wants a password, and the image asks without one`);
  }
  if (primaryHost !== null) {
    reader.warnAt(primaryHost, 'counts at the first start only: later the image asks the sentinel');
  }
  checkReachable(reader, node, asked, 'the sentinel that it asks');
  return asked;
};

/** What a replica names as its primary, or the sentinels that it asks do, or is left when nobody says. */
const followedBy = (reader: ComposeReader, node: DataNode, nodes: readonly ComposeNode[]): Followed => {
  const { primaryHost, primaryPort, sentinel, keys } = node.redis;
  if (primaryHost !== null) return namedPrimary(reader, node, nodes, primaryHost, primaryPort);
  if (sentinel === null) return inferPrimary(reader, keys, nodes);
  const asked = askedSentinels(reader, node, nodes);
  const watch = asked.sentinel.watches.find(({ name }) => name.text === sentinel.primaryName.text);
  return watch === undefined ? inferPrimary(reader, keys, nodes) : watchedFirst(reader, asked, watch, nodes);
};

/** Whom a sentinel is told to watch. */
export const watchedFirst = (reader: ComposeReader, node: SentinelNode, watch: Watch, nodes: readonly ComposeNode[]): Followed => (
  watch.host === null ? inferPrimary(reader, node.sentinel.keys, nodes) : namedPrimary(reader, node, nodes, watch.host, watch.port));

/** Replicas may follow replicas, but somebody at the end of the chain must have the data. */
const checkEndsAtPrimary = (reader: ComposeReader, node: DataNode, nodes: readonly ComposeNode[]): void => {
  let current = node;
  for (let steps = 0; current.redis.role === 'replica'; steps++) {
    if (steps > nodes.length) {
      throw reader.errorAt(node.redis.primaryHost ?? node.redis.keys.host, 'leads in a circle, to no primary');
    }
    current = followedBy(reader, current, nodes).primary;
  }
};

const inferPrimary = (
  reader: ComposeReader, { host: place }: KeysOfPrimary, nodes: readonly ComposeNode[],
): Followed => {
  const primaries = nodes.filter(isDataNode).filter((other) => other.redis.role === 'primary' && other.service.replicas > 0);
  const primary = primaries[0];
  if (primary === undefined) throw reader.errorAt(place, 'is missing, and there is no primary');
  if (primaries.length > 1 || primary.service.replicas > 1) {
    throw reader.errorAt(place, 'is missing, and there is more than one primary');
  }
  const hostName = primary.service.name;
  reader.warnAt(place, `is missing; taken to be ${hostName}, the only primary`);
  return { primary, hostName };
};

const namedPrimary = (
  reader: ComposeReader, node: ComposeNode, nodes: readonly ComposeNode[], host: Placed, port: Placed | null,
): Followed => {
  const primary = nodeAt(reader, node.service, nodes, host, port === null ? null : Number(port.text));
  if (!isDataNode(primary)) {
    throw reader.errorAt(
      host, `'${host.text}' is ${primary.kind === 'sentinel' ? 'a sentinel, which has no data' : 'a node of a cluster'}`);
  }
  const matches = containersAt(primary, host.text);
  if (matches.length > 1) {
    throw reader.errorAt(host, `'${host.text}' names ${matches.length} containers`);
  }
  return { primary, hostName: host.text };
};

export const checkPort = (reader: ComposeReader, keys: KeysOfPrimary, port: Placed | null, followed: Followed): void => {
  const { primary, hostName } = followed;
  if (port !== null && reader.integer(port, 1, PORT_MAX) !== primary.redis.port) {
    throw reader.errorAt(port, `says ${port.text}, but ${hostName} listens on ${primary.redis.port}`);
  }
  // The image assumes 6379 where no port is given: a primary elsewhere would never be found.
  if (port === null && primary.redis.port !== 6379) {
    throw reader.errorAt(keys.port, `is missing, and ${hostName} listens on ${primary.redis.port}`);
  }
};

/** `password` is what the node says to the primary. */
export const checkPassword = (reader: ComposeReader, keys: KeysOfPrimary, password: Placed | null, primary: DataNode): void => {
  const wanted = primary.redis.password;
  const place = password ?? keys.password;
  const name = containerNames(primary.service)[0] ?? primary.service.name;
  if (wanted !== null && password === null) throw reader.errorAt(place, `is missing, and ${name} wants a password`);
  if (wanted !== null && password?.text !== wanted.text) throw reader.errorAt(place, `is not the password of ${name}`);
  if (wanted === null && password !== null) throw reader.errorAt(place, `is given, but ${name} has no password`);
};
