/**
 * Imports redis.conf and sentinel.conf files that belong together: each is a server, and whom they name decides who follows and
 * who watches whom.
 *
 * Always holds: every `replicaof` and `sentinel monitor` leads to a server whose file was given; what real servers would refuse
 * each other (a wrong password, protected mode) is an error; what they were told of others, whose files were not given, is left
 * out with a warning. On a single machine 127.0.0.1 is written as the machine's address, so that clients beside it find it.
 *
 * Source: redis.conf and sentinel.conf of Redis 7.0; networking.c (acceptCommonHandler) for protected mode.
 */
import { isLoopback } from './addresses.ts';
import { type ConfMachines, placeServers } from './confMachines.ts';
import { type ConfServer, type Reference, readConfServer } from './confServer.ts';
import { CLUSTER_PRIMARIES_MIN } from './clusterSetup.ts';
import type { DeploymentFile } from './deploymentFile.ts';
import { type Placed, asLine, placeOf, placedError } from './placed.ts';
import { type ConfLine, lastValue } from './redisConf.ts';
import type { ClusterSetup, ProcessSpec, ReadText, Topology } from './topology.ts';
import { TOPOLOGY_MACHINES_MAX } from './topology.ts';
import { versionNotes } from './versionNotes.ts';

const VERSION = { product: 'redis', tag: '7.0' } as const;

/** Throws `ScenarioError`. The topology goes by the name of the first file. */
export const importConf = (files: readonly DeploymentFile[], read: ReadText): Topology => {
  const warnings = new Set<string>();
  const warn = (warning: string): void => void warnings.add(asLine(warning));
  const servers: ConfServer[] = [];
  for (const { file, text } of files) {
    if (servers.length === TOPOLOGY_MACHINES_MAX) {
      throw placedError({ line: 1, key: 'file' }, file, `more than ${TOPOLOGY_MACHINES_MAX} files`);
    }
    servers.push(readConfServer(file, text, read, new Set(servers.map(({ name }) => name)), warn));
  }
  const placed = placeServers(servers, warn);
  checkPlaces(servers, placed);
  warnOfSharedFiles(servers, placed, warn);
  for (const server of servers) for (const reference of server.references) checkReference(server, reference, placed, warn);
  checkCircles(servers, placed);
  checkSentinels(servers, warn);
  const cluster = clusterOf(servers, warn);
  return {
    name: files[0]?.file ?? '', machines: placed.machines,
    processes: servers.map((server) => processOf(server, placed)),
    ...(cluster === null ? {} : { cluster }), warnings: [...warnings], notes: notesOf(servers, placed),
  };
};

const notesOf = (servers: readonly ConfServer[], { machines }: ConfMachines): readonly string[] => [
  ...versionNotes([VERSION]),
  'nobody starts a server again that ended: the files name no service manager',
  ...(servers.length > 1 && machines.length === 1
    ? ['all servers are on one machine, as their addresses say; 127.0.0.1 stands for it'] : []),
];

const processOf = (server: ConfServer, placed: ConfMachines): ProcessSpec => {
  const machine = placed.machineOf.get(server);
  const isAlone = placed.machines.length === 1;
  const left = new Set(server.references.filter((reference) => placed.meantBy.get(reference) === null).map(({ at }) => at));
  const directives = server.lines.filter(({ at }) => !left.has(at)).filter(({ words: [name] }) => !isAlone || name !== 'bind')
    .map(({ words }) => (isAlone ? words.map((word, index) => (index > 0 && isLoopback(word) ? machine?.address ?? word : word)) : words));
  return {
    name: server.name, kind: server.kind, machine: machine?.name ?? server.name, port: server.port,
    aliases: [...new Set(placed.aliasesOf.get(server) ?? [])].filter((alias) => alias !== server.name),
    directives, configFile: 'kept', restart: 'no', persistentData: true, origin: server.file,
  };
};

const checkPlaces = (servers: readonly ConfServer[], { machineOf }: ConfMachines): void => {
  const taken = new Map<string, ConfServer>();
  for (const server of servers) {
    const machine = machineOf.get(server)?.name ?? '';
    const other = taken.get(`${machine}:${server.port}`);
    const at = server.lines.findLast(({ words: [name] }) => name === 'port')?.at ?? { line: 1, key: 'port' };
    if (other !== undefined) throw placedError(at, server.file, `${server.port} is the port of ${other.file} too, on the same machine`);
    taken.set(`${machine}:${server.port}`, server);
  }
};

/** Two servers that write the same files on one machine would destroy each other's; here each has a directory of its own. */
const warnOfSharedFiles = (servers: readonly ConfServer[], { machineOf }: ConfMachines, warn: (warning: string) => void): void => {
  const owners = new Map<string, ConfServer>();
  for (const server of servers) {
    const directory = lastValue(server.lines, 'dir');
    if (server.kind === 'sentinel' || directory === null || !directory.text.startsWith('/')) continue;
    const path = `${directory.text.replace(/\/$/, '')}/${lastValue(server.lines, 'dbfilename')?.text ?? 'dump.rdb'}`;
    const key = `${machineOf.get(server)?.name}:${path}`;
    const other = owners.get(key);
    if (other !== undefined) {
      warn(`${placeOf(directory, server.file)}: ${path} is that of ${other.file} too, on the same machine; each has its own here`);
    }
    owners.set(key, other ?? server);
  }
};

