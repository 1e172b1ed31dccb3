/**
 * Which machines the servers of some configuration files stand on, and who is meant by an address in them: told from what the
 * files say they listen on and announce, then from whom they name.
 *
 * Always holds: two servers are on one machine where one of them names the other by the loopback, or both say the same address;
 * an address that no file says is taken for the one server that can be meant, with a warning; else it is an error.
 */
import { addressAt, isAddress, isLoopback } from './addresses.ts';
import type { ConfServer, Reference } from './confServer.ts';
import { placeOf, placedError } from './placed.ts';
import type { MachineSpec } from './topology.ts';

const ZONE = 'zone-a';

export interface ConfMachines {
  readonly machines: readonly MachineSpec[];
  readonly machineOf: ReadonlyMap<ConfServer, MachineSpec>;
  /** Names by which others call it. */
  readonly aliasesOf: ReadonlyMap<ConfServer, readonly string[]>;
  /** Null: it means nobody whose file was given. */
  readonly meantBy: ReadonlyMap<Reference, ConfServer | null>;
}

/** Servers that share a machine, and every address that is known of it. */
interface Group {
  readonly servers: ConfServer[];
  readonly addresses: Set<string>;
}

export const placeServers = (servers: readonly ConfServer[], warn: (warning: string) => void): ConfMachines => {
  const groups = groupByAddress(servers);
  joinByLoopback(servers, groups);
  const inferred = new Map<string, ConfServer>();
  const meantBy = new Map<Reference, ConfServer | null>();
  for (const server of servers) {
    for (const reference of server.references) {
      const meant = meantIn(server, reference, servers, groups, inferred, warn);
      if (meant === null && reference.kind !== 'peer') {
        throw placedError(reference.at, server.file,
          `${reference.host}:${reference.port} is none of the given files (${listOf(servers)})`);
      }
      if (meant === server) throw placedError(reference.at, server.file, `${reference.host}:${reference.port} is the server itself`);
      meantBy.set(reference, meant);
    }
  }
  const aliasesOf = new Map(servers.map((server) => [server, [
    ...server.names, ...[...inferred].filter(([host, other]) => other === server && !isAddress(host)).map(([host]) => host),
  ]]));
  return { ...machinesOf(groups), aliasesOf, meantBy };
};

const listOf = (servers: readonly ConfServer[]): string => servers.map(({ name, port }) => `${name} on port ${port}`).join(', ');

/** Each server has a machine of its own, unless two say the same address. */
const groupByAddress = (servers: readonly ConfServer[]): Group[] => {
  const groups: Group[] = [];
  for (const server of servers) {
    const group = groups.find(({ addresses }) => server.addresses.some((address) => addresses.has(address)));
    if (group === undefined) groups.push({ servers: [server], addresses: new Set(server.addresses) });
    else {
      group.servers.push(server);
      for (const address of server.addresses) group.addresses.add(address);
    }
  }
  return groups;
};

const groupOf = (groups: readonly Group[], server: ConfServer): Group => {
  const group = groups.find(({ servers }) => servers.includes(server));
  if (group === undefined) throw placedError({ line: 1, key: 'file' }, server.file, 'is on no machine');
  return group;
};

/** 127.0.0.1 is the machine of whoever says it, where a server there has that port. */
const joinByLoopback = (servers: readonly ConfServer[], groups: Group[]): void => {
  for (const server of servers) {
    for (const { host, port } of server.references) {
      if (!isLoopback(host)) continue;
      const own = groupOf(groups, server);
      if (own.servers.some((other) => other !== server && other.port === port)) continue;
      // Files that say where they are elsewhere cannot be meant.
      const [other, second] = servers.filter((one) => one !== server && one.port === port
        && (own.addresses.size === 0 || groupOf(groups, one).addresses.size === 0));
      if (other === undefined || second !== undefined) continue;
      join(groups, own, groupOf(groups, other));
    }
  }
};

const join = (groups: Group[], own: Group, other: Group): void => {
  if (own === other) return;
  own.servers.push(...other.servers);
  for (const address of other.addresses) own.addresses.add(address);
  groups.splice(groups.indexOf(other), 1);
};

const meantIn = (
  server: ConfServer, reference: Reference, servers: readonly ConfServer[], groups: readonly Group[],
  inferred: Map<string, ConfServer>, warn: (warning: string) => void,
): ConfServer | null => {
  const { host, port, at, kind } = reference;
  if (isLoopback(host)) return groupOf(groups, server).servers.find((other) => other.port === port) ?? null;
  const stated = servers.find((other) => other.port === port && (groupOf(groups, other).addresses.has(host)
    || other.names.includes(host) || other.name === host)) ?? null;
  if (stated !== null) return stated;
  const known = inferred.get(host);
  if (known !== undefined) return groupOf(groups, known).servers.find((other) => other.port === port) ?? null;
  // Nobody says that address: it can only be one that does not say where it is.
  const open = servers.filter((other) => other !== server && other.port === port && other.kind === wantedKind(reference)
    && (groupOf(groups, other).addresses.size === 0 || !isAddress(host)) && ![...inferred.values()].includes(other));
  const primaries = open.filter(({ references }) => !references.some((one) => one.kind === 'follows'));
  const candidates = kind === 'peer' || open.length === 1 ? open : primaries;
  const [meant, second] = candidates;
  if (meant === undefined) return null;
  if (second !== undefined) {
    if (kind === 'peer') return null;
    throw placedError(
      at, server.file, `${host}:${port} may be ${candidates.map(({ name }) => name).join(' or ')}: give them bind or replica-announce-ip`);
  }
  inferred.set(host, meant);
  if (isAddress(host)) groupOf(groups, meant).addresses.add(host);
  warn(`${placeOf(at, server.file)}: ${host}:${port} is taken to be ${meant.name} (${meant.file}), which does not say where it is`);
  return meant;
};

const wantedKind = ({ kind, at }: Reference): ConfServer['kind'] =>
  (kind === 'peer' && /known-sentinel/i.test(at.text) ? 'sentinel' : 'redis');

/** The first address that is known of a machine is its address; those without one get the first free ones. */
const machinesOf = (groups: readonly Group[]): Pick<ConfMachines, 'machines' | 'machineOf'> => {
  const taken = new Set(groups.flatMap(({ addresses }) => [...addresses]));
  let index = 0;
  const next = (): string => {
    while (taken.has(addressAt(index))) index++;
    return addressAt(index++);
  };
  const machineOf = new Map<ConfServer, MachineSpec>();
  const machines = groups.map(({ servers, addresses }) => {
    const [first] = servers;
    const [given] = addresses;
    const address = given ?? next();
    const name = servers.length === 1 && first !== undefined ? first.name : groups.length === 1 ? 'localhost' : address;
    const machine: MachineSpec = { name, zone: ZONE, address };
    for (const server of servers) machineOf.set(server, machine);
    return machine;
  });
  return { machines, machineOf };
};
