/**
 * Imports a cluster's nodes.conf: its nodes, whose slots are whose, and who follows whom; with the redis.conf of each node, or
 * one for all of them, where these are given.
 *
 * Always holds: the cluster that is made has the same slots in the same hands; identities and epochs are new. Slots under way
 * from one node to another are where they came from.
 *
 * Source: clusterLoadConfig and clusterGenNodesDescription in cluster.c of Redis 7.0, read for the format.
 */
import { SLOTS, roleOfWord } from '../../engine/index.ts';
import { addressAt, isAddress, isLoopback } from './addresses.ts';
import { type ConfServer, readConfServer } from './confServer.ts';
import type { DeploymentFile } from './deploymentFile.ts';
import { type Placed, asLine, placedError } from './placed.ts';
import { CONF_SIZE_MAX, lastValue } from './redisConf.ts';
import type { ClusterPart, MachineSpec, ProcessSpec, ReadText, SlotRange, Topology } from './topology.ts';
import { TOPOLOGY_MACHINES_MAX } from './topology.ts';
import { versionNotes } from './versionNotes.ts';

interface Node {
  readonly id: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  readonly flags: readonly string[];
  /** The ID of the one it follows; null: a primary. */
  readonly follows: string | null;
  readonly slots: readonly SlotRange[];
  readonly at: Placed;
}

const ZONE = 'zone-a';
const BUS_PORT_ABOVE = 10_000;
/** Nodes that the writer did not know in earnest. */
const UNKNOWN: readonly string[] = ['handshake', 'noaddr'];
/** A file for all nodes says these of one of them at most. */
const OWN: readonly string[] = ['port', 'bind', 'cluster-port'];

/** `files` are nodes.conf files of one cluster, the first of which is read; `confs` are redis.conf files. Throws `ScenarioError`. */
export const importNodesConf = (files: readonly DeploymentFile[], confs: readonly DeploymentFile[], read: ReadText): Topology => {
  const [first] = files;
  const warnings = new Set<string>();
  const warn = (warning: string): void => void warnings.add(asLine(warning));
  if (first === undefined) throw placedError({ line: 1, key: 'file' }, '', 'no nodes.conf is given');
  const nodes = ordered(readNodes(first, warn), first.file);
  for (const other of files.slice(1)) checkSameCluster(nodes, readNodes(other, warn), first.file, other.file);
  const names = new Set<string>();
  const servers = confs.map(({ file, text }) => {
    const server = readConfServer(file, text, read, names, warn);
    names.add(server.name);
    if (server.kind === 'sentinel') throw placedError({ line: 1, key: 'file' }, file, 'is of a sentinel, and a cluster has none');
    if (lastValue(server.lines, 'cluster-enabled')?.text !== 'yes') {
      throw placedError({ line: 1, key: 'cluster-enabled' }, file, `is not yes, but ${first.file} says that this is a node of a cluster`);
    }
    return server;
  });
  const machines = machinesOf(nodes);
  const processes = nodes.map((node): ProcessSpec => processOf(node, machines, servers, first.file));
  const parts = nodes.map((node): ClusterPart => (node.follows === null ? { kind: 'primary', slots: node.slots }
    : { kind: 'replica', primary: nodes.findIndex(({ id }) => id === node.follows) }));
  const followers = nodes.map(({ id }) => nodes.filter(({ follows }) => follows === id).length);
  return {
    name: first.file, machines: [...new Set(machines.values())], processes,
    cluster: { create: processes.map(({ name }) => name), replicas: Math.max(...followers), parts },
    warnings: [...warnings],
    notes: [
      ...versionNotes([{ product: 'redis', tag: '7.0' }]),
      'node IDs and epochs are new: only who has which slots, and who follows whom, is of the file',
      ...(confs.length === 0 ? ["no redis.conf is given: Redis's defaults hold"] : []),
    ],
  };
};

const readNodes = ({ file, text }: DeploymentFile, warn: (warning: string) => void): readonly Node[] => {
  if (text.length > CONF_SIZE_MAX) throw placedError({ line: 1, key: 'file' }, file, `larger than ${CONF_SIZE_MAX} characters`);
  const nodes: Node[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === '' || words[0] === 'vars') continue;
    const node = readNode(words, { file, line: index + 1, key: (words[0] ?? '').slice(0, 12), text: line }, warn);
    if (node === null) continue;
    if (nodes.some(({ id }) => id === node.id)) throw placedError(node.at, file, 'is listed twice');
    if (nodes.length === TOPOLOGY_MACHINES_MAX) throw placedError(node.at, file, `more than ${TOPOLOGY_MACHINES_MAX} nodes`);
    nodes.push(node);
  }
  return nodes;
};

