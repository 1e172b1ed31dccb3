/**
 * Which machine each container of a Compose file is: one of its own, which is what the network looks like from within, or that of another
 * whose network it uses. A label or a constraint says on which host it runs, beside others.
 *
 * Always holds: containers on one machine have one address, one zone and ports of their own; what the file says otherwise is an
 * error. Addresses that the file gives are kept, the others are numbered in the file's order.
 */
import { addressAt, isAddress } from './addresses.ts';
import { type ComposeNode, containerNames, portOf } from './composeNode.ts';
import type { ComposeReader } from './composeReader.ts';
import type { Directives } from './containers.ts';
import type { Placed } from './placed.ts';
import { type MachineSpec, TOPOLOGY_MACHINES_MAX } from './topology.ts';

const ZONE = 'zone-a';
/** The machine of everything with `network_mode: host`. */
const HOST = 'host';

export interface Machines {
  readonly machines: readonly MachineSpec[];
  /** By the names of containers. */
  readonly machineOf: ReadonlyMap<string, string>;
}

interface Draft {
  readonly name: string;
  host: string | null;
  zone: string | null;
  address: string | null;
  readonly ports: Map<number, string>;
}

export const placeContainers = (reader: ComposeReader, nodes: readonly ComposeNode[]): Machines => {
  const drafts = new Map<string, Draft>();
  const machineOf = new Map<string, string>();
  for (const node of nodes) {
    for (const container of containerNames(node.service)) {
      const name = machineName(reader, node, container, nodes);
      const draft = drafts.get(name) ?? { name, host: null, zone: null, address: null, ports: new Map<number, string>() };
      drafts.set(name, draft);
      if (drafts.size > TOPOLOGY_MACHINES_MAX) {
        throw reader.error(node.service.line, node.service.path, `more than ${TOPOLOGY_MACHINES_MAX} containers`);
      }
      settle(reader, node, container, draft);
      machineOf.set(container, name);
    }
  }
  settleHosts(reader, nodes, [...drafts.values()]);
  return { machines: withAddresses([...drafts.values()]), machineOf };
};

/** A host stands in one zone: whoever is on it and says none is in that. */
const settleHosts = (reader: ComposeReader, nodes: readonly ComposeNode[], drafts: readonly Draft[]): void => {
  for (const draft of drafts) {
    const { host } = draft;
    const zones = new Set(drafts.filter((one) => host !== null && one.host === host && one.zone !== null).map(({ zone }) => zone));
    const node = nodes.find(({ service }) => service.place.machine === host);
    if (zones.size > 1 && node !== undefined) {
      throw reader.error(node.service.line, node.service.path, `is on ${host ?? ''}, which would be in ${[...zones].join(' and in ')}`);
    }
    const [zone] = zones;
    draft.zone ??= zone ?? null;
  }
};

/** The machine that the container is on; it follows `network_mode: service:NAME` once, as Compose does. */
const machineName = (reader: ComposeReader, { service }: ComposeNode, container: string, nodes: readonly ComposeNode[]): string => {
  const { isOnHost, beside } = service.place;
  if (isOnHost) return HOST;
  if (beside === null) return container;
  const other = nodes.find((node) => node.service.name === beside.text);
  const [first] = other === undefined ? [] : containerNames(other.service);
  if (other === undefined || first === undefined) {
    throw reader.errorAt(beside, `'${beside.text}' is no service of this file that is deployed`);
  }
  if (other.service.place.beside !== null) throw reader.errorAt(beside, `'${beside.text}' has another service's network itself`);
  return machineName(reader, other, first, nodes);
};

