/**
 * What the services of a Compose file say about each other, apart from Redis: dependencies, host ports, volumes, networks,
 * names. Compose itself refuses most of this.
 */
import type { ComposeNode } from './composeNode.ts';
import { containerNames, namesOf } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { type ProcessSpec, isClusterNode } from './topology.ts';
import type { YamlMap } from './yamlTree.ts';

/** `services` are all of the file, those that are left out included. */
export const checkAgainstEachOther = (reader: ComposeReader, tree: YamlMap, services: readonly ComposeService[]): void => {
  const ports = new Map<string, string>();
  for (const service of services) {
    for (const dependency of service.dependsOn) {
      if (!services.some(({ name }) => name === dependency.text)) {
        throw reader.errorAt(dependency, `'${dependency.text}' is no service of this file`);
      }
    }
    for (const port of service.hostPorts) {
      const other = ports.get(port.text);
      if (other !== undefined) throw reader.errorAt(port, `${port.text} is already published by ${other}`);
      ports.set(port.text, service.name);
    }
    for (const { volume, line } of service.mounts) {
      if (volume !== null) checkDeclared(reader, tree, 'volumes', volume, line, service.path);
    }
    for (const network of service.networks) {
      if (network.text !== 'default') {
        checkDeclared(reader, tree, 'networks', network.text, network.line, service.path);
      }
    }
  }
  checkOrder(reader, services);
};

const checkDeclared = (
  reader: ComposeReader, tree: YamlMap, section: string, name: string, line: number, path: string,
): void => {
  const declared = tree.entries.get(section)?.value;
  if (declared?.kind === 'map' && declared.entries.has(name)) return;
  throw reader.error(line, `${path}.${section}`, `'${name}' is not declared under the file's ${section}`);
};

/** Compose starts nothing when services wait for each other in a circle. */
const checkOrder = (reader: ComposeReader, services: readonly ComposeService[]): void => {
  const started = new Set<string>();
  let waiting = [...services];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ dependsOn }) => dependsOn.every((name) => started.has(name.text)));
    const stuck = waiting[0];
    if (ready.length === 0 && stuck !== undefined) {
      throw reader.error(stuck.line, `${stuck.path}.depends_on`, 'services wait for each other in a circle');
    }
    for (const { name } of ready) started.add(name);
    waiting = waiting.filter((service) => !ready.includes(service));
  }
};

/** Two services must not answer to one name: which of them a client reaches would be chance. */
export const checkNames = (reader: ComposeReader, nodes: readonly ComposeNode[]): void => {
  const owners = new Map<string, string>();
  for (const { service } of nodes) {
    for (const name of new Set(containerNames(service).flatMap((container) => namesOf(service, container)))) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw reader.error(service.line, service.path, `answers to the name '${name}', and so does services.${owner}`);
      }
      owners.set(name, service.name);
    }
  }
};

/**
 * Sentinels and cluster nodes tell clients addresses. Those of containers lead nowhere from outside, and clients of a run are inside:
 * so no run shows it, and it is no more than a note.
 */
export const announceNotes = (nodes: readonly ComposeNode[], processes: readonly ProcessSpec[]): readonly string[] => {
  const tells = processes.some((process) => process.kind === 'sentinel' || isClusterNode(process));
  const isPublished = nodes.some(({ service }) => service.hostPorts.length > 0);
  const announces = processes.some(({ directives }) => directives.some((words) => words.some((word) => /^(?:(?:replica|slave|cluster)-)?announce-(?:ip|hostname)$/.test(word))));
  return tells && isPublished && !announces ? ['ports are published, and no address is announced: clients outside the containers\' network will be told addresses '
    + 'inside it, and reach nobody (replica-announce-ip, sentinel announce-ip, cluster-announce-ip); this was not run: its clients are inside'] : [];
};
