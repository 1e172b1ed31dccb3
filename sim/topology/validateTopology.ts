/**
 * A topology from a stranger's JSON, checked and bounded before anything runs from it.
 *
 * Always holds of the result: names are distinct, addresses are distinct IPv4 addresses, every process has its machine.
 */
import { SLOTS, isBytes } from '../../engine/index.ts';
import { isAddress } from './addresses.ts';
import { clusterParts } from './clusterSetup.ts';
import type { Fields } from './fields.ts';
import {
  checkDistinct, checkList, checkText, has, pathOf, readBoolean, readChoice, readInteger, readList, readName, readObject,
  readText, reject, valueOf,
} from './fields.ts';
import type {
  AskSentinels, ClusterPart, ClusterSetup, ConfigFileKeeping, Entrypoint, MachineSpec, ProcessKind, ProcessSpec, SlotRange, Topology,
} from './topology.ts';
import { TOPOLOGY_MACHINES_MAX, TOPOLOGY_PROCESSES_MAX, isClusterNode } from './topology.ts';

const ALIASES_MAX = 16;
const DIRECTIVES_MAX = 512;
const WORDS_MAX = 64;
const SENTINELS_MAX = 64;
const ENTRYPOINT_TRIES_MAX = 1000;
const ENTRYPOINT_MS_MAX = 3_600_000;
const WARNINGS_MAX = 256;
const PORT_MAX = 65535;
/** A year. */
const CLOCK_OFFSET_MS_MAX = 31_536_000_000;

export const validateTopology = (value: unknown, path: string): Topology => {
  const fields = readObject(value, path, ['name', 'machines', 'processes', 'cluster', 'warnings', 'notes']);
  const machines = readList(fields, 'machines', TOPOLOGY_MACHINES_MAX, readMachine);
  const processes = readList(fields, 'processes', TOPOLOGY_PROCESSES_MAX, readProcess);
  if (processes.length === 0) throw reject(fields, 'processes', 'must not be empty');
  checkDistinct(machines.map((machine) => machine.name), `${path}.machines`);
  checkDistinct(processes.map((process) => process.name), `${path}.processes`);
  checkAddresses(fields, machines);
  checkPlaces(fields, machines, processes);
  return {
    name: readText(fields, 'name'), machines, processes,
    ...(has(fields, 'cluster') ? { cluster: readCluster(fields, processes) } : {}),
    warnings: readList(fields, 'warnings', WARNINGS_MAX, checkText),
    ...(has(fields, 'notes') ? { notes: readList(fields, 'notes', WARNINGS_MAX, checkText) } : {}),
  };
};

/** Nodes stand on machines of their own, unless it is said who is what: redis-cli would move replicas about otherwise. */
const readCluster = (fields: Fields, processes: readonly ProcessSpec[]): ClusterSetup => {
  const path = pathOf(fields, 'cluster');
  const cluster = readObject(valueOf(fields, 'cluster'), path, ['create', 'replicas', 'parts']);
  const create = readList(cluster, 'create', TOPOLOGY_PROCESSES_MAX, checkText);
  const replicas = readInteger(cluster, 'replicas', 0, TOPOLOGY_PROCESSES_MAX);
  checkDistinct(create, `${path}.create`);
  const nodes = create.map((name) => {
    const node = processes.find((process) => process.name === name);
    if (node === undefined || !isClusterNode(node)) throw reject(cluster, 'create', `'${name}' is no process with cluster-enabled yes`);
    return node;
  });
  if (!has(cluster, 'parts')) checkDistinct(nodes.map(({ machine }) => machine), `${path}.create: machines`);
  if (!has(cluster, 'parts')) {
    clusterParts(create.length, replicas);
    return { create, replicas };
  }
  return { create, replicas, parts: readParts(cluster, create.length) };
};

/** One for each node; no slot is in two of them, and who follows follows a primary. */
const readParts = (cluster: Fields, nodes: number): readonly ClusterPart[] => {
  const taken = new Set<number>();
  const parts = readList(cluster, 'parts', TOPOLOGY_PROCESSES_MAX, (value, path): ClusterPart => {
    const fields = readObject(value, path, ['kind', 'slots', 'primary']);
    if (readChoice(fields, 'kind', ['primary', 'replica']) === 'replica') {
      return { kind: 'replica', primary: readInteger(fields, 'primary', 0, nodes - 1) };
    }
    return { kind: 'primary', slots: readList(fields, 'slots', SLOTS, (range, at) => readRange(range, at, taken)) };
  });
  if (parts.length !== nodes) throw reject(cluster, 'parts', `must have ${nodes} entries, one for each node`);
  for (const part of parts) {
    if (part.kind === 'replica' && parts[part.primary]?.kind !== 'primary') throw reject(cluster, 'parts', `${part.primary} is no primary`);
  }
  return parts;
};

const readRange = (value: unknown, path: string, taken: Set<number>): SlotRange => {
  const fields = readObject(value, path, ['first', 'last']);
  const first = readInteger(fields, 'first', 0, SLOTS - 1);
  const last = readInteger(fields, 'last', first, SLOTS - 1);
  for (let slot = first; slot <= last; slot++) {
    if (taken.has(slot)) throw reject(fields, 'first', `the slot ${slot} is given twice`);
    taken.add(slot);
  }
  return { first, last };
};

