/**
 * The services of a Compose file as nodes of a deployment, and by which names they reach each other.
 *
 * Source: compose-spec; container names as `docker compose up` gives them, without the project's prefix.
 */
import { readBitnamiCluster } from './bitnamiCluster.ts';
import { readBitnamiRedis } from './bitnamiRedis.ts';
import { readBitnamiSentinel } from './bitnamiSentinel.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type { ClusterContainer, ClusterOrder, DataContainer, SentinelContainer } from './containers.ts';
import { isLoopback } from './addresses.ts';
import { type KnownImage, isLikeRedis, knownImage } from './images.ts';
import { readOfficialImage } from './officialImage.ts';
import type { Placed } from './placed.ts';
import type { ReadText } from './topology.ts';

export interface DataNode {
  readonly kind: 'redis';
  readonly service: ComposeService;
  readonly image: KnownImage;
  readonly redis: DataContainer;
}

export interface SentinelNode {
  readonly kind: 'sentinel';
  readonly service: ComposeService;
  readonly image: KnownImage;
  readonly sentinel: SentinelContainer;
}

/** A node of a cluster. */
export interface ClusterMember {
  readonly kind: 'cluster';
  readonly service: ComposeService;
  readonly image: KnownImage;
  readonly cluster: ClusterContainer;
}

/** One service; each of its containers is a machine of its own, unless the file places it. */
export type ComposeNode = DataNode | SentinelNode | ClusterMember;

/** A service that is no node, but orders a cluster to be created. */
export interface ClusterTool {
  readonly kind: 'tool';
  readonly service: ComposeService;
  readonly order: ClusterOrder;
}

/** Null: the service is none of ours, and was noted. Throws `ScenarioError` for one that would have to be a node. */
export const readNode = (reader: ComposeReader, service: ComposeService, read: ReadText): ComposeNode | ClusterTool | null => {
  const { image: placed, build } = service;
  const image = placed === null ? null : knownImage(placed.text);
  if (placed !== null && image === null && build === null && isLikeRedis(placed.text)) {
    throw reader.errorAt(placed, `'${placed.text}' is not known; this importer knows redis, valkey/valkey, and bitnami/redis, `
      + 'redis-sentinel and redis-cluster with their valkey namesakes');
  }
  if (build !== null && (image !== null || (placed !== null && isLikeRedis(placed.text)))) {
    throw reader.errorAt(build, 'is built from sources: what it runs is not in this file');
  }
  if (image === null) {
    const what = placed === null ? 'is built from sources' : `runs ${placed.text}`;
    reader.warn(service.line, service.path, `${what}, and is left out`);
    return null;
  }
  switch (image.kind) {
    case 'bitnami': return { kind: 'redis', service, image, redis: readBitnamiRedis(reader, service, read) };
    case 'bitnamiSentinel': return { kind: 'sentinel', service, image, sentinel: readBitnamiSentinel(reader, service, read) };
    case 'bitnamiCluster': return { kind: 'cluster', service, image, cluster: readBitnamiCluster(reader, service, read) };
    case 'official': {
      const container = readOfficialImage(reader, service, image, read);
      if (container.kind !== 'tool') return { service, image, ...container };
      if (container.order !== null) return { kind: 'tool', service, order: container.order };
      reader.warn(service.line, service.path, 'runs redis-cli, and is left out');
      return null;
    }
  }
};

export const isDataNode = (node: ComposeNode): node is DataNode => node.kind === 'redis';

export const isSentinelNode = (node: ComposeNode): node is SentinelNode => node.kind === 'sentinel';

export const isClusterMember = (node: ComposeNode): node is ClusterMember => node.kind === 'cluster';

export const portOf = (node: ComposeNode): number => {
  switch (node.kind) {
    case 'redis': return node.redis.port;
    case 'sentinel': return node.sentinel.port;
    case 'cluster': return node.cluster.port;
  }
};

/** A lone container goes by its service's name, several by `service-1`, `service-2`, … */
export const containerNames = (service: ComposeService): readonly string[] => {
  if (service.replicas === 1) return [service.containerName?.text ?? service.name];
  return Array.from({ length: service.replicas }, (_, index) => `${service.name}-${index + 1}`);
};

/** Every name by which others reach the container `name`. */
export const namesOf = (service: ComposeService, name: string): readonly string[] => {
  const all = [service.name, name, service.containerName?.text, service.hostname?.text, ...service.networkAliases];
  return [...new Set(all.filter((alias) => alias !== undefined))];
};

/** The containers of the service that answer to `host`. */
export const containersAt = ({ service }: ComposeNode, host: string): readonly string[] =>
  containerNames(service).filter((name) => namesOf(service, name).includes(host)
    || service.addresses.some(({ text }) => text === host));

/** With the host's network a container is found at the loopback, by its port. */
const isAtHost = (asking: ComposeService, other: ComposeNode, host: string, port: number | null): boolean =>
  asking.place.isOnHost && other.service.place.isOnHost && isLoopback(host) && port === portOf(other);

/**
 * The node that a variable names; `port` is asked for where several share an address. Throws `ScenarioError` where there is
 * none, or it is the asking one.
 */
export const nodeAt = (
  reader: ComposeReader, asking: ComposeService, nodes: readonly ComposeNode[], host: Placed, port: number | null,
): ComposeNode => {
  const found = nodes.find((other) => containersAt(other, host.text).length > 0 || isAtHost(asking, other, host.text, port));
  if (found === undefined) {
    const known = nodes.map((other) => other.service.name).join(', ');
    throw reader.errorAt(host, isLoopback(host.text) ? `'${host.text}' is the container itself`
      : `'${host.text}' is no service of this file (there are: ${known})`);
  }
  if (found.service === asking) throw reader.errorAt(host, 'names the service itself');
  return found;
};

/** Whom they must reach stands in a network with them. `role` says in a message what the other is. */
export const checkReachable = (reader: ComposeReader, node: ComposeNode, other: ComposeNode, role: string): void => {
  const networksOf = ({ service }: ComposeNode): readonly string[] =>
    (service.place.isOnHost ? ['the host'] : service.networks.length === 0 ? ['default'] : service.networks.map((network) => network.text));
  if (other.kind === 'redis' && other.redis.unreachable !== null) {
    throw reader.errorAt(
      other.redis.unreachable, `${other.service.name} ${other.redis.unreachable.text}, and ${node.service.name} could not connect to it`);
  }
  if (node.service.place.beside !== null || other.service.place.beside !== null) return;
  const theirs = networksOf(other);
  if (networksOf(node).some((network) => theirs.includes(network))) return;
  const placed = node.service.networks[0];
  throw reader.error(
    placed?.line ?? node.service.line, `${node.service.path}.networks`, `shares no network with ${other.service.name}, ${role}`);
};