/** What the one who names would hear from the one that is named. */
const checkReference = (
  server: ConfServer, reference: Reference, { meantBy, machineOf }: ConfMachines, warn: (warning: string) => void,
): void => {
  const { at, host, port, kind } = reference;
  const meant = meantBy.get(reference) ?? null;
  if (meant === null) {
    warn(`${placeOf(at, server.file)}: ${host}:${port} is none of the given files, and is left out`);
    return;
  }
  if (kind === 'peer') return;
  if (meant.kind === 'sentinel') throw placedError(at, server.file, `${host}:${port} is ${meant.file}, a sentinel, which has no data`);
  const wanted = lastValue(meant.lines, 'requirepass');
  const said = kind === 'follows' ? lastValue(server.lines, 'masterauth') : watchPassword(server.lines, at);
  const what = kind === 'follows' ? 'masterauth' : 'sentinel auth-pass';
  if (wanted !== null && said === null) throw placedError(at, server.file, `${meant.file} wants a password, and no line says ${what}`);
  if (wanted !== null && said?.text !== wanted.text) throw placedError(said ?? at, server.file, `is not the password of ${meant.file}`);
  if (wanted === null && said !== null) throw placedError(said, server.file, `is given, but ${meant.file} has no password`);
  if (isLoopback(host)) return;
  if (meant.loopbackOnly !== null && machineOf.get(meant) !== machineOf.get(server)) {
    throw placedError(meant.loopbackOnly, meant.file, `listens on the loopback alone, and ${server.file} is on another machine`);
  }
  const mode = meant.lines.findLast(({ words: [name] }) => name === 'protected-mode');
  if (mode?.words[1] !== 'no' && wanted === null) {
    throw placedError(mode?.at ?? { file: meant.file, line: 1, key: 'protected-mode' }, meant.file,
      `is on${mode === undefined ? ' by default' : ''}, and there is no password: `
      + `it refuses whoever does not come over the loopback, ${server.file} among them`);
  }
};

/** `sentinel auth-pass` of the primary that the line at `monitor` names. */
const watchPassword = (lines: readonly ConfLine[], monitor: Placed): Placed | null => {
  const name = lines.find(({ at }) => at === monitor)?.words[2];
  const line = lines.findLast(({ words }) => words[0] === 'sentinel' && words[1]?.toLowerCase() === 'auth-pass' && words[2] === name);
  return line === undefined ? null : { ...line.at, text: line.words[3] ?? '' };
};

const checkCircles = (servers: readonly ConfServer[], { meantBy }: ConfMachines): void => {
  for (const server of servers) {
    let current = server;
    for (let steps = 0; steps <= servers.length; steps++) {
      const follows = current.references.find(({ kind }) => kind === 'follows');
      const next = follows === undefined ? null : meantBy.get(follows) ?? null;
      if (next === null) break;
      const own = server.references.find(({ kind }) => kind === 'follows');
      if (steps === servers.length && own !== undefined) throw placedError(own.at, server.file, 'leads in a circle, to no primary');
      current = next;
    }
  }
};

interface Watching {
  readonly server: ConfServer;
  readonly name: string;
  readonly quorum: string;
  readonly at: Placed;
}

/** Sentinels under one ID pass for one; a quorum that is never reached is a warning. */
const checkSentinels = (servers: readonly ConfServer[], warn: (warning: string) => void): void => {
  const ids = new Map<string, ConfServer>();
  const watching = servers.flatMap((server) => server.lines.flatMap(({ words, at }): readonly Watching[] => {
    const [first, second = '', third = '', , , quorum = ''] = words;
    if (first === 'sentinel' && second.toLowerCase() === 'myid') {
      const other = ids.get(third);
      if (other !== undefined) throw placedError(at, server.file, `is the ID of ${other.file} too: they would pass for one sentinel`);
      ids.set(third, server);
    }
    return first === 'sentinel' && second.toLowerCase() === 'monitor' ? [{ server, name: third, quorum, at }] : [];
  }));
  for (const { server, name, quorum, at } of watching) {
    const all = watching.filter((one) => one.name === name);
    const other = all.find((one) => one.quorum !== quorum);
    if (other !== undefined && all[0]?.server !== server) {
      warn(`${placeOf(at, server.file)}: the quorum is ${quorum}, but ${other.server.file} says ${other.quorum}`);
    }
    if (Number(quorum) > all.length) {
      const who = all.length === 1 ? '1 sentinel watches' : `${all.length} sentinels watch`;
      warn(`${placeOf(at, server.file)}: the quorum is ${quorum}, but ${who} ${name}: they can never agree that it is down`);
    }
  }
};

/** Cluster nodes without a nodes.conf are taken to be made a cluster by hand. */
const clusterOf = (servers: readonly ConfServer[], warn: (warning: string) => void): ClusterSetup | null => {
  const nodes = servers.filter(({ lines }) => lastValue(lines, 'cluster-enabled')?.text === 'yes');
  const [first] = nodes;
  if (first === undefined) return null;
  const at = first.lines.findLast(({ words: [name] }) => name === 'cluster-enabled')?.at ?? { line: 1, key: 'cluster-enabled' };
  const other = servers.find((server) => !nodes.includes(server));
  if (other !== undefined) {
    throw placedError({ line: 1, key: 'cluster-enabled' }, other.file, `is not said here, but ${first.file} is a node of a cluster`);
  }
  if (nodes.length < CLUSTER_PRIMARIES_MIN) {
    throw placedError(at, first.file,
      `a cluster needs ${CLUSTER_PRIMARIES_MIN} primaries, and there are ${nodes.length} nodes; a nodes.conf says who the others are`);
  }
  const replicas = nodes.length >= 2 * CLUSTER_PRIMARIES_MIN && nodes.length % 2 === 0 ? 1 : 0;
  warn(`${placeOf(at, first.file)}: taken to be made a cluster of ${nodes.length} nodes with ${replicas} replicas for each primary; `
    + 'a nodes.conf says otherwise');
  return { create: nodes.map(({ name }) => name), replicas };
};
