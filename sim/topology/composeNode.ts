/**
 * The services of a Compose file as nodes of a deployment, and by which names they reach each other.
 *
 * Source: compose-spec; container names as `docker compose up` gives them, without the project's prefix.
 */
import type { BitnamiCluster } from './bitnamiCluster.ts';
import { readBitnamiCluster } from './bitnamiCluster.ts';
import type { BitnamiRedis } from './bitnamiRedis.ts';
import { readBitnamiRedis } from './bitnamiRedis.ts';
import type { BitnamiSentinel } from './bitnamiSentinel.ts';
import { readBitnamiSentinel } from './bitnamiSentinel.ts';
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';

export interface DataNode {
  readonly kind: 'redis';
  readonly service: ComposeService;
  readonly redis: BitnamiRedis;
}

export interface SentinelNode {
  readonly kind: 'sentinel';
  readonly service: ComposeService;
  readonly sentinel: BitnamiSentinel;
}

/** A node of a cluster. */
export interface ClusterMember {
  readonly kind: 'cluster';
  readonly service: ComposeService;
  readonly cluster: BitnamiCluster;
}

/** One service; each of its containers is a machine of its own. */
export type ComposeNode = DataNode | SentinelNode | ClusterMember;

/** Throws `ScenarioError` unless the service's image is one that this importer knows. */
export const readNode = (reader: ComposeReader, service: ComposeService): ComposeNode => {
  const { image } = service;
  const name = image.text.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[\w.-]+$/, '');
  const path = name.split('/').slice(-2).join('/');
  if (/^bitnami(?:legacy|secure)?\/(?:redis|valkey)$/.test(path)) {
    return { kind: 'redis', service, redis: readBitnamiRedis(reader, service) };
  }
  if (/^bitnami(?:legacy|secure)?\/(?:redis|valkey)-sentinel$/.test(path)) {
    return { kind: 'sentinel', service, sentinel: readBitnamiSentinel(reader, service) };
  }
  if (/^bitnami(?:legacy|secure)?\/(?:redis|valkey)-cluster$/.test(path)) {
    return { kind: 'cluster', service, cluster: readBitnamiCluster(reader, service) };
  }
  throw reader.error(
    image.line, image.key, `'${image.text}' is not known; this importer knows bitnami/redis, bitnami/redis-sentinel and bitnami/redis-cluster`);
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
  containerNames(service).filter((name) => namesOf(service, name).includes(host));

/** The node that a variable names. Throws `ScenarioError` where there is none, or it is the asking one. */
export const nodeAt = (
  reader: ComposeReader, asking: ComposeNode, nodes: readonly ComposeNode[], host: Placed,
): ComposeNode => {
  const found = nodes.find((other) => containersAt(other, host.text).length > 0);
  if (found === undefined) {
    const known = nodes.map((other) => other.service.name).join(', ');
    throw reader.error(host.line, host.key, `'${host.text}' is no service of this file (there are: ${known})`);
  }
  if (found === asking) throw reader.error(host.line, host.key, 'names the service itself');
  return found;
};

/** Whom they must reach stands in a network with them. `role` says in a message what the other is. */
export const checkReachable = (reader: ComposeReader, node: ComposeNode, other: ComposeNode, role: string): void => {
  const networksOf = ({ service }: ComposeNode): readonly string[] =>
    service.networks.length === 0 ? ['default'] : service.networks.map((network) => network.text);
  const theirs = networksOf(other);
  if (networksOf(node).some((network) => theirs.includes(network))) return;
  const placed = node.service.networks[0];
  throw reader.error(
    placed?.line ?? node.service.line, `${node.service.path}.networks`, `shares no network with ${other.service.name}, ${role}`);
};
