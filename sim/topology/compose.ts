/**
 * Imports a Docker Compose file: text in, topology out. Pure, so that the browser and the command line share it.
 *
 * Always holds: the same text gives the same topology (addresses are numbered in the file's order); what cannot be
 * honoured is a `ScenarioError` of one line, `file:line: key: message`; what was inferred or ignored is a warning.
 * Every replica of a service is a container, and so a machine of its own, in `zone-a` unless labelled `faultline.zone`.
 *
 * Source: compose-spec; container names as `docker compose up` gives them, without the project's prefix.
 */
import type { BitnamiRedis } from './bitnamiRedis.ts';
import { PRIMARY_HOST_VARIABLE, PRIMARY_PORT_VARIABLE, checkImage, readBitnamiRedis } from './bitnamiRedis.ts';
import { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { readService } from './composeService.ts';
import type { MachineSpec, ProcessSpec, Topology } from './topology.ts';
import { TOPOLOGY_MACHINES_MAX } from './topology.ts';
import type { YamlMap } from './yamlTree.ts';
import { readYaml } from './yamlTree.ts';

const ZONE = 'zone-a';
const TOP_LEVEL: readonly string[] = ['version', 'name', 'services', 'networks', 'volumes', 'configs', 'secrets'];

interface Node {
  readonly service: ComposeService;
  readonly redis: BitnamiRedis;
}

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
    const directives = [...node.redis.directives, ...followDirective(reader, node, nodes)];
    for (const name of containerNames(node.service)) {
      if (machines.length === TOPOLOGY_MACHINES_MAX) {
        throw reader.error(node.service.line, node.service.path, `more than ${TOPOLOGY_MACHINES_MAX} containers`);
      }
      machines.push({ name, zone: node.service.zone ?? ZONE, address: address(machines.length) });
      processes.push({
        name, kind: 'redis', machine: name, port: node.redis.port, directives,
        aliases: names(node.service, name).filter((alias) => alias !== name),
        restart: node.service.restart, persistentData: node.redis.persistentData,
        origin: `${file}: ${node.service.path}`,
      });
    }
  }
  checkNames(reader, nodes);
  if (processes.length === 0) throw reader.error(tree.line, 'services', 'start no container');
  return { name: file, machines, processes, warnings: reader.warnings };
};

const readNodes = (reader: ComposeReader, tree: YamlMap): readonly Node[] => {
  const unknown: string[] = [];
  for (const [key, entry] of tree.entries) {
    if (key === 'include') throw reader.error(entry.line, key, 'not built yet');
    if (!TOP_LEVEL.includes(key) && !key.startsWith('x-')) unknown.push(key);
  }
  if (unknown.length > 0) reader.warn(tree.line, '(top)', `ignored: ${unknown.join(', ')}`);
  const services = tree.entries.get('services');
  if (services === undefined) throw reader.error(tree.line, 'services', 'is missing');
  const nodes: Node[] = [];
  for (const [name, entry] of reader.map(services, 'services').entries) {
    const service = readService(reader, name, entry);
    checkImage(reader, service.image);
    nodes.push({ service, redis: readBitnamiRedis(reader, service) });
    if (service.replicas === 0) reader.warn(service.line, service.path, 'has no replicas and is not started');
  }
  return nodes;
};

/** A lone container goes by its service's name, several by `service-1`, `service-2`, … */
const containerNames = (service: ComposeService): readonly string[] => {
  if (service.replicas === 1) return [service.containerName?.text ?? service.name];
  return Array.from({ length: service.replicas }, (_, index) => `${service.name}-${index + 1}`);
};

/** Every name by which others reach the container `name`. */
const names = (service: ComposeService, name: string): readonly string[] => {
  const all = [service.name, name, service.containerName?.text, service.hostname?.text, ...service.networkAliases];
  return [...new Set(all.filter((alias) => alias !== undefined))];
};

/** 10.0.0.1 to 10.0.0.254, then 10.0.1.1. */
const address = (index: number): string => `10.0.${Math.floor(index / 254)}.${(index % 254) + 1}`;

const answersTo = (node: Node, host: string): boolean =>
  containerNames(node.service).some((name) => names(node.service, name).includes(host));

const followDirective = (reader: ComposeReader, node: Node, nodes: readonly Node[]): readonly (readonly string[])[] => {
  if (node.redis.role === 'primary') return [];
  const { primary, hostName } = primaryOf(reader, node, nodes);
  checkEndsAtPrimary(reader, node, nodes);
  const port = node.redis.primaryPort;
  if (port !== null && reader.integer(port, 1, 65535) !== primary.redis.port) {
    throw reader.error(port.line, port.key, `says ${port.text}, but ${hostName} listens on ${primary.redis.port}`);
  }
  // The image assumes 6379 where no port is given: a primary elsewhere would never be found.
  if (port === null && primary.redis.port !== 6379) {
    throw reader.error(
      node.service.line, `${node.service.path}.environment.${PRIMARY_PORT_VARIABLE}`,
      `is missing, and ${hostName} listens on ${primary.redis.port}`);
  }
  checkReachable(reader, node, primary);
  return [['replicaof', hostName, String(primary.redis.port)]];
};

interface Followed {
  readonly primary: Node;
  readonly hostName: string;
}