const settle = (reader: ComposeReader, node: ComposeNode, container: string, draft: Draft): void => {
  const { service } = node;
  const { zone } = service.place;
  if (zone !== null && draft.zone !== null && zone !== draft.zone) {
    throw reader.error(
      service.line, service.path, `${container} is on ${draft.name}, which is in ${draft.zone}, and says it is in ${zone}`);
  }
  draft.zone ??= zone;
  draft.host ??= service.place.machine;
  const own = addressOf(reader, node) ?? announcedAddress(reader, node);
  if (own !== null && draft.address !== null && own.text !== draft.address) {
    throw reader.errorAt(own, `${draft.name} has the address ${draft.address} already: a machine has one here`);
  }
  draft.address ??= own?.text ?? null;
  const port = portOf(node);
  const other = draft.ports.get(port);
  if (other !== undefined) {
    throw reader.error(service.line, service.path,
      `${container} and ${other} are both on ${draft.name} and listen on ${port}: a machine has one address here`);
  }
  draft.ports.set(port, container);
};

const addressOf = (reader: ComposeReader, { service }: ComposeNode): Placed | null => {
  const [first] = service.addresses;
  if (first === undefined) return null;
  if (!isAddress(first.text)) throw reader.errorAt(first, `'${first.text}' is not an IPv4 address`);
  if (service.replicas > 1) throw reader.errorAt(first, `cannot be given to ${service.replicas} replicas`);
  return first;
};

/**
 * The address by which the container has others call it. Where it is none of its own, that is the host's, and Docker translates
 * it; here it is the container's, as long as the port is the same.
 */
const announcedAddress = (reader: ComposeReader, node: ComposeNode): Placed | null => {
  const { service } = node;
  const said = announcement(node);
  if (said === null || !isAddress(said.address)) return null;
  const placed = { line: service.line, key: service.path, text: said.address };
  if (service.replicas > 1) throw reader.errorAt(placed, `${said.address} is announced by ${service.replicas} containers`);
  if (said.port === null || said.port === portOf(node)) return placed;
  throw reader.errorAt(placed,
    `announces ${said.address}:${said.port}, and listens on ${portOf(node)}: ports are not translated here; `
    + 'let it listen on the port that it announces');
};

interface Announcement {
  readonly address: string;
  readonly port: number | null;
}

const announcement = (node: ComposeNode): Announcement | null => {
  if (node.kind === 'sentinel') {
    // Whom it watches changes nothing of what it announces.
    const lines = node.sentinel.configure('127.0.0.1', 1).filter(([word]) => word === 'sentinel').map((words) => words.slice(1));
    return announcedIn(lines, 'announce-ip', 'announce-port');
  }
  if (node.kind === 'cluster') return announcedIn(node.cluster.directives, 'cluster-announce-ip', 'cluster-announce-port');
  return announcedIn(node.redis.directives, 'replica-announce-ip', 'replica-announce-port');
};

const announcedIn = (lines: Directives, addressName: string, portName: string): Announcement | null => {
  const valueOf = (name: string): string | undefined => lines.findLast((words) => words[0] === name)?.[1];
  const [address, port] = [valueOf(addressName), valueOf(portName)];
  return address === undefined || address === '' ? null : { address, port: port === undefined || port === '0' ? null : Number(port) };
};

/** Those that have none get the first free ones. */
const withAddresses = (drafts: readonly Draft[]): readonly MachineSpec[] => {
  const taken = new Set(drafts.map(({ address }) => address));
  let index = 0;
  const next = (): string => {
    while (taken.has(addressAt(index))) index++;
    return addressAt(index++);
  };
  return drafts.map(({ name, host, zone, address }) => (
    { name, zone: zone ?? ZONE, address: address ?? next(), ...(host === null || host === name ? {} : { host }) }));
};

/** What was assumed where the file says nothing of machines; none where there is one container, or they are placed. */
export const placementNotes = (nodes: readonly ComposeNode[]): readonly string[] => {
  const isPlaced = nodes.some(({ service: { place } }) => place.machine !== null || place.zone !== null || place.isOnHost);
  if (isPlaced || nodes.reduce((sum, { service }) => sum + service.replicas, 0) < 2) return [];
  return ['each container is taken to be a machine of its own, in one zone; '
    + 'labels faultline.machine and faultline.zone, or check --place, say otherwise'];
};
