/**
 * A topology from a stranger's JSON, checked and bounded before anything runs from it.
 *
 * Always holds of the result: names are distinct, addresses are distinct IPv4 addresses, every process has its machine.
 */
import type { Fields } from './fields.ts';
import {
  checkDistinct, checkList, checkText, readBoolean, readChoice, readInteger, readList, readName, readObject, readText,
  reject,
} from './fields.ts';
import type { MachineSpec, ProcessSpec, Topology } from './topology.ts';
import { TOPOLOGY_MACHINES_MAX, TOPOLOGY_PROCESSES_MAX } from './topology.ts';

const ALIASES_MAX = 16;
const DIRECTIVES_MAX = 64;
const WARNINGS_MAX = 256;
const PORT_MAX = 65535;

export const validateTopology = (value: unknown, path: string): Topology => {
  const fields = readObject(value, path, ['name', 'machines', 'processes', 'warnings']);
  const machines = readList(fields, 'machines', TOPOLOGY_MACHINES_MAX, readMachine);
  const processes = readList(fields, 'processes', TOPOLOGY_PROCESSES_MAX, readProcess);
  if (processes.length === 0) throw reject(fields, 'processes', 'must not be empty');
  checkDistinct(machines.map((machine) => machine.name), `${path}.machines`);
  checkDistinct(processes.map((process) => process.name), `${path}.processes`);
  checkAddresses(fields, machines);
  checkPlaces(fields, machines, processes);
  return {
    name: readText(fields, 'name'), machines, processes,
    warnings: readList(fields, 'warnings', WARNINGS_MAX, checkText),
  };
};

const readMachine = (value: unknown, path: string): MachineSpec => {
  const fields = readObject(value, path, ['name', 'zone', 'address']);
  const address = readText(fields, 'address');
  const octets = address.split('.');
  const valid = octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  if (!valid) throw reject(fields, 'address', `'${address}' is not an IPv4 address`);
  return { name: readName(fields, 'name'), zone: readName(fields, 'zone'), address };
};

const readProcess = (value: unknown, path: string): ProcessSpec => {
  const fields = readObject(value, path, [
    'name', 'kind', 'machine', 'port', 'aliases', 'directives', 'restart', 'persistentData', 'origin']);
  return {
    name: readName(fields, 'name'),
    kind: readChoice(fields, 'kind', ['redis']),
    machine: readName(fields, 'machine'),
    port: readInteger(fields, 'port', 1, PORT_MAX),
    aliases: readList(fields, 'aliases', ALIASES_MAX, checkText),
    directives: readList(fields, 'directives', DIRECTIVES_MAX, (item, at) =>
      checkList(item, at, DIRECTIVES_MAX, checkText)),
    restart: readChoice(fields, 'restart', ['no', 'always', 'on-failure', 'unless-stopped']),
    persistentData: readBoolean(fields, 'persistentData'),
    origin: readText(fields, 'origin'),
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