const primaryOf = (reader: ComposeReader, node: Node, nodes: readonly Node[]): Followed => {
  const host = node.redis.primaryHost;
  return host === null ? inferPrimary(reader, node, nodes) : namedPrimary(reader, node, nodes, host);
};

/** Replicas may follow replicas, but somebody at the end of the chain must have the data. */
const checkEndsAtPrimary = (reader: ComposeReader, node: Node, nodes: readonly Node[]): void => {
  let current = node;
  for (let steps = 0; current.redis.role === 'replica'; steps++) {
    if (steps > nodes.length) {
      throw reader.error(
        node.service.line, `${node.service.path}.environment.${PRIMARY_HOST_VARIABLE}`, 'leads in a circle, to no primary');
    }
    current = primaryOf(reader, current, nodes).primary;
  }
};

const inferPrimary = (reader: ComposeReader, node: Node, nodes: readonly Node[]): Followed => {
  const key = `${node.service.path}.environment.${PRIMARY_HOST_VARIABLE}`;
  const primaries = nodes.filter((other) => other.redis.role === 'primary' && other.service.replicas > 0);
  const primary = primaries[0];
  if (primary === undefined) throw reader.error(node.service.line, key, 'is missing, and there is no primary');
  if (primaries.length > 1 || primary.service.replicas > 1) {
    throw reader.error(node.service.line, key, 'is missing, and there is more than one primary');
  }
  const hostName = primary.service.name;
  reader.warn(node.service.line, key, `is missing; taken to be ${hostName}, the only primary`);
  return { primary, hostName };
};

const namedPrimary = (
  reader: ComposeReader, node: Node, nodes: readonly Node[], host: { line: number; key: string; text: string },
): Followed => {
  const primary = nodes.find((other) => answersTo(other, host.text));
  if (primary === undefined) {
    const known = nodes.map((other) => other.service.name).join(', ');
    throw reader.error(host.line, host.key, `'${host.text}' is no service of this file (there are: ${known})`);
  }
  if (primary === node) throw reader.error(host.line, host.key, 'names the service itself');
  const matches = containerNames(primary.service).filter((name) => names(primary.service, name).includes(host.text));
  if (matches.length > 1) {
    throw reader.error(host.line, host.key, `'${host.text}' names ${matches.length} containers`);
  }
  return { primary, hostName: host.text };
};

const checkReachable = (reader: ComposeReader, node: Node, primary: Node): void => {
  const networksOf = ({ service }: Node): readonly string[] =>
    service.networks.length === 0 ? ['default'] : service.networks.map((network) => network.text);
  const theirs = networksOf(primary);
  if (networksOf(node).some((network) => theirs.includes(network))) return;
  const placed = node.service.networks[0];
  throw reader.error(
    placed?.line ?? node.service.line, `${node.service.path}.networks`,
    `shares no network with ${primary.service.name}, its primary`);
};

const checkAgainstEachOther = (reader: ComposeReader, tree: YamlMap, nodes: readonly Node[]): void => {
  const ports = new Map<string, string>();
  for (const { service } of nodes) {
    for (const dependency of service.dependsOn) {
      if (!nodes.some((node) => node.service.name === dependency.text)) {
        throw reader.error(dependency.line, dependency.key, `'${dependency.text}' is no service of this file`);
      }
    }
    for (const port of service.hostPorts) {
      const other = ports.get(port.text);
      if (other !== undefined) throw reader.error(port.line, port.key, `${port.text} is already published by ${other}`);
      ports.set(port.text, service.name);
    }
    for (const volume of service.volumes) {
      if (volume.source !== null) checkDeclared(reader, tree, 'volumes', volume.source, volume.line, service.path);
    }
    for (const network of service.networks) {
      if (network.text !== 'default') {
        checkDeclared(reader, tree, 'networks', network.text, network.line, service.path);
      }
    }
  }
  checkOrder(reader, nodes);
};

const checkDeclared = (
  reader: ComposeReader, tree: YamlMap, section: string, name: string, line: number, path: string,
): void => {
  const declared = tree.entries.get(section)?.value;
  if (declared?.kind === 'map' && declared.entries.has(name)) return;
  throw reader.error(line, `${path}.${section}`, `'${name}' is not declared under the file's ${section}`);
};

/** Compose starts nothing when services wait for each other in a circle. */
const checkOrder = (reader: ComposeReader, nodes: readonly Node[]): void => {
  const started = new Set<string>();
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ service }) => service.dependsOn.every((name) => started.has(name.text)));
    const stuck = waiting[0];
    if (ready.length === 0 && stuck !== undefined) {
      throw reader.error(stuck.service.line, `${stuck.service.path}.depends_on`, 'services wait for each other in a circle');
    }
    for (const { service } of ready) started.add(service.name);
    waiting = waiting.filter((node) => !ready.includes(node));
  }
};

/** Two services must not answer to one name: which of them a client reaches would be chance. */
const checkNames = (reader: ComposeReader, nodes: readonly Node[]): void => {
  const owners = new Map<string, string>();
  for (const { service } of nodes) {
    for (const name of new Set(containerNames(service).flatMap((container) => names(service, container)))) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw reader.error(service.line, service.path, `answers to the name '${name}', and so does services.${owner}`);
      }
      owners.set(name, service.name);
    }
  }
};
