/**
 * The cluster of a Compose file: which containers it is made of, in which order, and with how many replicas each.
 *
 * Always holds: every name in the creator's `REDIS_NODES` is a container that runs a cluster node on the port that is asked for.
 */
import { isLoopback } from './addresses.ts';
import { CLUSTER_PRIMARIES_MIN } from './clusterSetup.ts';
import type { ClusterMember, ClusterTool, ComposeNode } from './composeNode.ts';
import { checkReachable, containerNames, containersAt, isClusterMember } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type { ClusterOrder } from './containers.ts';
import type { ClusterSetup } from './topology.ts';

/** Null where no service runs a cluster node. `tools` are services that run redis-cli to create it. */
export const clusterOf = (
  reader: ComposeReader, nodes: readonly ComposeNode[], tools: readonly ClusterTool[],
): ClusterSetup | null => {
  const members = nodes.filter(isClusterMember);
  const [first] = members;
  if (first === undefined) {
    const [tool] = tools;
    if (tool !== undefined) throw reader.errorAt(tool.order.nodes, 'orders a cluster, but no service runs with cluster-enabled yes');
    return null;
  }
  const orders = [
    ...members.flatMap(({ service, cluster: { creates, port } }) => (creates === null ? [] : [{ service, order: creates, port }])),
    ...tools.map(({ service, order }) => ({ service, order, port: 6379 })),
  ];
  const [creator, second] = orders;
  if (creator === undefined) return unordered(reader, first, members);
  if (second !== undefined) {
    const { service: { line, path } } = second;
    const key = second.order.nodes.key.includes('environment') ? `${path}.environment.REDIS_CLUSTER_CREATOR` : second.order.nodes.key;
    throw reader.error(line, key, `is said by ${creator.service.name} too`);
  }
  const { nodes: named, replicas } = creator.order;
  const create = namedBy(reader, creator, members);
  const primaries = Math.floor(create.length / (replicas + 1));
  if (primaries < CLUSTER_PRIMARIES_MIN) {
    throw reader.errorAt(
      named, `a cluster needs ${CLUSTER_PRIMARIES_MIN} primaries: ${create.length} nodes with ${replicas} replicas each make ${primaries}`);
  }
  const [one = first] = members;
  for (const member of members) checkReachable(reader, member, one, 'a node of its cluster');
  return { create, replicas };
};

/** Bitnami's nodes wait for their creator; those of other images are taken to be made a cluster by hand. */
const unordered = (reader: ComposeReader, first: ClusterMember, members: readonly ClusterMember[]): ClusterSetup => {
  const { service, image } = first;
  if (image.kind === 'bitnamiCluster') {
    throw reader.error(
      service.line, `${service.path}.environment.REDIS_CLUSTER_CREATOR`, 'is said by no service: nobody creates the cluster');
  }
  const create = members.flatMap((member) => containerNames(member.service));
  const replicas = create.length >= CLUSTER_PRIMARIES_MIN * 2 && create.length % 2 === 0 ? 1 : 0;
  if (create.length < CLUSTER_PRIMARIES_MIN) {
    throw reader.error(
      service.line, service.path, `a cluster needs ${CLUSTER_PRIMARIES_MIN} primaries for a majority without one of them, and this file has ${create.length} nodes: redis-cli --cluster create refuses it`);
  }
  reader.warn(service.line, service.path,
    `no service creates the cluster; taken to be created by hand, of all ${create.length} nodes with ${replicas} replicas for each primary`,
  );
  return { create, replicas };
};

interface Creator {
  readonly service: ComposeService;
  readonly order: ClusterOrder;
  /** What a node without a port is asked at. */
  readonly port: number;
}

/** The containers that the creator is told of. */
const namedBy = (
  reader: ComposeReader, { service, order: { nodes }, port: standard }: Creator, members: readonly ClusterMember[],
): readonly string[] => {
  const create: string[] = [];
  const [first] = members;
  const asking = members.find((member) => member.service === service) ?? first;
  for (const word of nodes.text.split(/[ ,;]+/).filter((text) => text !== '')) {
    const [host = '', port = String(standard)] = word.split(':');
    const member = members.find((one) => containersAt(one, host).length > 0)
      ?? members.find((one) => isLoopback(host) && service.place.isOnHost && one.service.place.isOnHost
        && String(one.cluster.port) === port);
    const containers = member === undefined ? [] : isLoopback(host) ? containerNames(member.service) : containersAt(member, host);
    const [container] = containers;
    if (member === undefined || container === undefined) throw reader.errorAt(nodes, `'${host}' is no cluster node of this file`);
    if (containers.length > 1) throw reader.errorAt(nodes, `'${host}' names ${containers.length} containers`);
    if (String(member.cluster.port) !== port) {
      throw reader.errorAt(nodes, `asks ${host} at port ${port}, but it listens on ${member.cluster.port}`);
    }
    if (asking !== undefined && member.cluster.password?.text !== asking.cluster.password?.text) {
      throw reader.errorAt(nodes, `${host} has another password than ${asking.service.name}, which could not ask it`);
    }
    if (create.includes(container)) throw reader.errorAt(nodes, `'${host}' is named twice`);
    create.push(container);
  }
  return create;
};
