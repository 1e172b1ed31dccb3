/**
 * Imports a Docker Compose file: text in, topology out. Pure, so that the browser and the command line share it.
 *
 * Always holds: the same text gives the same topology (addresses are numbered in the file's order); what cannot be
 * honoured is a `ScenarioError` of one line, `file:line: key: message`; what was inferred or ignored is a warning.
 * Every replica of a service is a container, and so a machine of its own, in `zone-a` unless labelled `faultline.zone`.
 *
 * Source: compose-spec; what the images do with their environment is in `bitnamiRedis.ts`, `bitnamiSentinel.ts`
 * and `bitnamiCluster.ts`.
 */
import { addressAt } from './addresses.ts';
import { checkAgainstEachOther, checkNames } from './composeChecks.ts';
import { clusterOf } from './composeCluster.ts';
import type { ComposeNode } from './composeNode.ts';
import { containerNames, isClusterMember, isDataNode, namesOf, portOf, readNode } from './composeNode.ts';
import { entrypointOf, followDirective } from './composePrimary.ts';
import { ComposeReader } from './composeReader.ts';
import { checkSentinels, watchDirectives } from './composeSentinels.ts';
import { readService } from './composeService.ts';
import type { MachineSpec, ProcessSpec, Topology } from './topology.ts';
import { TOPOLOGY_MACHINES_MAX } from './topology.ts';
import type { YamlMap } from './yamlTree.ts';
import { readYaml } from './yamlTree.ts';

const ZONE = 'zone-a';
const TOP_LEVEL: readonly string[] = ['version', 'name', 'services', 'networks', 'volumes', 'configs', 'secrets'];

/** `file` is the name for messages and for the topology. Throws `ScenarioError`. */
export const importCompose = (text: string, file: string): Topology => {
  const reader = new ComposeReader(file);
  const tree = readYaml(text, file);
  if (tree.kind !== 'map') throw reader.error(tree.line, 'file', 'must be a map with services');
  const nodes = readNodes(reader, tree);
  checkAgainstEachOther(reader, tree, nodes);
  const machines: MachineSpec[] = [];
  const processes: ProcessSpec[] = [];
  for (const node of nodes) {
    const deployed = deploy(reader, node, nodes);
    for (const name of containerNames(node.service)) {
      if (machines.length === TOPOLOGY_MACHINES_MAX) {
        throw reader.error(node.service.line, node.service.path, `more than ${TOPOLOGY_MACHINES_MAX} containers`);
      }
      machines.push({ name, zone: node.service.zone ?? ZONE, address: addressAt(machines.length) });
      processes.push({
        name, machine: name, port: portOf(node), ...deployed,
        aliases: namesOf(node.service, name).filter((alias) => alias !== name),
        restart: node.service.restart, origin: `${file}: ${node.service.path}`,
      });
    }
  }
  checkSentinels(reader, nodes);
  checkNames(reader, nodes);
  if (processes.length === 0) throw reader.error(tree.line, 'services', 'start no container');
  const cluster = clusterOf(reader, nodes);
  return { name: file, machines, processes, ...(cluster === null ? {} : { cluster }), warnings: reader.warnings };
};

const readNodes = (reader: ComposeReader, tree: YamlMap): readonly ComposeNode[] => {
  const unknown: string[] = [];
  for (const [key, entry] of tree.entries) {
    if (key === 'include') throw reader.error(entry.line, key, 'not built yet');
    if (!TOP_LEVEL.includes(key) && !key.startsWith('x-')) unknown.push(key);
  }
  if (unknown.length > 0) reader.warn(tree.line, '(top)', `ignored: ${unknown.join(', ')}`);
  const services = tree.entries.get('services');
  if (services === undefined) throw reader.error(tree.line, 'services', 'is missing');
  const nodes: ComposeNode[] = [];
  for (const [name, entry] of reader.map(services, 'services').entries) {
    const service = readService(reader, name, entry);
    nodes.push(readNode(reader, service));
    if (service.replicas === 0) reader.warn(service.line, service.path, 'has no replicas and is not started');
  }
  return nodes;
};

type Deployed = Pick<ProcessSpec, 'kind' | 'directives' | 'configFile' | 'entrypoint' | 'persistentData'>;

/** What each container of the service runs. */
const deploy = (reader: ComposeReader, node: ComposeNode, nodes: readonly ComposeNode[]): Deployed => {
  if (isClusterMember(node)) {
    // nodes.conf, and what the node rewrote, stay in the container; the entrypoint sets its own directives anew.
    return {
      kind: 'redis', directives: node.cluster.directives, configFile: 'set', persistentData: node.cluster.persistentData,
    };
  }
  if (!isDataNode(node)) {
    return {
      kind: 'sentinel', directives: watchDirectives(reader, node, nodes), configFile: 'kept',
      persistentData: node.sentinel.persistentData,
    };
  }
  const directives = [...node.redis.directives, ...followDirective(reader, node, nodes)];
  const entrypoint = entrypointOf(reader, node, nodes);
  return {
    kind: 'redis', directives,
    // The image's entrypoint sets what the environment says in the container's own file, which outlives the process.
    configFile: 'set', ...(entrypoint === null ? {} : { entrypoint }), persistentData: node.redis.persistentData,
  };
};