/** Null: a node that nobody could speak to. */
const readNode = (words: readonly string[], at: Placed, warn: (warning: string) => void): Node | null => {
  const [id = '', address = '', flagText = '', primary = ''] = words;
  const file = at.file ?? '';
  const [, host = '', port = '', busPort = '', hostname = ''] = /^(.*):(\d{1,5})@(\d{1,5})(?:,([^,]*))?/.exec(address) ?? [];
  if (!/^[0-9a-f]{40}$/.test(id) || port === '' || words.length < 8) throw placedError(at, file, 'is not a line of a nodes.conf');
  const flags = flagText.split(',');
  const role = flags.map(roleOfWord).find((word) => word !== null);
  if (flags.some((flag) => UNKNOWN.includes(flag)) || role === undefined) {
    warn(`${file}:${at.line}: ${at.key}: is ${flagText}, and is left out`);
    return null;
  }
  if (Number(busPort) !== Number(port) + BUS_PORT_ABOVE) {
    throw placedError(at, file, `the bus port ${busPort} is not ${port} + ${BUS_PORT_ABOVE}: not built yet`);
  }
  if (flags.includes('fail') || flags.includes('fail?')) warn(`${file}:${at.line}: ${at.key}: was down (${flagText}), and runs here`);
  if (role === 'replica' && !/^[0-9a-f]{40}$/.test(primary)) throw placedError(at, file, 'is a replica, and follows nobody');
  return {
    id, host, hostname, port: Number(port), flags, follows: role === 'replica' ? primary : null, at,
    slots: words.slice(8).flatMap((word) => slotRange(word, at, warn)),
  };
};

const slotRange = (word: string, at: Placed, warn: (warning: string) => void): readonly SlotRange[] => {
  if (word.startsWith('[')) {
    warn(`${at.file}:${at.line}: ${at.key}: the slot ${word} was under way, and is not here`);
    return [];
  }
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || first > last || last >= SLOTS) throw placedError(at, at.file ?? '', `'${word}' is no range of slots`);
  return [{ first, last }];
};

/** Primaries in the order of their slots, then the replicas. A cluster serves only when every slot has one owner. */
const ordered = (nodes: readonly Node[], file: string): readonly Node[] => {
  const owner = new Map<number, Node>();
  for (const node of nodes) {
    if (node.follows !== null && nodes.find(({ id }) => id === node.follows)?.follows !== null) {
      throw placedError(node.at, file, `follows ${node.follows.slice(0, 12)}, which is no primary of this file`);
    }
    for (const { first, last } of node.slots) {
      for (let slot = first; slot <= last; slot++) {
        const other = owner.get(slot);
        if (other !== undefined) throw placedError(node.at, file, `the slot ${slot} is that of ${other.at.key} too`);
        owner.set(slot, node);
      }
    }
  }
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!owner.has(slot)) {
      throw placedError({ line: 1, key: 'slots' }, file, `the slot ${slot} is nobody's: such a cluster does not come up`);
    }
  }
  const place = ({ slots }: Node): number => slots[0]?.first ?? SLOTS;
  return [...nodes].sort((one, other) => Number(one.follows !== null) - Number(other.follows !== null)
    || place(one) - place(other) || (one.id < other.id ? -1 : 1));
};

const checkSameCluster = (nodes: readonly Node[], others: readonly Node[], file: string, otherFile: string): void => {
  const stranger = others.find(({ id }) => !nodes.some((node) => node.id === id));
  if (stranger !== undefined) throw placedError(stranger.at, otherFile, `is not in ${file}: the two are not of one cluster`);
};

/** By the hosts of the nodes; a host that is empty or the loopback is the machine of whoever wrote the file. */
const machinesOf = (nodes: readonly Node[]): ReadonlyMap<string, MachineSpec> => {
  const machines = new Map<string, MachineSpec>();
  const taken = new Set(nodes.map(({ host }) => host));
  let index = 0;
  for (const { host } of nodes) {
    const isOwn = host === '' || isLoopback(host);
    const key = isOwn ? '' : host;
    if (machines.has(key)) continue;
    while (taken.has(addressAt(index))) index++;
    const isGiven = !isOwn && isAddress(host);
    machines.set(key, { name: isOwn ? 'localhost' : nameOf(host), zone: ZONE, address: isGiven ? host : addressAt(index) });
    if (!isGiven) index++;
  }
  return machines;
};

const nameOf = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 63);

const processOf = (node: Node, machines: ReadonlyMap<string, MachineSpec>, servers: readonly ConfServer[], file: string): ProcessSpec => {
  const { host, hostname, port } = node;
  const machine = machines.get(isLoopback(host) ? '' : host) ?? machines.get('');
  const isShared = servers.length === 1;
  const server = isShared ? servers[0]
    : servers.find((one) => one.port === port && (one.addresses.length === 0 || one.addresses.includes(host)));
  if (servers.length > 1 && server === undefined) {
    throw placedError(node.at, file, `none of the given redis.conf files is that of ${host}:${port}`);
  }
  const lines = server?.lines ?? [];
  const own = isShared ? lines.filter(({ words: [name = ''] }) => !OWN.includes(name) && !/announce/.test(name))
    : lines.filter(({ words: [name] }) => name !== 'port');
  const name = hostname === '' ? `${machine?.name ?? 'node'}-${port}` : hostname;
  return {
    name: nameOf(name), kind: 'redis', machine: machine?.name ?? '', port, aliases: [],
    directives: [
      ['port', String(port)], ...own.map(({ words }) => words).filter(([word]) => word !== 'cluster-enabled'), ['cluster-enabled', 'yes'],
    ],
    configFile: 'kept', restart: 'no', persistentData: true, origin: server === undefined ? file : `${file}, ${server.file}`,
  };
};
