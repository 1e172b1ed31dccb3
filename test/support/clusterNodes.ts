/**
 * Nodes of a cluster as processes, for tests: real ones and ours. Their ports leave room for the bus, which stands 10000 above.
 */
import { type ServerKind, type ServerProcess, eventually, freePort, isFree, startServerProcess } from './redisServer.ts';

const BUS_OFFSET = 10_000;

export interface ClusterProcess extends ServerProcess {
  readonly kind: ServerKind;
  readonly name: string;
}

const DIRECTIVES: readonly string[] = [
  '--cluster-enabled', 'yes', '--cluster-node-timeout', '5000', '--repl-diskless-sync-delay', '0', '--hz', '50',
];

/** A free port whose bus port is free too. */
const freeNodePort = async (): Promise<number> => {
  for (;;) {
    const port = await freePort();
    if (await isFree(port + BUS_OFFSET)) return port;
  }
};

/** `ownPlace` is where another node was, or will be: its directory is not removed. */
export const startNode = async (
  kind: ServerKind, directives: readonly string[] = [], ownPlace: { readonly port?: number; readonly directory: string } | null = null,
): Promise<ClusterProcess> => {
  const port = ownPlace?.port ?? await freeNodePort();
  const server = await startServerProcess(kind, [...DIRECTIVES, ...directives], [], [], port, ownPlace?.directory ?? null);
  return { ...server, kind, name: server.cli('CLUSTER', 'MYID') };
};

/** The other kind of node starts on the files and the port of this one, which saves its data and ends. */
export const changeKind = async (node: ClusterProcess, directives: readonly string[]): Promise<ClusterProcess> => {
  node.cli('SAVE');
  await node.stop('SIGTERM');
  return startNode(node.kind === 'redis' ? 'faultline' : 'redis', directives, node);
};

/** Starts the nodes, all at once, and stops every one, however `use` ends. */
export const withNodes = async (
  kinds: readonly ServerKind[], use: (nodes: readonly ClusterProcess[]) => Promise<void>, directives: readonly string[] = [],
): Promise<void> => {
  const results = await Promise.allSettled(kinds.map((kind) => startNode(kind, directives)));
  const nodes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await use(nodes);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
};

/** Until each of them serves, and knows of so many nodes. */
export const untilServing = async (nodes: readonly ClusterProcess[], known: number): Promise<void> => {
  for (const node of nodes) {
    await eventually(() => node.cli('CLUSTER', 'INFO'),
      (info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${known}\r`));
  }
};

export const SLOTS = 16_384;

/** Primaries that share the slots, made into a cluster command by command; faster than `redis-cli --cluster create`. */
export const makeCluster = async (nodes: readonly ClusterProcess[]): Promise<void> => {
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [index, node] of nodes.entries()) {
    node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    node.cli('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(Math.min(SLOTS, (index + 1) * share) - 1));
    if (index > 0) nodes[0]?.cli('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
  }
  await untilServing(nodes, nodes.length);
};
