/**
 * What the services of a Compose file say about each other, apart from Redis: dependencies, host ports, volumes, networks,
 * names. Compose itself refuses most of this.
 */
import type { ComposeNode } from './composeNode.ts';
import { containerNames, namesOf } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { YamlMap } from './yamlTree.ts';

export const checkAgainstEachOther = (reader: ComposeReader, tree: YamlMap, nodes: readonly ComposeNode[]): void => {
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
const checkOrder = (reader: ComposeReader, nodes: readonly ComposeNode[]): void => {
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
