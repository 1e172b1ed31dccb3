/**
 * Imports a Docker Compose file: text in, topology out. Pure, so that the browser and the command line share it; what the file
 * refers to comes through a reader.
 *
 * Always holds: the same text gives the same topology (addresses are numbered in the file's order); what cannot be
 * honoured is a `ScenarioError` of one line, `file:line: key: message`; what was inferred or ignored is a warning.
 *
 * Source: compose-spec; what the images do is in `officialImage.ts`, `bitnamiRedis.ts`, `bitnamiSentinel.ts` and
 * `bitnamiCluster.ts`.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { announceNotes, checkAgainstEachOther, checkNames } from './composeChecks.ts';
import { clusterOf } from './composeCluster.ts';
import { withExtended } from './composeExtends.ts';
import { type Variables, readVariableLines } from './composeInterpolation.ts';
import { placeContainers, placementNotes } from './composeMachines.ts';
import {
  type ClusterTool, type ComposeNode, containerNames, isClusterMember, isDataNode, namesOf, portOf, readNode,
} from './composeNode.ts';
import { entrypointOf, followDirective } from './composePrimary.ts';
import { ComposeReader } from './composeReader.ts';
import { checkSentinels, watchDirectives } from './composeSentinels.ts';
import { type ComposeService, readService } from './composeService.ts';
import { besideFile } from './placed.ts';
import type { ProcessSpec, ReadText, Topology } from './topology.ts';
import { versionNotes } from './versionNotes.ts';
import { type YamlMap, readYaml } from './yamlTree.ts';

const TOP_LEVEL: readonly string[] = ['version', 'name', 'services', 'networks', 'volumes', 'configs', 'secrets'];

/** `file` is the name for messages and for the topology. Throws `ScenarioError`. */
export const importCompose = (text: string, file: string, read: ReadText): Topology => {
  const reader = new ComposeReader(file, environmentOf(text, file, read));
  const tree = readYaml(text, file);
  if (tree.kind !== 'map') throw reader.error(tree.line, 'file', 'must be a map with services');
  const { nodes, tools } = readNodes(reader, tree, read);
  const { machines, machineOf } = placeContainers(reader, nodes);
  const processes = nodes.flatMap((node) => {
    const deployed = deploy(reader, node, nodes);
    return containerNames(node.service).map((name): ProcessSpec => ({
      name, machine: machineOf.get(name) ?? name, port: portOf(node), ...deployed,
      aliases: namesOf(node.service, name).filter((alias) => alias !== name),
      restart: node.service.restart, origin: `${file}: ${node.service.path}`,
    }));
  });
  checkSentinels(reader, nodes);
  checkNames(reader, nodes);
  if (processes.length === 0) throw reader.error(tree.line, 'services', 'have no container of Redis or Valkey: nothing to run');
  const cluster = clusterOf(reader, nodes, tools);
  return {
    name: file, machines, processes, ...(cluster === null ? {} : { cluster }), warnings: reader.warnings,
    notes: [...versionNotes(nodes.map(({ image }) => image)), ...placementNotes(nodes), ...announceNotes(nodes, processes)],
  };
};

/** What `.env` beside the file says. Most files have none beside them, and do without. */
const environmentOf = (text: string, file: string, read: ReadText): Variables => {
  if (!text.includes('$')) return new Map();
  try {
    return new Map(readVariableLines(read(besideFile(file, '.env'))).map(({ name, value }) => [name, value]));
  } catch (error) {
    if (error instanceof ScenarioError) return new Map();
    throw error;
  }
};

interface ReadServices {
  readonly nodes: readonly ComposeNode[];
  readonly tools: readonly ClusterTool[];
}

const readNodes = (reader: ComposeReader, tree: YamlMap, read: ReadText): ReadServices => {
  const unknown: string[] = [];
  for (const [key, entry] of tree.entries) {
    if (key === 'include') {
      throw reader.error(entry.line, key, "several Compose files are not merged here; give the output of 'docker compose config'");
    }
    if (!TOP_LEVEL.includes(key) && !key.startsWith('x-')) unknown.push(key);
  }
  if (unknown.length > 0) reader.warn(tree.line, '(top)', `ignored: ${unknown.join(', ')}`);
  const services = readServices(reader, tree, read);
  checkAgainstEachOther(reader, tree, services);
  const nodes: ComposeNode[] = [];
  const tools: ClusterTool[] = [];
  for (const service of services) {
    const [profile] = service.profiles;
    if (profile !== undefined) {
      reader.warnAt(profile, `${service.name} belongs to the profile '${profile.text}', and is not started`);
      continue;
    }
    const node = readNode(reader, service, read);
    if (node === null) continue;
    if (service.replicas === 0) reader.warn(service.line, service.path, 'has no replicas and is not started');
    if (node.kind === 'tool') tools.push(node);
    else nodes.push(node);
  }
  return { nodes, tools };
};

const readServices = (reader: ComposeReader, tree: YamlMap, read: ReadText): readonly ComposeService[] => {
  const services = tree.entries.get('services');
  if (services === undefined) throw reader.error(tree.line, 'services', 'is missing');
  return [...reader.map(services, 'services').entries].map(([name, entry]) => {
    if (!/^[A-Za-z0-9._-]{1,63}$/.test(name)) throw reader.error(entry.line, `services.${name}`, 'is not a service name of Compose');
    return readService(reader, tree, name, entry, withExtended(reader, tree, reader.file, name, entry, read), read);
  });
};

type Deployed = Pick<ProcessSpec, 'kind' | 'directives' | 'configFile' | 'entrypoint' | 'persistentData'>;

/** What each container of the service runs. */
const deploy = (reader: ComposeReader, node: ComposeNode, nodes: readonly ComposeNode[]): Deployed => {
  if (isClusterMember(node)) {
    // nodes.conf, and what the node rewrote, stay in the container; the entrypoint sets its own directives anew.
    const { directives, configFile, persistentData } = node.cluster;
    return { kind: 'redis', directives, configFile, persistentData };
  }
  if (!isDataNode(node)) {
    const { configFile, persistentData } = node.sentinel;
    return { kind: 'sentinel', directives: watchDirectives(reader, node, nodes), configFile, persistentData };
  }
  const { configFile, persistentData } = node.redis;
  const directives = [...node.redis.directives, ...followDirective(reader, node, nodes)];
  const entrypoint = entrypointOf(reader, node, nodes);
  return { kind: 'redis', directives, configFile, ...(entrypoint === null ? {} : { entrypoint }), persistentData };
};
