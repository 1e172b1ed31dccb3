/**
 * A placement file: which processes of a topology run on which machines, and which machines stand in which zones. It says what
 * a deployment file leaves open.
 *
 *     machines: { m1: [redis-main, redis-sentinel-1], m2: [redis-replica-1, redis-sentinel-2] }
 *     zones: { zone-a: [m1], zone-b: [m2] }
 *
 * Always holds of the result: everybody is where the file says, the others where they were; a machine has one address, that of
 * the first process that is put on it, and whoever was told another of its processes' addresses is told this one.
 */
import { addressAt } from './addresses.ts';
import { type Placed, placedError } from './placed.ts';
import type { MachineSpec, ProcessSpec, Topology } from './topology.ts';
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
  const moved = withMachines(topology, readLists(tree, 'machines', file), file);
  const placed = withZones(moved, readLists(tree, 'zones', file), file);
  checkPorts(placed, file);
  return placed;
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

const withMachines = (topology: Topology, wanted: Lists, file: string): Topology => {
  const machineOf = new Map(topology.processes.map(({ name, machine }) => [name, machine]));
  for (const [machine, names] of wanted) {
    for (const placed of names) {
      if (!machineOf.has(placed.text)) {
        throw placedError(placed, file, `'${placed.text}' is no process of this deployment (there are: ${namesOf(topology.processes)})`);
      }
      machineOf.set(placed.text, machine);
    }
  }
  const machines = machinesFor(topology, wanted, new Set(machineOf.values()));
  const told = newAddresses(topology, machineOf, machines, wanted, file);
  const processes = topology.processes.map((process): ProcessSpec => withAddresses({
    ...process, machine: machineOf.get(process.name) ?? process.machine,
  }, told));
  return { ...topology, machines, processes };
};

const namesOf = (named: readonly { readonly name: string }[]): string => named.map(({ name }) => name).join(', ');

/** Machines that were there keep their place; new ones follow in the order of the file. */
const machinesFor = (topology: Topology, wanted: Lists, used: ReadonlySet<string>): readonly MachineSpec[] => {
  const kept = topology.machines.filter(({ name }) => used.has(name));
  const created: MachineSpec[] = [];
  const taken = new Set(kept.map(({ address }) => address));
  for (const [name, names] of wanted) {
    if (kept.some((machine) => machine.name === name) || names.length === 0) continue;
    const first = topology.processes.find((process) => process.name === names[0]?.text);
    const old = topology.machines.find((machine) => machine.name === first?.machine);
    const address = old !== undefined && !taken.has(old.address) ? old.address : freeAddress(topology, taken);
    taken.add(address);
    created.push({ name, zone: old?.zone ?? 'zone-a', address });
  }
  return [...kept, ...created];
};

const freeAddress = ({ machines }: Topology, taken: ReadonlySet<string>): string => {
  let index = 0;
  while (taken.has(addressAt(index)) || machines.some(({ address }) => address === addressAt(index))) index++;
  return addressAt(index);
};

/** For each old address of a process that moved, the one where it is now. */
const newAddresses = (
  topology: Topology, machineOf: ReadonlyMap<string, string>, machines: readonly MachineSpec[], wanted: Lists, file: string,
): ReadonlyMap<string, string> => {
  const told = new Map<string, string>();
  const addressOf = (name: string | undefined, all: readonly MachineSpec[]): string | undefined =>
    all.find((machine) => machine.name === name)?.address;
  for (const process of topology.processes) {
    const before = addressOf(process.machine, topology.machines);
    const after = addressOf(machineOf.get(process.name), machines);
    if (before === undefined || after === undefined) continue;
    const other = told.get(before);
    if (other !== undefined && other !== after) {
      const placed = [...wanted.values()].flat().find(({ text }) => text === process.name) ?? { line: 1, key: 'machines' };
      const isTold = topology.processes.some((one) => mentions(one, before));
      if (isTold) {
        throw placedError(
          placed, file, `${before} would be in two places: its processes are named by that address, and must stay together`);
      }
    }
    told.set(before, after);
  }
  return told;
};

const mentions = ({ directives, entrypoint }: ProcessSpec, address: string): boolean =>
  directives.some((words) => words.includes(address))
  || (entrypoint?.ask?.sentinels.some((sentinel) => sentinel.startsWith(`${address}:`)) ?? false);

const withAddresses = (process: ProcessSpec, told: ReadonlyMap<string, string>): ProcessSpec => {
  const directives = process.directives.map((words) => words.map((word) => told.get(word) ?? word));
  const { entrypoint } = process;
  if (entrypoint === undefined || entrypoint.ask === null) return { ...process, directives };
  const sentinels = entrypoint.ask.sentinels.map((sentinel) => {
    const [host = '', port = ''] = sentinel.split(':');
    return `${told.get(host) ?? host}:${port}`;
  });
  return { ...process, directives, entrypoint: { ...entrypoint, ask: { ...entrypoint.ask, sentinels } } };
};

const withZones = (topology: Topology, wanted: Lists, file: string): Topology => {
  const zoneOf = new Map(topology.machines.map(({ name, zone }) => [name, zone]));
  for (const [zone, names] of wanted) {
    for (const placed of names) {
      if (!zoneOf.has(placed.text)) {
        throw placedError(placed, file, `'${placed.text}' is no machine of this deployment (there are: ${namesOf(topology.machines)})`);
      }
      zoneOf.set(placed.text, zone);
    }
  }
  return { ...topology, machines: topology.machines.map((machine) => ({ ...machine, zone: zoneOf.get(machine.name) ?? machine.zone })) };
};

/** A machine has one address: its processes need ports of their own, and nodes of a cluster machines of their own. */
const checkPorts = ({ processes, cluster }: Topology, file: string): void => {
  const ports = new Map<string, string>();
  const nodes = new Map<string, string>();
  for (const { name, machine, port } of processes) {
    const key = `machines.${machine}`;
    const other = ports.get(`${machine}:${port}`);
    if (other !== undefined) {
      throw placedError({ line: 1, key }, file, `${other} and ${name} both listen on ${port}: a machine has one address here`);
    }
    ports.set(`${machine}:${port}`, name);
    if (cluster?.create.includes(name) !== true || cluster.parts !== undefined) continue;
    const node = nodes.get(machine);
    if (node !== undefined) {
      throw placedError({ line: 1, key }, file, `${node} and ${name} are nodes of one cluster: each stands on a machine of its own here`);
    }
    nodes.set(machine, name);
  }
};
