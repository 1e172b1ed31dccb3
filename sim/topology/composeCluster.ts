/**
 * The cluster of a Compose file: which containers it is made of, in which order, and with how many replicas each.
 *
 * Always holds: every name in the creator's `REDIS_NODES` is a container that runs a cluster node on the port that is asked for.
 */
import { CLUSTER_PRIMARIES_MIN } from './clusterSetup.ts';
import type { ClusterMember, ComposeNode } from './composeNode.ts';
import { checkReachable, containersAt, isClusterMember } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ClusterSetup } from './topology.ts';

/** Null where no service runs a cluster node. */
export const clusterOf = (reader: ComposeReader, nodes: readonly ComposeNode[]): ClusterSetup | null => {
  const members = nodes.filter(isClusterMember);
  const [first] = members;
  if (first === undefined) return null;
  const [creator, second] = members.filter(({ cluster }) => cluster.createsWith !== null);
  if (creator === undefined) {
    throw reader.error(
      first.service.line, `${first.service.path}.environment.REDIS_CLUSTER_CREATOR`, 'is said by no service: nobody creates the cluster');
  }
  if (second !== undefined) {
    throw reader.error(
      second.service.line, `${second.service.path}.environment.REDIS_CLUSTER_CREATOR`, `is said by ${creator.service.name} too`);
  }
  const replicas = creator.cluster.createsWith ?? 0;
  const create = namedBy(reader, creator, members);
  const { nodes: named } = creator.cluster;
  const primaries = Math.floor(create.length / (replicas + 1));
  if (primaries < CLUSTER_PRIMARIES_MIN) {
    throw reader.error(
      named.line, named.key, `a cluster needs ${CLUSTER_PRIMARIES_MIN} primaries: ${create.length} nodes with ${replicas} replicas each make ${primaries}`);
  }
  for (const member of members) checkReachable(reader, member, creator, 'which creates the cluster');
  return { create, replicas };
};

/** The containers that the creator is told of. */
const namedBy = (reader: ComposeReader, creator: ClusterMember, members: readonly ClusterMember[]): readonly string[] => {
  const { nodes } = creator.cluster;
  const create: string[] = [];
  for (const word of nodes.text.split(/[ ,;]+/).filter((text) => text !== '')) {
    const [host = '', port = String(creator.cluster.port)] = word.split(':');
    const member = members.find((one) => containersAt(one, host).length > 0);
    const containers = member === undefined ? [] : containersAt(member, host);
    const [container] = containers;
    if (member === undefined || container === undefined) {
      throw reader.error(nodes.line, nodes.key, `'${host}' is no cluster node of this file`);
    }
    if (containers.length > 1) throw reader.error(nodes.line, nodes.key, `'${host}' names ${containers.length} containers`);
    if (String(member.cluster.port) !== port) {
      throw reader.error(nodes.line, nodes.key, `asks ${host} at port ${port}, but it listens on ${member.cluster.port}`);
    }
    if (member.cluster.password?.text !== creator.cluster.password?.text) {
      throw reader.error(nodes.line, nodes.key, `${host} has another password than ${creator.service.name}, which could not ask it`);
    }
    if (create.includes(container)) throw reader.error(nodes.line, nodes.key, `'${host}' is named twice`);
    create.push(container);
  }
  return create;
};
