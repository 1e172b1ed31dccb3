/**
 * A placement file: which processes of a topology run on which machines, and which machines stand in which zones. It says what
 * a deployment file leaves open.
 *
 *     machines: { m1: [redis-main, redis-sentinel-1], m2: [redis-replica-1, redis-sentinel-2] }
 *     zones: { zone-a: [m1], zone-b: [m2] }
 *
 * Always holds of the result: everybody is where the file says, the others where they were, and everybody's address is what it was: a
 * container has its own, whatever computer it runs on.
 */
import { type Placed, placedError } from './placed.ts';
import type { Topology } from './topology.ts';
import { type YamlMap, type YamlValue, readYaml } from './yamlTree.ts';

const NAME = /^[A-Za-z0-9._-]{1,63}$/;
const SECTIONS: readonly string[] = ['machines', 'zones'];

/** Names under a name, each with its place. */
type Lists = ReadonlyMap<string, readonly Placed[]>;

/** `file` is the placement file's name, for messages. Throws `ScenarioError`. */
export const applyPlacement = (topology: Topology, text: string, file: string): Topology => {
  const tree = readYaml(text, file);
  if (tree.kind !== 'map') throw placedError({ line: tree.line, key: 'file' }, file, 'must be a map with machines and zones');
  for (const [key, { line }] of tree.entries) {
    if (!SECTIONS.includes(key)) throw placedError({ line, key }, file, `is not known; a placement has ${SECTIONS.join(' and ')}`);
  }
  return withZones(withMachines(topology, readLists(tree, 'machines', file), file), readLists(tree, 'zones', file), file);
};

/** The name of a machine may be a number or a word; a process stands in one list at most. */
const readLists = (tree: YamlMap, section: string, file: string): Lists => {
  const entry = tree.entries.get(section);
  if (entry === undefined) return new Map();
  if (entry.value.kind !== 'map') throw placedError({ line: entry.line, key: section }, file, 'must be a map of lists');
  const seen = new Map<string, string>();
  const lists = new Map<string, readonly Placed[]>();
  for (const [name, { line, value }] of entry.value.entries) {
    const key = `${section}.${name}`;
    if (!NAME.test(name)) throw placedError({ line, key }, file, `'${name}' is not a name`);
    const items: readonly YamlValue[] = value.kind === 'list' ? value.items : [value];
    lists.set(name, items.map((item) => {
      if (item.kind !== 'scalar' || item.value === null) throw placedError({ line: item.line, key }, file, 'must be a list of names');
      const text = String(item.value);
      const other = seen.get(text);
      if (other !== undefined) throw placedError({ line: item.line, key }, file, `'${text}' is in ${section}.${other} already`);
      seen.set(text, name);
      return { file, line: item.line, key, text };
    }));
  }
  return lists;
};

/** Containers keep their addresses; what they share is the computer, and its power. */
const withMachines = (topology: Topology, wanted: Lists, file: string): Topology => {
  const hostOf = new Map<string, Placed & { readonly process: string }>();
  for (const [host, names] of wanted) {
    for (const placed of names) {
      const process = topology.processes.find(({ name }) => name === placed.text);
      if (process === undefined) {
        throw placedError(placed, file, `'${placed.text}' is no process of this deployment (there are: ${namesOf(topology.processes)})`);
      }
      const other = hostOf.get(process.machine);
      if (other !== undefined && other.text !== host) {
        throw placedError(placed, file, `${other.process} and ${process.name} share a pod or an address: they cannot be on two machines`);
      }
      hostOf.set(process.machine, { ...placed, text: host, process: process.name });
    }
  }
  return { ...topology, machines: topology.machines.map((machine) => {
    const host = hostOf.get(machine.name)?.text;
    return host === undefined || host === machine.name ? machine : { ...machine, host };
  }) };
};

const namesOf = (named: readonly { readonly name: string }[]): string => named.map(({ name }) => name).join(', ');

/** A zone lists computers: the hosts of the same file, or machines that share theirs with nobody. */
const withZones = (topology: Topology, wanted: Lists, file: string): Topology => {
  const zoneOf = new Map(topology.machines.map(({ name, host = name, zone }) => [host, zone]));
  for (const [zone, names] of wanted) {
    for (const placed of names) {
      if (!zoneOf.has(placed.text)) {
        throw placedError(placed, file, `'${placed.text}' is no machine of this deployment (there are: ${[...zoneOf.keys()].join(', ')})`);
      }
      zoneOf.set(placed.text, zone);
    }
  }
  return { ...topology, machines: topology.machines.map((machine) => ({ ...machine, zone: zoneOf.get(machine.host ?? machine.name) ?? machine.zone })) };
};