const readMachine = (value: unknown, path: string): MachineSpec => {
  const fields = readObject(value, path, ['name', 'zone', 'address', 'host', 'clockOffsetMs']);
  const address = readText(fields, 'address');
  if (!isAddress(address)) throw reject(fields, 'address', `'${address}' is not an IPv4 address`);
  return {
    name: readName(fields, 'name'), zone: readName(fields, 'zone'), address,
    ...(has(fields, 'host') ? { host: readName(fields, 'host') } : {}),
    ...(has(fields, 'clockOffsetMs')
      ? { clockOffsetMs: readInteger(fields, 'clockOffsetMs', -CLOCK_OFFSET_MS_MAX, CLOCK_OFFSET_MS_MAX) } : {}),
  };
};

const readProcess = (value: unknown, path: string): ProcessSpec => {
  const fields = readObject(value, path, [
    'name', 'kind', 'machine', 'port', 'aliases', 'directives', 'configFile', 'entrypoint', 'restart', 'persistentData',
    'origin']);
  const kind = readChoice(fields, 'kind', ['redis', 'sentinel']);
  return {
    name: readName(fields, 'name'),
    kind,
    machine: readName(fields, 'machine'),
    port: readInteger(fields, 'port', 1, PORT_MAX),
    aliases: readList(fields, 'aliases', ALIASES_MAX, checkText),
    directives: readDirectives(fields, kind),
    ...(has(fields, 'configFile') ? { configFile: readConfigFile(fields, kind) } : {}),
    ...(has(fields, 'entrypoint') ? { entrypoint: readEntrypoint(valueOf(fields, 'entrypoint'), pathOf(fields, 'entrypoint')) } : {}),
    restart: readChoice(fields, 'restart', ['no', 'always', 'on-failure', 'unless-stopped']),
    persistentData: readBoolean(fields, 'persistentData'),
    origin: readText(fields, 'origin'),
  };
};

/** A data node that is given `sentinel …` lines would not start: the kind is mistaken. */
const readDirectives = (fields: Fields, kind: ProcessKind): ProcessSpec['directives'] => {
  const directives = readList(fields, 'directives', DIRECTIVES_MAX, (item, at) => {
    const words = checkList(item, at, WORDS_MAX, checkText);
    if (words.length === 0) throw reject(fields, 'directives', 'must not hold an empty line');
    if (words.some((word) => !isBytes(word))) throw reject(fields, 'directives', 'must be of one-byte characters');
    return words;
  });
  if (kind === 'redis' && directives.some(([name]) => name?.toLowerCase() === 'sentinel')) {
    throw reject(fields, 'directives', "has 'sentinel' lines, but the kind is redis");
  }
  return directives;
};

const readConfigFile = (fields: Fields, kind: ProcessKind): ConfigFileKeeping => {
  const keeping = readChoice(fields, 'configFile', ['none', 'rewritten', 'set', 'kept']);
  if (kind === 'sentinel' && keeping === 'none') {
    throw reject(fields, 'configFile', 'must not be none: a sentinel does not start without a configuration file');
  }
  return keeping;
};

const readEntrypoint = (value: unknown, path: string): Entrypoint => {
  const fields = readObject(value, path, ['ask', 'waitForPrimaryMs']);
  const ask = valueOf(fields, 'ask');
  return {
    ask: ask === null ? null : readAsk(ask, pathOf(fields, 'ask')),
    waitForPrimaryMs: readInteger(fields, 'waitForPrimaryMs', 0, ENTRYPOINT_MS_MAX),
  };
};

const readAsk = (value: unknown, path: string): AskSentinels => {
  const fields = readObject(value, path, ['primaryName', 'sentinels', 'password', 'tries', 'pauseMs', 'otherwise']);
  const sentinels = readList(fields, 'sentinels', SENTINELS_MAX, (item, at) => {
    const text = checkText(item, at);
    const port = /^[^\s:]+:(\d{1,5})$/.exec(text)?.[1];
    if (port === undefined || Number(port) < 1 || Number(port) > PORT_MAX) {
      throw reject(fields, 'sentinels', `'${text}' is not a server (host:port)`);
    }
    return text;
  });
  if (sentinels.length === 0) throw reject(fields, 'sentinels', 'must not be empty');
  return {
    primaryName: readText(fields, 'primaryName'), sentinels,
    password: valueOf(fields, 'password') === null ? null : readText(fields, 'password'),
    tries: readInteger(fields, 'tries', 1, ENTRYPOINT_TRIES_MAX),
    pauseMs: readInteger(fields, 'pauseMs', 0, ENTRYPOINT_MS_MAX),
    otherwise: readChoice(fields, 'otherwise', ['exit', 'primary']),
  };
};

const checkAddresses = (fields: Fields, machines: readonly MachineSpec[]): void => {
  const taken = new Set<string>();
  for (const [index, { address }] of machines.entries()) {
    if (taken.has(address)) throw reject(fields, `machines[${index}].address`, `${address} is given twice`);
    taken.add(address);
  }
};

const checkPlaces = (fields: Fields, machines: readonly MachineSpec[], processes: readonly ProcessSpec[]): void => {
  const names = new Set(machines.map((machine) => machine.name));
  const ports = new Set<string>();
  for (const [index, process] of processes.entries()) {
    if (!names.has(process.machine)) {
      throw reject(fields, `processes[${index}].machine`, `'${process.machine}' is not a machine of this topology`);
    }
    const place = `${process.machine}:${process.port}`;
    if (ports.has(place)) throw reject(fields, `processes[${index}].port`, `${place} is taken by another process`);
    ports.add(place);
  }
};
